"""What a fill pays for its gas (DESIGN §5, *Fees*): its equal share of what the house expects the solution to use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from walras.atoms import ceil_div, floor_div
from walras.scoring import PRICE_UNIT

from walras_solvers.kernels.market import Market, Order

#: A fee in a token without a reference price is larger by one part in this many.
UNPRICED_HEADROOM = 1_000
#: The fee shares of a buy are larger by one part in this many.
BUY_HEADROOM = 100


def worthiest(ranked: Sequence[tuple[float, float, Order]], most: int) -> set[Order]:
    """At most ``most`` of (worth, value, order): half of them by worth, the others by the value they trade.

    How much of a match's surplus falls to which side depends on the price alone, so worth alone could keep one side.
    """
    by_worth = sorted(ranked, key=lambda item: (-item[0], item[2].sequence))
    kept = {order for _, _, order in by_worth[: (most + 1) // 2]}
    by_value = sorted(by_worth, key=lambda item: (-item[1], item[2].sequence))
    for _, _, order in by_value:
        if len(kept) < most:
            kept.add(order)
    return kept


def gas_share(market: Market, fills: int, interactions: int) -> int:
    """Wei of gas a fill, rounded up, in a solution of that many fills and interactions."""
    gas = market.gas
    expected = gas.base + fills * gas.per_fill + interactions * gas.per_interaction
    return ceil_div(expected * gas.price, fills)


def fee_atoms(order: Order, share: int, market: Market, prices: Mapping[str, int]) -> int | None:
    """The fee in atoms of the first give that pays for gas, or None if none is acceptable.

    It is worth at least ``share`` wei and the gas of the order's own terms; what their fee shares take comes on top.
    At the reference price of the first give; without one, through a priced want at the solution's own ``prices``.
    """
    rate = _wei_rate(order, market, prices)
    share += order.extra_gas * market.gas.price
    if share == 0:
        return 0
    if rate is None:
        return None
    numerator, denominator = rate
    if order.gives[0] not in market.reference:
        share += share // UNPRICED_HEADROOM  # the bid's final prices may differ a little from these
    fee = ceil_div(share * denominator, numerator)
    # A fee of one atom is always accepted; above that, what rounding adds must stay within the house's margin.
    cap = share * (10_000 + market.gas.margin_bps) // 10_000
    return fee if fee <= 1 or fee * numerator // denominator <= cap else None


def shared_atoms(order: Order, executed: int, fee: int, prices: Mapping[str, int]) -> int:
    """Atoms of the first give, on top of the gas ``fee``, that suffice for the terms' fee shares of a fill.

    Exact for a sell. What a buy gives depends on the solution's final prices, so a little more than at ``prices``.
    """
    if order.terms is None or not order.terms.shares:
        return 0
    intent = order.intent
    most = order.most_given(executed)[0]
    if order.sells or len(order.gives) > 1 or not prices.get(order.gives[0]):
        return order.shared(most)
    value = sum(
        ceil_div(executed * leg.start, intent.full_amount) * prices.get(token, 0)
        for leg, token in zip(intent.wants, order.wants, strict=True)
    )
    bps = sum(share.bps for share in order.terms.shares)
    given = ceil_div((ceil_div(value, prices[order.gives[0]]) + fee) * 10_000, 10_000 - bps)
    return order.shared(min(given + ceil_div(given, BUY_HEADROOM), most))


def fee_worth(order: Order, fee: int, market: Market, prices: Mapping[str, int]) -> int:
    """Wei that ``fee`` atoms of the first give are worth, rounded down as the house does."""
    rate = _wei_rate(order, market, prices)
    return floor_div(fee * rate[0], rate[1]) if rate else 0


def _wei_rate(order: Order, market: Market, prices: Mapping[str, int]) -> tuple[int, int] | None:
    """Wei an atom of the first give, as a fraction."""
    token = order.gives[0]
    if market.reference.get(token):
        return market.reference[token], PRICE_UNIT
    if token in market.reference:
        return None
    for want in order.wants:
        if market.reference.get(want) and prices.get(token) and prices.get(want):
            return prices[token] * market.reference[want], prices[want] * PRICE_UNIT
    return None
