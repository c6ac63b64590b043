"""Whether a CoW solution keeps every promise of the protocol, in exact integers. Pure; nothing else is ever sent.

Amounts are those of the settlement contract: what a sell order gets is rounded up, what a buy order pays rounded down,
both for the trader. The contract's own buffers are not used: per token, what comes in covers what goes out, at every
step. Fees come in, too: an engine's solution leaves them behind, so only what rounding takes is taken from them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from walras.atoms import U256_MAX, ceil_div, floor_div
from walras.cow.auction import CowOrder
from walras.cow.batching import Lot
from walras.cow.solution import CowInteraction, CowSolution, CustomInteraction, Fulfillment, LiquidityInteraction


class Unsound(Exception):
    """A solution that breaks a rule; the message says which."""


@dataclass(frozen=True, slots=True)
class Executed:
    """An order's whole execution in atoms; ``sold`` contains the fee."""

    order: CowOrder
    sold: int
    bought: int
    fee: int


def executed(trade: Fulfillment, solution: CowSolution, lot: Lot) -> Executed:
    """What the settlement contract would move. Raises :class:`Unsound`."""
    order = lot.by_cow_uid.get(trade.order.lower())
    if order is None:
        raise Unsound(f"order {trade.order} is not in the auction")
    selling, buying = (solution.prices.get(lot.priced(token), 0) for token in (order.sell_token, order.buy_token))
    if not selling or not buying:
        raise Unsound(f"order {trade.order} has no price for a token")
    amount, fee = trade.executed_amount, trade.fee or 0
    if amount * (selling if order.sells else buying) > U256_MAX or amount + fee > U256_MAX:
        raise Unsound(f"order {trade.order} overflows the contract's arithmetic")
    if order.sells:
        return Executed(order, amount + fee, ceil_div(amount * selling, buying), fee)
    return Executed(order, floor_div(amount * buying, selling) + fee, amount, fee)


def check(solution: CowSolution, lot: Lot) -> list[Executed]:
    """The executions of a solution that may be sent. Raises :class:`Unsound` for any other."""
    done = []
    for trade in solution.trades:
        if not isinstance(trade, Fulfillment):
            raise Unsound("an order of its own")
        if (trade.fee is not None) is not lot.pays_fee:
            raise Unsound(f"order {trade.order}: limit orders state a fee, market orders none")
        done.append(executed(trade, solution, lot))
    if not done or len({one.order.uid for one in done}) < len(done):
        raise Unsound("no trade, or an order twice")
    for one in done:
        _check_order(one)
    _check_flows(done, solution.interactions, lot)
    return done


def _check_order(one: Executed) -> None:
    """Fill rule and limits: of what may still execute, and of what was signed."""
    order = one.order
    amount, target = (one.sold, order.sell_amount) if order.sells else (one.bought, order.buy_amount)
    if not (0 < amount <= target and one.sold > one.fee and one.bought > 0):
        raise Unsound(f"order {order.uid} executes {amount} of {target}")
    if not order.partially_fillable and amount != target:
        raise Unsound(f"order {order.uid} is not to be filled in part")
    if one.sold * order.buy_amount > one.bought * order.sell_amount:
        raise Unsound(f"order {order.uid} is worse off than its limit")
    if one.sold * order.full_buy_amount > one.bought * order.full_sell_amount:
        raise Unsound(f"order {order.uid} is worse off than it signed")


def left_over(done: Sequence[Executed], interactions: Sequence[CowInteraction], lot: Lot) -> dict[str, int]:
    """Atoms of each token that stay behind, fees included; negative where some are missing."""
    left: dict[str, int] = defaultdict(int)
    for one in done:
        left[one.order.sell_token] += one.sold
        left[lot.priced(one.order.buy_token)] -= one.bought
    for interaction in interactions:
        inputs, outputs = flows(interaction)
        for token, amount in inputs:
            left[token] -= amount
        for token, amount in outputs:
            left[token] += amount
    return left


def flows(interaction: CowInteraction) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Declared (inputs, outputs) in atoms by token."""
    if isinstance(interaction, LiquidityInteraction):
        taken = [(interaction.input_token, interaction.input_amount)]
        return taken, [(interaction.output_token, interaction.output_amount)]
    inputs, outputs = interaction.inputs, interaction.outputs
    return [(flow.token, flow.amount) for flow in inputs], [(flow.token, flow.amount) for flow in outputs]


def _check_flows(done: Sequence[Executed], interactions: Sequence[CowInteraction], lot: Lot) -> None:
    held: dict[str, int] = defaultdict(int)
    for one in done:
        held[one.order.sell_token] += one.sold
    used: set[str] = set()
    for interaction in interactions:
        _check_swap(interaction, used, lot)
        inputs, outputs = flows(interaction)
        for token, amount in inputs:
            held[token] -= amount
            if held[token] < 0:
                raise Unsound(f"a call spends {-held[token]} atoms of {token} that are not there yet")
        for token, amount in outputs:
            held[token] += amount
    for token, amount in left_over(done, interactions, lot).items():
        if amount < 0:
            raise Unsound(f"{-amount} atoms of {token} are missing")


def _check_swap(interaction: CowInteraction, used: set[str], lot: Lot) -> None:
    """A swap goes through liquidity of the auction that is used once, and declares what it pays or less."""
    if isinstance(interaction, CustomInteraction):
        return
    if interaction.internalize or interaction.id in used or interaction.id not in lot.pools:
        raise Unsound(f"liquidity {interaction.id} is unknown, used twice, or not used at all")
    used.add(interaction.id)
    pool = lot.pools[interaction.id][0]
    pays = pool.amount_out(interaction.input_token, interaction.input_amount, interaction.output_token)
    if not 0 < interaction.output_amount <= pays:
        raise Unsound(f"liquidity {interaction.id} pays {pays}, not {interaction.output_amount}")
