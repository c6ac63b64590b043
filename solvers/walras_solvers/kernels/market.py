"""A batch as the engines see it: only orders that could fill, with their bounds at the time of settlement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from walras.amounts import priced_token
from walras.atoms import U128_MAX, floor_div
from walras.intent import FillRule, Intent, Kind, Leg, bound_at, check_structure
from walras.rejections import Rejection
from walras.wire import AnyPool, Batch, GasTerms, OpenIntent, Pool

if TYPE_CHECKING:
    from walras.terms import Terms

MILLION = 10**6
#: Fills that a solution may name (``walras.wire.Solution``).
MAX_FILLS = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An intent that could fill now. Bounds are atoms of the full amount; ``least`` and ``most`` bound ``executed``.

    ``most`` respects what is left, the owner's own funds and 2^128-1; siblings may share those funds. ``guard_bps`` is
    the bound on price impact, the owner's own or the house's.
    """

    uid: str
    sequence: int
    intent: Intent
    gives: tuple[str, ...]
    wants: tuple[str, ...]
    give_bounds: tuple[int, ...]
    want_bounds: tuple[int, ...]
    least: int
    most: int
    terms: Terms | None = None
    guard_bps: int | None = None

    @property
    def extra_gas(self) -> int:
        """Gas that the order's terms add to a solution."""
        if self.terms is None:
            return 0
        from walras.terms_gas import expected_gas

        return expected_gas(self.terms)

    def shared(self, give: int) -> int:
        """Atoms of the fee that go to the terms' fee shares when ``give`` atoms of the first give are executed."""
        return sum(self.terms.shares_of(give)) if self.terms else 0

    @property
    def sells(self) -> bool:
        return self.intent.kind is Kind.SELL

    @property
    def simple(self) -> bool:
        """Whether it has one leg a side."""
        return len(self.gives) == 1 == len(self.wants)

    @property
    def alternative(self) -> tuple[str, int]:
        """Orders with equal keys are alternatives: at most one may fill."""
        return self.intent.owner, self.intent.nonce

    @property
    def limit(self) -> float:
        """Want atoms a give atom of the first legs at the signed bounds: what the trader asks at least."""
        return self.want_bounds[0] / self.give_bounds[0]

    def most_given(self, executed: int) -> tuple[int, ...]:
        """The most atoms a give leg that a fill of ``executed`` can take, rounded down as the limits are."""
        return tuple(floor_div(executed * bound, self.intent.full_amount) for bound in self.give_bounds)


@dataclass(frozen=True, slots=True)
class Market:
    """Orders by sequence, pools of all kinds by id, spendable atoms by (owner, token), reference prices by token."""

    orders: tuple[Order, ...]
    funds: Mapping[tuple[str, str], int]
    reference: Mapping[str, int]
    gas: GasTerms
    time: int
    wrapped_native: str
    liquidity: Mapping[str, AnyPool]

    @classmethod
    def of(cls, batch: Batch) -> Market:
        """The orders of ``batch`` that can fill; malformed, expired, unfunded and used-up ones are left out."""
        funds = {(entry.owner, entry.token): entry.available for entry in batch.funds}
        orders = (_order(entry, batch, funds) for entry in batch.intents)
        return cls(
            orders=tuple(sorted((order for order in orders if order), key=lambda order: order.sequence)),
            funds=funds,
            reference={token.address: token.price for token in batch.tokens if token.price is not None},
            gas=batch.gas,
            time=batch.time,
            wrapped_native=batch.wrapped_native,
            liquidity={pool.id: pool for pool in batch.pools if _tradable(pool)},
        )

    def only(self, orders: Iterable[Order]) -> Market:
        """The same market with fewer orders."""
        return replace(self, orders=tuple(orders))

    def by_pair(self) -> dict[tuple[str, str], list[Order]]:
        """Simple orders by directed pair (give, want)."""
        pairs: dict[tuple[str, str], list[Order]] = {}
        for order in self.orders:
            if order.simple:
                pairs.setdefault((order.gives[0], order.wants[0]), []).append(order)
        return pairs

    def most_fills(self, interactions: int) -> int:
        """How many fills fit into a message, and into the gas limit of a solution with that many interactions."""
        gas = self.gas
        left = gas.limit - gas.base - interactions * gas.per_interaction
        return min(max(0, floor_div(left, max(gas.per_fill, 1))), MAX_FILLS)

    def value(self, token: str) -> float:
        """Wei an atom at the reference price; 0 without one."""
        return self.reference.get(token, 0) / 1e18


def _tradable(pool: AnyPool) -> bool:
    return _usable(pool) if isinstance(pool, Pool) else pool.problem is None


def _usable(pool: Pool) -> bool:
    reserves = (pool.reserve0, pool.reserve1)
    return (
        pool.token0 != pool.token1 and min(reserves) > 0 and max(reserves) <= U128_MAX and 0 <= pool.fee_ppm < MILLION
    )


def _order(entry: OpenIntent, batch: Batch, funds: Mapping[tuple[str, str], int]) -> Order | None:
    intent = entry.intent.intent()
    try:
        check_structure(intent, wrapped_native=batch.wrapped_native)
        terms = _terms(entry)
    except Rejection:
        return None
    if not intent.valid_from <= batch.time <= max(batch.time, batch.settle_by) <= intent.valid_to:
        return None
    give_bounds = tuple(bound_at(leg, intent, batch.time, give=True) for leg in intent.gives)
    want_bounds = tuple(bound_at(leg, intent, batch.time, give=False) for leg in intent.wants)
    remaining = min(entry.remaining, intent.full_amount)
    least = min(intent.min_fill, remaining)
    most = min(remaining, _affordable(intent, give_bounds, funds), _storable(intent))
    if intent.fill is FillRule.WHOLE:
        least = intent.full_amount
    if not 0 < least <= most:
        return None
    return Order(
        uid=entry.uid,
        sequence=entry.sequence,
        intent=intent,
        gives=tuple(leg.token for leg in intent.gives),
        wants=_priced(intent.wants, batch.wrapped_native),
        give_bounds=give_bounds,
        want_bounds=want_bounds,
        least=least,
        most=most,
        terms=terms,
        guard_bps=(terms.max_impact_bps if terms else 0) or batch.guard_bps,
    )


def _terms(entry: OpenIntent) -> Terms | None:
    """The terms of an intent. The library that reads them is loaded only if there are any."""
    if entry.terms_data is None:
        return None
    from walras.terms import Terms

    return Terms.decode(entry.terms_data)


def _priced(legs: tuple[Leg, ...], wrapped_native: str) -> tuple[str, ...]:
    return tuple(priced_token(leg.token, wrapped_native) for leg in legs)


def _affordable(intent: Intent, bounds: tuple[int, ...], funds: Mapping[tuple[str, str], int]) -> int:
    """The most that can be executed from the owner's funds alone. A buy is counted at its limit, so never too much."""
    full = intent.full_amount
    return min(
        floor_div(funds.get((intent.owner, leg.token), 0) * full, bound)
        for leg, bound in zip(intent.gives, bounds, strict=True)
    )


def _storable(intent: Intent) -> int:
    """The most that can be executed with every fixed leg within 2^128-1 atoms."""
    return min(floor_div(U128_MAX * intent.full_amount, leg.start) for leg in intent.fixed_side)
