"""A solution of Walras as one of CoW, or None if there is no valid one to make of it.

Here a fill states how it is rounded; at CoW every trade is rounded for its trader. The atoms that this takes come out
of the fees, and where there are none, the orders whose token is short pay them as a fee.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from walras.atoms import ceil_div
from walras.cow.batching import SETTLEMENT_GAS, SWAP_GAS, TRADE_GAS, Lot
from walras.cow.checking import Executed, Unsound, check, executed, left_over
from walras.cow.solution import (
    CowAllowance,
    CowFlow,
    CowInteraction,
    CowSolution,
    CustomInteraction,
    Fulfillment,
    LiquidityInteraction,
)
from walras.wire import Call, Fill, Interaction, PoolSwap, Solution

#: How often the fees are raised: each time may round other atoms away.
_ROUNDS = 4


def answered(solution: Solution, lot: Lot, number: int, drop: Callable[[str], None]) -> CowSolution | None:
    """The solution under the id ``number``. ``drop`` hears why there is none."""
    try:
        if any(solution.cover.values()):
            raise Unsound("it counts on a deposit, which CoW does not know")
        made = _balanced(_translated(solution, lot, number), lot)
        check(made, lot)
    except Unsound as error:
        drop(str(error))
        return None
    return made


def _translated(solution: Solution, lot: Lot, number: int) -> CowSolution:
    trades = tuple(_trade(fill, lot) for fill in solution.fills)
    traded = {lot.priced(token) for uid in _uids(solution) for token in _tokens(uid, lot)}
    interactions = tuple(_interaction(item, lot) for item in solution.interactions)
    prices = {token: price for token, price in sorted(solution.prices.items()) if token in traded}
    swaps = [item.pool for item in solution.interactions if isinstance(item, PoolSwap)]
    gas = sum(lot.pools[pool][1] for pool in swaps) + SWAP_GAS * (len(interactions) - len(swaps))
    gas += SETTLEMENT_GAS + TRADE_GAS * len(trades)
    return CowSolution(id=number, prices=prices, trades=trades, interactions=interactions, gas=gas)


def _uids(solution: Solution) -> Sequence[str]:
    return [fill.uid for fill in solution.fills]


def _tokens(uid: str, lot: Lot) -> tuple[str, str]:
    return lot.orders[uid].sell_token, lot.orders[uid].buy_token


def _trade(fill: Fill, lot: Lot) -> Fulfillment:
    order = lot.orders.get(fill.uid)
    if order is None or fill.executed <= (fill.fee if order.sells else 0):
        raise Unsound("a fill of an unknown order, or of nothing beside its fee")
    if fill.fee and not lot.pays_fee:
        raise Unsound("a fee of an order that has paid it")
    amount = fill.executed - fill.fee if order.sells else fill.executed
    return Fulfillment(order=order.uid, executed_amount=amount, fee=fill.fee if lot.pays_fee else None)


def _interaction(item: Interaction, lot: Lot) -> CowInteraction:
    if isinstance(item, Call):
        return _custom(item)
    pool = lot.pools.get(item.pool)
    out = pool[0].other(item.token_in, item.token_out) if pool else None
    if out is None:
        raise Unsound("a swap through liquidity that is not in the auction")
    return LiquidityInteraction(
        id=item.pool,
        input_token=item.token_in,
        output_token=out,
        input_amount=item.amount_in,
        output_amount=item.amount_out,
    )


def _custom(call: Call) -> CustomInteraction:
    return CustomInteraction(
        target=call.target,
        call_data=call.data,
        allowances=tuple(CowAllowance(**allowance.model_dump()) for allowance in call.allowances),
        inputs=tuple(CowFlow(**flow.model_dump()) for flow in call.inputs),
        outputs=tuple(CowFlow(**flow.model_dump()) for flow in call.outputs),
    )


def _balanced(solution: CowSolution, lot: Lot) -> CowSolution:
    """The solution with fees raised by what rounding lacks, if it lacks anything and orders pay fees at all."""
    for _ in range(_ROUNDS if lot.pays_fee else 0):
        trades = [trade for trade in solution.trades if isinstance(trade, Fulfillment)]
        done = [executed(trade, solution, lot) for trade in trades]
        short = {token: -left for token, left in left_over(done, solution.interactions, lot).items() if left < 0}
        if not short:
            break
        for token, atoms in short.items():
            index = _payer(done, token, atoms, solution, lot)
            if index is None or atoms > len(done):
                raise Unsound(f"{atoms} atoms of {token} are missing, and no order can spare them")
            trades[index] = _dearer(trades[index], done[index], token, atoms, solution, lot)
            done[index] = executed(trades[index], solution, lot)
        solution = solution.model_copy(update={"trades": tuple(trades)})
    return solution


def _payer(done: Sequence[Executed], token: str, atoms: int, solution: CowSolution, lot: Lot) -> int | None:
    """The order that feels ``atoms`` of ``token`` the least: of those that pay or get it and can, the largest."""
    fit = []
    for index, one in enumerate(done):
        pays = not one.order.sells and one.order.sell_token == token
        gets = one.order.sells and lot.priced(one.order.buy_token) == token
        if (pays or gets) and _spare(one) >= atoms:
            fit.append((one.bought if gets else one.sold, -index))
    return -max(fit)[1] if fit else None


def _spare(one: Executed) -> int:
    """Atoms between the execution and the limit, on the side that moves; rounded down."""
    order = one.order
    if order.sells:
        least = max(
            ceil_div(one.sold * order.buy_amount, order.sell_amount),
            ceil_div(one.sold * order.full_buy_amount, order.full_sell_amount),
        )
        return one.bought - least
    most = min(
        one.bought * order.sell_amount // order.buy_amount, one.bought * order.full_sell_amount // order.full_buy_amount
    )
    return most - one.sold


def _dearer(trade: Fulfillment, one: Executed, token: str, atoms: int, solution: CowSolution, lot: Lot) -> Fulfillment:
    """The trade with a fee raised by what is worth ``atoms`` of the token that is short, rounded up."""
    fee = trade.fee or 0
    if not one.order.sells:
        return trade.model_copy(update={"fee": fee + atoms})
    more = ceil_div(atoms * solution.prices[token], solution.prices[one.order.sell_token])
    if more >= trade.executed_amount:
        raise Unsound(f"{atoms} atoms of {token} are missing, which is all of an order")
    return trade.model_copy(update={"fee": fee + more, "executed_amount": trade.executed_amount - more})
