"""What one intent with one leg a side can offer a solution: how much, for how much, and at which fee."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walras.amounts import Amounts, limits, priced_token
from walras.atoms import U128_MAX, ceil_div, floor_div
from walras.intent import FillRule, Intent, Kind, bound_at
from walras.scoring import PRICE_UNIT
from walras.wire import Batch, OpenIntent

if TYPE_CHECKING:
    from walras.terms import Terms


@dataclass(frozen=True, slots=True)
class Offer:
    """An intent at some size: ``net`` is the most it gives beside its ``fee``, ``least`` the least it gets for that.

    All in atoms. ``fee`` pays an equal share of the gas and what the intent's own terms cost; it is part of what is
    given. ``reserved``: only the solver that was shown the intent may fill it. ``guard_bps`` bounds its price impact.
    ``extra_gas`` is what its terms add to the gas of a solution.
    """

    entry: OpenIntent
    intent: Intent
    give: str
    want: str
    fee: int
    net: int
    least: int
    reserved: bool
    guard_bps: int | None
    extra_gas: int

    @property
    def sells(self) -> bool:
        return self.intent.kind is Kind.SELL

    def executed(self, gives: int, gets: int) -> int:
        """What a fill executes that gives ``gives`` beside the fee and gets ``gets``."""
        return gives + self.fee if self.sells else gets

    def may_execute(self, amount: int) -> bool:
        """Whether the fill rule, the least fill and what is left allow it."""
        return _may_execute(self.entry, self.intent, amount)

    def guarded(self, moved: Amounts, reference: Mapping[str, int]) -> bool:
        """Whether, at reference prices, what it gets is worth what it gives less the fee, up to the guard."""
        give, want = reference.get(self.give), reference.get(self.want)
        if self.guard_bps is None or give is None or want is None:
            return True
        return moved.wants[0] * want * 10_000 >= (moved.gives[0] - self.fee) * give * (10_000 - self.guard_bps)


def offer(
    batch: Batch, entry: OpenIntent, reference: Mapping[str, int], funds: int, fills: int, interactions: int, part: int
) -> Offer | None:
    """What ``entry`` offers at its greatest size divided by ``part``, in a solution of that many fills.

    None if it has several legs a side, a share of its fee to pay on, no time, no funds, or no token to pay gas with.
    """
    intent, terms = entry.intent.intent(), _terms(entry)
    if len(intent.gives) != 1 or len(intent.wants) != 1 or (terms and terms.shares):
        return None
    if not intent.valid_from <= batch.time <= max(batch.time, batch.settle_by) <= intent.valid_to:
        return None
    give, want = intent.gives[0].token, priced_token(intent.wants[0].token, batch.wrapped_native)
    size = floor_div(_most(entry, intent, funds, batch.time), part)
    fee = gas_fee(batch, reference.get(give), fills, interactions, terms)
    if fee is None or not _may_execute(entry, intent, size):
        return None
    bound = limits(intent, size, batch.time)[0]
    net, least = (size - fee, bound) if intent.kind is Kind.SELL else (bound - fee, size)
    reserved = terms is not None and terms.exclusive_at(batch.time) is not None
    guard = (terms.max_impact_bps if terms else 0) or batch.guard_bps
    extra = _extra_gas(terms)
    return Offer(entry, intent, give, want, fee, net, least, reserved, guard, extra) if min(net, least) > 0 else None


def gas_fee(batch: Batch, price: int | None, fills: int, interactions: int, terms: Terms | None) -> int | None:
    """Atoms that pay one fill's share of the expected gas and what its terms add, rounded up: the house never pays.

    None if the token has no reference price, or if its atoms are so large that rounding exceeds the house's margin.
    """
    gas = batch.gas
    expected = gas.base + fills * gas.per_fill + interactions * gas.per_interaction
    share = ceil_div(expected * gas.price, fills) + _extra_gas(terms) * gas.price
    if share == 0 or not price:
        return 0 if share == 0 else None
    fee = ceil_div(share * PRICE_UNIT, price)
    most = share * (10_000 + gas.margin_bps) // 10_000  # rounded down: rather no bid than one above the cap
    return fee if fee == 1 or fee * price // PRICE_UNIT <= most else None


def _extra_gas(terms: Terms | None) -> int:
    if terms is None:
        return 0
    from walras.terms_gas import expected_gas

    return expected_gas(terms)


def _terms(entry: OpenIntent) -> Terms | None:
    """The library that reads terms is loaded only if there are any."""
    if entry.terms_data is None:
        return None
    from walras.terms import Terms

    return Terms.decode(entry.terms_data)


def _most(entry: OpenIntent, intent: Intent, funds: int, time: int) -> int:
    """The most that can be executed: what is left, what the funds allow at the limit (rounded down), what fits."""
    affordable = floor_div(funds * intent.full_amount, bound_at(intent.gives[0], intent, time, give=True))
    return min(entry.remaining, affordable, U128_MAX)


def _may_execute(entry: OpenIntent, intent: Intent, amount: int) -> bool:
    if intent.fill is FillRule.WHOLE and amount != intent.full_amount:
        return False
    return 0 < amount <= entry.remaining and (amount >= intent.min_fill or amount == entry.remaining)
