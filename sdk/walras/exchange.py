"""Two-token bids that need no rounding: the prices are what flows.

Where ``a`` atoms of one token change hands for ``b`` of another, the prices (b, a) give each side exactly that. So an
author who can say "this intent against that one" or "this intent through that pool" has an exact bid. What breaks a
rule of the house (DESIGN §5) comes back as None, never as a bid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from walras.amounts import check_limits, fill_amounts
from walras.atoms import floor_div
from walras.offers import Offer, offer
from walras.rejections import Rejection
from walras.scoring import PRICE_UNIT, surplus_value
from walras.wire import AnyPool, Batch, Fill, OpenIntent, PoolSwap, Solution

Part = tuple[Offer, int, int]
"""An offer, the atoms it gives beside its fee, and the atoms it gets."""


@dataclass(frozen=True, slots=True)
class Bid:
    """A valid solution and its score: wei of surplus, counting only fills that others could serve too."""

    solution: Solution
    score: int


class Desk:
    """A batch, ready to make offers and bids of. Intents with terms are left out unless ``with_terms``."""

    def __init__(self, batch: Batch, *, with_terms: bool = False) -> None:
        self.batch = batch
        self._with_terms = with_terms
        self._funds = {(entry.owner, entry.token): entry.available for entry in batch.funds}

    @cached_property
    def reference(self) -> Mapping[str, int]:
        """Reference prices: wei per 10^18 atoms."""
        return {token.address: token.price for token in self.batch.tokens if token.price}

    @cached_property
    def pools(self) -> tuple[AnyPool, ...]:
        """The pools by name; of two that share one, the house knows the last."""
        return tuple({pool.id: pool for pool in self.batch.pools}.values())

    def offers(self, fills: int, interactions: int) -> list[Offer]:
        """What each intent offers in a solution of that many fills and interactions, by sequence."""
        found = (self.offer(entry, fills, interactions) for entry in self.batch.intents)
        return sorted((one for one in found if one), key=lambda one: one.entry.sequence)

    def offer(self, entry: OpenIntent, fills: int, interactions: int, part: int = 1) -> Offer | None:
        """What one intent offers at its greatest size divided by ``part``; None if it can not fill here and now."""
        if entry.terms_data is not None and not self._with_terms:
            return None
        funds = self._funds.get((entry.intent.owner, entry.intent.gives[0].token), 0)
        return offer(self.batch, entry, self.reference, funds, fills, interactions, part)

    def bid(
        self, pair: tuple[str, str], flow: tuple[int, int], parts: Sequence[Part], swap: PoolSwap | None = None
    ) -> Bid | None:
        """The bid in which ``flow[0]`` atoms of ``pair[0]`` are worth ``flow[1]`` of ``pair[1]``, or None.

        ``swap`` goes through a pool, from one token of the pair to the other.
        """
        if min(flow) <= 0:
            return None
        prices = {pair[0]: flow[1], pair[1]: flow[0]}
        fills = tuple(_fill(one, one.executed(gives, gets), prices) for one, gives, gets in parts)
        solution = Solution(id=0, prices=prices, fills=fills, interactions=() if swap is None else (swap,))
        if not self._pays(solution, [one for one, _, _ in parts]):
            return None
        try:
            score = self._score(solution, [one for one, _, _ in parts])
        except Rejection:
            return None
        return Bid(solution, score) if score > 0 else None

    def _pays(self, solution: Solution, offers: Sequence[Offer]) -> bool:
        """Whether the fees are worth the expected gas, and that is within what a solution can use."""
        gas = self.batch.gas
        used = gas.base + len(offers) * gas.per_fill + len(solution.interactions) * gas.per_interaction
        used += sum(one.extra_gas for one in offers)
        worth = sum(floor_div(one.fee * self.reference.get(one.give, 0), PRICE_UNIT) for one in offers)
        return used <= gas.limit and worth >= used * gas.price

    def _score(self, solution: Solution, offers: Sequence[Offer]) -> int:
        """Wei of surplus; 0 for what the house would refuse. Raises :class:`Rejection` likewise."""
        batch, left, drawn, score = self.batch, defaultdict[str, int](int), defaultdict[tuple[str, str], int](int), 0
        for one, fill in zip(offers, solution.fills, strict=True):
            moved = fill_amounts(
                one.intent, fill.executed, fill.fee, fill.round_up, solution.prices, batch.wrapped_native
            )
            check_limits(one.intent, fill.executed, moved, batch.time)
            if not one.may_execute(fill.executed) or not one.guarded(moved, self.reference):
                return 0
            left[one.give] += moved.gives[0] - fill.fee
            left[one.want] -= moved.wants[0]
            drawn[one.intent.owner, one.give] += moved.gives[0]
            if not one.reserved:
                score += surplus_value(
                    one.intent, fill.executed, moved, batch.time, self.reference, batch.wrapped_native
                )
        for swap in solution.interactions:
            assert isinstance(swap, PoolSwap)
            left[swap.token_in] -= swap.amount_in
            left[next(token for token in solution.prices if token != swap.token_in)] += swap.amount_out
        overdrawn = any(atoms > self._funds.get(key, 0) for key, atoms in drawn.items())
        alike = len({(one.intent.owner, one.intent.nonce) for one in offers}) < len(offers)
        return 0 if overdrawn or alike or min(left.values()) < 0 else score


def _fill(one: Offer, executed: int, prices: Mapping[str, int]) -> Fill:
    """A fill whose rounding, if there is any, goes against its trader, so that the tokens balance."""
    up = not one.sells and executed * prices[one.want] % prices[one.give] != 0
    return Fill(uid=one.entry.uid, executed=executed, fee=one.fee, round_up=int(up))
