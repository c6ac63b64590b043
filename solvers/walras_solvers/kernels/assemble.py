"""From quantities to an exact bid: fees, balanced integer prices, roundings, and every rule checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from walras.amounts import Amounts, check_limits, fill_amounts
from walras.atoms import ROUNDING_FLOOR, U128_MAX, ceil_div, floor_div
from walras.intent import bound_at
from walras.rejections import Rejection
from walras.scoring import surplus_value
from walras.wire import Fill, PoolSwap, Solution

from walras_solvers.kernels.balance import Trade, balance, flows_of
from walras_solvers.kernels.fees import fee_atoms, fee_worth, gas_share, shared_atoms
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.pools import bought
from walras_solvers.kernels.repair import aligned, nudged, snapped

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Bid:
    """An exactly valid solution, whatever gas it uses. ``worth`` is wei of surplus after fees, fill by fill."""

    prices: Mapping[str, int]
    fills: tuple[Fill, ...]
    swaps: tuple[PoolSwap, ...]
    trades: tuple[Trade, ...]
    amounts: tuple[Amounts, ...]
    worth: tuple[int, ...]

    @property
    def score(self) -> int:
        """Wei of surplus after fees."""
        return sum(self.worth)

    def fits(self, market: Market) -> bool:
        """Whether the house expects it to stay within the gas limit."""
        return len(self.fills) <= market.most_fills(len(self.swaps))

    def solution(self, number: int) -> Solution:
        """The bid as it travels."""
        return Solution(id=number, prices=dict(self.prices), fills=self.fills, interactions=self.swaps)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why quantities do not make a bid: ``orders`` cannot be filled so. Without any, the whole does not balance."""

    orders: tuple[Order, ...] = ()


def assemble(
    market: Market, fills: Sequence[tuple[Order, int]], swaps: Sequence[PoolSwap], prices: Mapping[str, int]
) -> Bid | Misfit:
    """Make a bid of (order, executed) pairs and exact swaps at prices near ``prices``; its own prices are exact.

    Prices must name every token of the fills and the swaps' pools. Nothing is dropped here: the caller knows better
    what to put in an order's place.
    """
    if not fills:
        return Misfit()
    for _ in range(2):
        trades = _with_fees(market, fills, len(swaps), prices)
        if isinstance(trades, Misfit):
            return trades
        broken = _broken_rules(trades)
        bid = Misfit(broken) if broken else _rounded(market, trades, swaps, prices)
        if isinstance(bid, Misfit) or _paid(market, bid):
            return bid
        prices = bid.prices
    return Misfit()


def _with_fees(
    market: Market, fills: Sequence[tuple[Order, int]], interactions: int, prices: Mapping[str, int]
) -> list[Trade] | Misfit:
    """Each fill with its fee at ``prices``, or those that cannot pay one."""
    share = gas_share(market, len(fills), interactions)
    trades, unpaid = [], []
    for order, executed in fills:
        fee = fee_atoms(order, share, market, prices)
        if fee is not None:
            fee += shared_atoms(order, executed, fee, prices)
        if fee is None or (order.sells and executed * order.give_bounds[0] // order.intent.full_amount <= fee):
            unpaid.append(order)
        else:
            trades.append(Trade(order, executed, fee))
    return Misfit(tuple(unpaid)) if unpaid else trades


def _paid(market: Market, bid: Bid) -> bool:
    """Whether the fees still pay for the gas at the bid's own prices; only fees in unpriced tokens can fail to."""
    gas = market.gas
    used = gas.base + len(bid.fills) * gas.per_fill + len(bid.swaps) * gas.per_interaction
    used += sum(trade.order.extra_gas for trade in bid.trades)
    paid = sum(
        fee_worth(trade.order, trade.fee - trade.order.shared(moved.gives[0]), market, bid.prices)
        for trade, moved in zip(bid.trades, bid.amounts, strict=True)
    )
    return paid >= used * gas.price


def _broken_rules(trades: Sequence[Trade]) -> tuple[Order, ...]:
    """Orders whose fill breaks its own fill rule or comes second among alternatives."""
    broken, seen = [], set()
    for trade in trades:
        order = trade.order
        if not order.least <= trade.executed <= order.most or order.alternative in seen:
            broken.append(order)
        seen.add(order.alternative)
    return tuple(broken)


def _rounded(
    market: Market, trades: Sequence[Trade], swaps: Sequence[PoolSwap], start: Mapping[str, int]
) -> Bid | Misfit:
    """Cover every token: by prices for the quantities as they are, else by quantities at the prices as they are."""
    balanced = _balanced(market, trades, swaps, start)
    if isinstance(balanced, Bid):
        return balanced
    return _repaired(market, trades, swaps, start) or balanced


def _repaired(
    market: Market, trades: Sequence[Trade], swaps: Sequence[PoolSwap], prices: Mapping[str, int]
) -> Bid | None:
    """A bid at almost exactly ``prices`` with fills that differ by atoms, if that is enough."""
    prices = aligned(trades, prices)
    moved: list[Trade] | None = [snapped(trade, prices) for trade in trades]
    for spare in range(_ROUNDS):
        if moved is None:
            break
        fills, amounts, broken = _fill_all(market, moved, prices)
        if broken:
            break
        left = _left_over(market, moved, amounts, swaps)
        if min(left.values()) >= 0 and _tight(left, moved, prices):
            bid = _scored(market, moved, fills, amounts, swaps, prices)
            return bid if isinstance(bid, Bid) else None
        if spare:  # whole atoms of dear tokens fit by now, and prices can move by what is missing of the others
            balanced = _balanced(market, moved, swaps, prices)
            if isinstance(balanced, Bid):
                return balanced
        moved = nudged(moved, left, prices, spare) or nudged(moved, left, prices, 0)
    return None


def _tight(left: Mapping[str, int], trades: Sequence[Trade], prices: Mapping[str, int]) -> bool:
    """Whether all that is left over is worth no more than an atom of each leg."""
    legs = sum(prices[token] for trade in trades for token in (*trade.order.gives, *trade.order.wants))
    return sum(atoms * prices[token] for token, atoms in left.items()) <= legs


def _balanced(
    market: Market, trades: Sequence[Trade], swaps: Sequence[PoolSwap], start: Mapping[str, int]
) -> Bid | Misfit:
    """Balance, round, and shift what rounding leaves over to where it is missing, until every token is covered."""
    flows = flows_of(trades, swaps, market.liquidity)
    surplus: dict[str, int] = {}
    prices: Mapping[str, int] = start
    for _ in range(_ROUNDS):
        prices = balance(prices, flows, surplus)
        if max(prices.values()) > U128_MAX:
            return Misfit()
        fills, amounts, broken = _fill_all(market, trades, prices)
        if broken:
            return Misfit(broken)
        left = _left_over(market, trades, amounts, swaps)
        if min(left.values()) >= 0:
            return _scored(market, trades, fills, amounts, swaps, prices)
        surplus = _shifted(surplus, left, prices)
    return Misfit()


def _shifted(surplus: Mapping[str, int], left: Mapping[str, int], prices: Mapping[str, int]) -> dict[str, int]:
    """New targets: what is short is asked for, and paid by the tokens that rounding left most of."""
    target = dict(surplus)
    short = {token: -atoms for token, atoms in left.items() if atoms < 0}
    spare = {token: atoms * prices[token] for token, atoms in left.items() if atoms > 0}
    for token, atoms in short.items():
        target[token] = target.get(token, 0) + atoms
    missing = sum(atoms * prices[token] for token, atoms in short.items())
    for token in sorted(spare, key=lambda token: (-spare[token], token)):
        paid = min(missing, spare[token])
        target[token] = target.get(token, 0) - floor_div(paid, prices[token])
        missing -= paid
    return target


def _fill_all(
    market: Market, trades: Sequence[Trade], prices: Mapping[str, int]
) -> tuple[tuple[Fill, ...], tuple[Amounts, ...], tuple[Order, ...]]:
    fills, amounts, broken = [], [], []
    for trade in trades:
        order = trade.order
        bits = _rounding(market, trade, prices)
        try:
            moved = fill_amounts(order.intent, trade.executed, trade.fee, bits, prices, market.wrapped_native)
            check_limits(order.intent, trade.executed, moved, market.time)
        except Rejection:
            broken.append(order)
            continue
        if trade.fee < order.shared(moved.gives[0]) or not _within_guard(market, trade, moved):
            broken.append(order)
        fills.append(Fill(uid=order.uid, executed=trade.executed, fee=trade.fee, round_up=bits))
        amounts.append(moved)
    broken.extend(_overdrawn(market, trades, amounts) if not broken else ())
    return tuple(fills), tuple(amounts), tuple(broken)


def _rounding(market: Market, trade: Trade, prices: Mapping[str, int]) -> int:
    """Bits of ``roundUp``: against the trader where rules and limit allow it, so that tokens can balance."""
    order, executed, intent = trade.order, trade.executed, trade.order.intent
    full, bits = intent.full_amount, 0
    fixed, moving = (order.gives, order.wants) if order.sells else (order.wants, order.gives)
    exact = floor_div if order.sells else ceil_div
    value = sum(
        exact(executed * leg.start, full) * prices[token] for leg, token in zip(intent.fixed_side, fixed, strict=True)
    )
    value += (-trade.fee if order.sells else trade.fee) * prices[order.gives[0]]
    basis = [leg.end * prices[token] for leg, token in zip(intent.moving_side, moving, strict=True)]
    for index, (leg, token) in enumerate(zip(intent.moving_side, moving, strict=True)):
        numerator, denominator = (value, prices[token]) if len(moving) == 1 else (leg.end * value, sum(basis))
        amount, rest = divmod(numerator, denominator)
        bound = bound_at(leg, intent, market.time, give=not order.sells) * executed
        if order.sells:
            up = rest > 0 and (amount < ROUNDING_FLOOR or amount < ceil_div(bound, full))
        else:
            up = rest > 0 and amount + 1 >= ROUNDING_FLOOR and amount + 1 <= floor_div(bound, full)
        bits |= up << index
    return bits


def _within_guard(market: Market, trade: Trade, amounts: Amounts) -> bool:
    """The price-impact guard: at reference prices, got ≥ (given − fee) · (1 − guard), where all prices are known."""
    order, reference = trade.order, market.reference
    if order.guard_bps is None or any(token not in reference for token in (*order.gives, *order.wants)):
        return True
    given = sum(atoms * reference[token] for atoms, token in zip(amounts.gives, order.gives, strict=True))
    given -= trade.fee * reference[order.gives[0]]
    got = sum(atoms * reference[token] for atoms, token in zip(amounts.wants, order.wants, strict=True))
    return got * 10_000 >= given * (10_000 - order.guard_bps)


def _overdrawn(market: Market, trades: Sequence[Trade], amounts: Sequence[Amounts]) -> list[Order]:
    """Orders that take more than their owner has left after the orders before them."""
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    broken = []
    for trade, moved in zip(trades, amounts, strict=True):
        keys = [(trade.order.intent.owner, token) for token in trade.order.gives]
        if any(drawn[key] + atoms > market.funds.get(key, 0) for key, atoms in zip(keys, moved.gives, strict=True)):
            broken.append(trade.order)
            continue
        for key, atoms in zip(keys, moved.gives, strict=True):
            drawn[key] += atoms
    return broken


def _left_over(
    market: Market, trades: Sequence[Trade], amounts: Sequence[Amounts], swaps: Sequence[PoolSwap]
) -> dict[str, int]:
    """Atoms a token that the solution takes in and does not pay out."""
    left: dict[str, int] = defaultdict(int)
    for trade, moved in zip(trades, amounts, strict=True):
        for token, atoms in zip(trade.order.gives, moved.gives, strict=True):
            left[token] += atoms
        for token, atoms in zip(trade.order.wants, moved.wants, strict=True):
            left[token] -= atoms
        left[trade.order.gives[0]] -= trade.fee
    for swap in swaps:
        left[swap.token_in] -= swap.amount_in
        left[bought(market.liquidity, swap)] += swap.amount_out
    return left


def _scored(
    market: Market,
    trades: Sequence[Trade],
    fills: tuple[Fill, ...],
    amounts: tuple[Amounts, ...],
    swaps: Sequence[PoolSwap],
    prices: Mapping[str, int],
) -> Bid | Misfit:
    worth = [
        surplus_value(t.order.intent, t.executed, moved, market.time, market.reference, market.wrapped_native)
        for t, moved in zip(trades, amounts, strict=True)
    ]
    if sum(worth) <= 0:
        return Misfit()
    return Bid(prices, fills, tuple(swaps), tuple(trades), amounts, tuple(worth))
