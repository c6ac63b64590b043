"""The pools of a market beside its orders, over the tokens of a programme: what each takes at given prices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy.sparse import csc_array, hstack
from walras.wire import AnyPool

from walras_solvers.kernels.flow_average import stretches, taken, trades_at
from walras_solvers.kernels.flow_edges import SPOT
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.routed import router_of
from walras_solvers.kernels.singles import Floats, Ints

_TINY = 1e-300
#: In how many straight parts the fill programme sees a pool's curve.
PARTS = 8
#: How many pairs of a pool's tokens the fill programme chooses from.
_PAIRS = 4


@dataclass(frozen=True, slots=True)
class Flow:
    """A pool that beats the prices: ``amount`` atoms of the token of index ``into`` earn exactly them.

    The parts of it earn less and less: ``inputs`` and ``outputs`` are atoms a part.
    """

    pool: str
    edge: int
    into: int
    out: int
    amount: float
    inputs: Floats
    outputs: Floats


@dataclass(frozen=True, slots=True)
class Through:
    """The edges that a settlement passes, the index of the token that goes into each, and what they may lack.

    ``yielding`` is the part of its input's value by which a pool may pay less.
    """

    into: Mapping[int, int]
    yielding: float

    def flows(self, outside: Outside, prices: Floats) -> list[Flow]:
        """What these edges take at ``prices``."""
        edges, network = np.array(sorted(self.into), dtype=np.int64), outside.network
        i, j = (outside.number[network.link[edges, side]] for side in (0, 1))
        into = np.array([self.into[edge] for edge in sorted(self.into)], dtype=np.int64)
        rates = prices[into] / prices[np.where(into == i, j, i)] * (1 - self.yielding)
        amounts, earned = np.zeros(len(edges)), np.zeros(len(edges))
        tables = network.link, network.curve, network.ranges
        trades_at(edges, (into == i).astype(np.int64), rates, *tables, amounts, earned)
        return replace(outside, edges=edges).split(np.where(into == i, amounts, -amounts), prices)


@dataclass(frozen=True, slots=True)
class Use:
    """What a solution puts through a pool."""

    token_in: str
    token_out: str
    atoms: float


@dataclass(frozen=True, slots=True)
class Outside:
    """Every two tokens of a pool that are both among a programme's; ``number`` is a token's index there."""

    network: Network
    edges: Ints
    number: Ints

    @classmethod
    def of(cls, pools: Mapping[str, AnyPool], at: Mapping[str, int]) -> Outside:
        """The pools over the tokens of ``at``."""
        network = router_of(pools).network
        number = np.array([at.get(token, -1) for token in network.tokens], dtype=np.int64)
        known = (number[network.link[:, :2]] >= 0).all(axis=1) if len(number) else np.zeros(0, dtype=bool)
        return cls(network, np.flatnonzero(known), number)

    def known(self, prices: Floats) -> Floats:
        """Prices by the network's numbers; tokens that the programme does not know get one that no edge here uses."""
        numbered: Floats = np.where(self.number >= 0, prices[self.number], 1.0)
        return numbered

    def flows(self, prices: Floats, least: float = 0.0) -> list[Flow]:
        """The pools that beat ``prices`` and move more value than ``least``.

        Those with most to gain come first. One of more than two tokens may be there with several pairs of them.
        """
        network, amounts = self.network, np.zeros(len(self.edges))
        taken(self.edges, self.known(prices), network.link, network.curve, network.ranges, amounts)
        return self.split(amounts, prices, least)

    def split(self, amounts: Floats, prices: Floats, least: float = 0.0) -> list[Flow]:
        """The edges' ``amounts``, of i where positive and of j where negative, in their parts; see :meth:`flows`."""
        network = self.network
        i, j = (self.number[network.link[self.edges, side]] for side in (0, 1))
        into, out = np.where(amounts > 0, i, j), np.where(amounts > 0, j, i)
        amounts[~(np.isfinite(amounts) & (np.abs(amounts) * prices[into] > least))] = 0.0
        inputs, outputs = np.zeros((len(amounts), PARTS)), np.zeros((len(amounts), PARTS))
        stretches(self.edges, amounts, network.link, network.curve, network.ranges, inputs, outputs)
        gains = np.cumsum(outputs * prices[out, None] - inputs * prices[into, None], axis=1).max(axis=1)
        passed, found = dict[int, int](), []
        for place in np.argsort(-gains, kind="stable").tolist():
            pool = int(network.link[self.edges[place], 3])
            if amounts[place] and passed.setdefault(pool, 0) < _PAIRS:
                passed[pool] += 1
                edge, ends = int(self.edges[place]), (int(into[place]), int(out[place]))
                amount = abs(float(amounts[place]))
                found.append(Flow(network.names[pool], edge, *ends, amount, inputs[place], outputs[place]))
        return found

    def narrowed(self, prices: Floats, used: Sequence[Flow], closed: Collection[str]) -> Outside:
        """The same with one pair a pool: that of ``used``, or the one that has most to gain at ``prices``."""
        pools = self.network.link[:, 3]
        several = np.bincount(pools[self.edges], minlength=len(self.network.names)) > 1
        chosen = {flow.pool: flow.edge for flow in (*reversed(self.flows(prices)), *used)}
        kept = [
            e for e in self.edges.tolist() if not several[pools[e]] or chosen.get(self.network.names[pools[e]]) == e
        ]
        return Outside(self.network, np.array(kept, dtype=np.int64), self.number)


def spot_ratios(pools: Mapping[str, AnyPool]) -> list[tuple[str, str, float]]:
    """(token, other token, log price of the one less that of the other) of every two tokens of a pool."""
    network = router_of(pools).network
    return [
        (network.tokens[i], network.tokens[j], log(float(network.curve[e, SPOT])))
        for e, (i, j, *_) in enumerate(network.link.tolist())
    ]


def on_the_way(pools: Mapping[str, AnyPool], ends: Collection[str]) -> set[str]:
    """The tokens beside ``ends`` that pools could carry value through: it takes two of them, as each is passed once."""
    held = [set(pool.tokens) for pool in pools.values()]
    tokens = {token for pool in held for token in pool} - set(ends)
    while True:
        count = dict.fromkeys(tokens, 0)
        for pool in held:
            for token in (pool & tokens) if len(pool & (tokens | set(ends))) > 1 else ():
                count[token] += 1
        alone = {token for token in tokens if count[token] < 2}
        if not alone:
            return tokens
        tokens -= alone


def doubled(flows: Sequence[Flow], values: Sequence[float]) -> set[int]:
    """Places of flows that share a pool with one that moves more value: a settlement passes each pool once."""
    first: dict[str, int] = {}
    for place in sorted(range(len(flows)), key=lambda place: (-values[place], place)):
        if values[place] > 0.0:
            first.setdefault(flows[place].pool, place)
    return {place for place, flow in enumerate(flows) if first.get(flow.pool, place) != place}


def circles_of(uses: Mapping[str, Use], worth: Mapping[str, float]) -> set[str]:
    """The smallest swap of each circle of swaps: they could not run one after the other."""
    left, closed = dict(uses), set[str]()
    while left:
        coming = {use.token_out for use in left.values()}
        free = [name for name, use in left.items() if use.token_in not in coming]
        if not free:
            free = [min(sorted(left), key=lambda name: left[name].atoms * worth[left[name].token_in])]
            closed.update(free)
        for name in free:
            del left[name]
    return closed


def columns_of(flows: Sequence[Flow], prices: Floats, parts: int) -> tuple[csc_array, Floats]:
    """(matrix, widths) of flows in the fill programme: ``parts`` columns each, then those that leave value over.

    Of :data:`PARTS` the first bring more value than they take, the last less; one stands for all of a flow at its
    average price. What is over in the end may stay so: prices move until traders have it.
    """
    tokens, shape = len(prices), (len(flows), parts, -1)
    inputs, outputs = (np.array([getattr(flow, side) for flow in flows]) for side in ("inputs", "outputs"))
    ends = np.repeat([(flow.into, flow.out) for flow in flows], parts, axis=0)
    takes = inputs.reshape(shape).sum(axis=2).ravel() * prices[ends[:, 0]]
    pays = outputs.reshape(shape).sum(axis=2).ravel() * prices[ends[:, 1]]
    size = np.maximum(np.maximum(takes, pays), _TINY)
    data = np.column_stack([takes / size, -pays / size]).ravel()
    moving = csc_array((data, ends.ravel(), 2 * np.arange(len(size) + 1)), shape=(tokens, len(size)))
    left = np.bincount(ends[:, 1], pays, tokens)
    some = np.flatnonzero(left > 0)
    over = csc_array((np.ones(len(some)), (some, np.arange(len(some)))), shape=(tokens, len(some)))
    return csc_array(hstack([moving, over])), np.concatenate([size, left[some]])


def used(flows: Sequence[Flow], columns: Floats, parts: int) -> Floats:
    """Which part of each flow's amount is taken, when ``columns`` are the parts of its ``parts`` columns."""
    share: Floats = columns[: len(flows) * parts].reshape(len(flows), parts).mean(axis=1)
    return share
