"""The best single path of each order, of up to three hops: the least that an answer has to match.

Best output after k hops per token, as in Bellman and Ford: what a pool pays only grows with what it gets, so the most
of a token is worth keeping, and nothing else. (A path does not use a pool twice.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property

from walras.atoms import U128_MAX
from walras.exchange import Desk
from walras.intent import Kind
from walras.offers import Offer
from walras.wire import AnyPool, Batch, Fill, LegMessage, OpenIntent, PoolSwap, Solution

_HOPS = 3
#: An order that may fill in part is tried whole, by a quarter, by a sixteenth …
_PARTS = tuple(4**power for power in range(8))

Path = tuple[PoolSwap, ...]
Found = tuple[Offer, Solution]


class Paths:
    """The pools of a batch by token, ready to be walked. ``passed`` says when to stop looking."""

    def __init__(self, batch: Batch, passed: Callable[[], bool]) -> None:
        self._desk = Desk(batch)
        self._passed = passed

    @cached_property
    def _around(self) -> Mapping[str, list[AnyPool]]:
        found: dict[str, list[AnyPool]] = defaultdict(list)
        for pool in self._desk.pools:
            for token in pool.tokens:
                found[token].append(pool)
        return found

    def best(self, entry: OpenIntent) -> Solution | None:
        """The order alone through its best path, at the largest size whose limit that pays."""
        for part in _PARTS:
            found = [one for hops in range(1, _HOPS + 1) if (one := self._through(entry, hops, part))]
            if found:
                return max(found, key=_gain)[1]
        return None

    def _through(self, entry: OpenIntent, hops: int, part: int) -> Found | None:
        """Through at most ``hops`` pools, of which the fee pays the gas; None if its limit can not be met."""
        offer = None if self._passed() else self._desk.offer(entry, 1, hops, part)
        path = self._walk(offer, hops) if offer else None
        solution = _solution(offer, path) if offer and path else None
        return (offer, solution) if offer and solution else None

    def _walk(self, offer: Offer, hops: int) -> Path | None:
        start, goal = (offer.give, offer.want) if offer.sells else (offer.want, offer.give)
        reached: dict[str, tuple[int, Path]] = {start: (offer.net if offer.sells else offer.least, ())}
        best: tuple[int, Path] | None = None
        for _ in range(hops):
            after: dict[str, tuple[int, Path]] = {}
            for token, (amount, path) in reached.items():
                for pool in self._around.get(token, ()):
                    self._step(pool, token, amount, path, after, offer.sells)
            arrived = after.pop(goal, None)
            if arrived and (best is None or _better(arrived[0], best[0], offer.sells)):
                best = arrived
            reached = after
        return best[1] if best else None

    def _step(
        self, pool: AnyPool, token: str, amount: int, path: Path, after: dict[str, tuple[int, Path]], sells: bool
    ) -> None:
        if self._passed() or any(swap.pool == pool.id for swap in path):
            return
        for other in pool.tokens:
            moved = 0 if other == token else _moved(pool, token, other, amount, sells)
            if 0 < moved <= U128_MAX and (other not in after or _better(moved, after[other][0], sells)):
                after[other] = moved, _extended(pool, token, other, (amount, moved), path, sells)


def _moved(pool: AnyPool, token: str, other: str, amount: int, sells: bool) -> int:
    """Atoms of ``other`` that ``amount`` of ``token`` buys, or that buy them; 0 for none."""
    return pool.amount_out(token, amount, other) if sells else pool.amount_in(token, amount, other) or 0


def _better(one: int, other: int, sells: bool) -> bool:
    return one > other if sells else one < other


def _extended(pool: AnyPool, token: str, other: str, amounts: tuple[int, int], path: Path, sells: bool) -> Path:
    if sells:
        return *path, PoolSwap(
            pool=pool.id, token_in=token, amount_in=amounts[0], amount_out=amounts[1], token_out=other
        )
    swap = PoolSwap(pool=pool.id, token_in=other, amount_in=amounts[1], amount_out=amounts[0], token_out=token)
    return swap, *path


def _solution(offer: Offer, path: Path) -> Solution | None:
    """The exact bid in which the path's ends are the prices, if that is within the limit."""
    gives, gets = path[0].amount_in, path[-1].amount_out
    if gives > offer.net or gets < offer.least:
        return None
    fill = Fill(uid=offer.entry.uid, executed=offer.executed(gives, gets), fee=offer.fee)
    return Solution(id=0, prices={offer.give: gets, offer.want: gives}, fills=(fill,), interactions=path)


def _gain(found: Found) -> int:
    """Atoms got by a sell, or paid by a buy (negative), fee included; among offers of one size."""
    offer, solution = found
    # The prices are what flows: (gives beside the fee, gets).
    return solution.prices[offer.give] if offer.sells else -(solution.prices[offer.want] + offer.fee)


def near(batch: Batch, paths: Paths) -> Batch:
    """The batch with limits a tenth off what the best path pays: those of quotes are as far away as numbers go, and a
    search that starts from there does not arrive.
    """
    return batch.model_copy(update={"intents": tuple(_nearer(entry, paths.best(entry)) for entry in batch.intents)})


def _nearer(entry: OpenIntent, best: Solution | None) -> OpenIntent:
    intent = entry.intent
    if best is None or best.fills[0].executed != entry.remaining:
        return entry
    end = best.interactions[-1] if intent.kind is Kind.SELL else best.interactions[0]
    assert isinstance(end, PoolSwap), "paths lead through pools"
    if intent.kind is Kind.SELL:
        least = max(intent.wants[0].end, end.amount_out * 9 // 10)
        return _with(entry, "wants", intent.wants[0], least)
    return _with(entry, "gives", intent.gives[0], min(intent.gives[0].end, end.amount_in * 11 // 10 + 1))


def _with(entry: OpenIntent, side: str, leg: LegMessage, bound: int) -> OpenIntent:
    legs = (leg.model_copy(update={"start": bound, "end": bound}),)
    return entry.model_copy(update={"intent": entry.intent.model_copy(update={side: legs})})
