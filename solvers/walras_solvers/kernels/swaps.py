"""From what a programme puts through pools to exact swaps, in an order in which they can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from walras.atoms import ceil_div, floor_div
from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.market import Order
from walras_solvers.kernels.outside import Use
from walras_solvers.kernels.pools import swap, trimmed
from walras_solvers.kernels.program import Program

#: What floats may have lost of an amount: one part in so many.
_ALIKE = 10**10


def fixed_amounts(program: Program, fills: Sequence[tuple[Order, int]]) -> dict[str, int]:
    """Atoms that fills bring of each token of which none brings or takes more or less as the prices move.

    Prices cannot make up for an atom of these.
    """
    held: dict[str, int] = {}
    moving = {token for order, _ in fills for token in (order.wants if order.sells else order.gives)}
    for order, executed in fills:
        if order.sells:
            fee = ceil(program.fee_of(order))
            amounts = [atoms - (fee if place == 0 else 0) for place, atoms in enumerate(order.most_given(executed))]
            fixed = order.gives
        else:
            full = order.intent.full_amount
            amounts = [-ceil_div(executed * leg.start, full) for leg in order.intent.fixed_side]
            fixed = order.wants
        for token, atoms in zip(fixed, amounts, strict=True):
            held[token] = held.get(token, 0) + atoms
    return {token: atoms for token, atoms in held.items() if token not in moving}


def swaps_of(
    pools: Mapping[str, AnyPool], uses: Mapping[str, Use], part: float, held: Mapping[str, int], brought: frozenset[str]
) -> tuple[PoolSwap, ...]:
    """``part`` of the uses as exact swaps, each after those that bring its input, and with no more of it than there is.

    ``held`` are the atoms there are at first of tokens of which no price can bring more. Traders bring the tokens of
    ``brought``, and no others.
    """
    waiting, done, left = dict(sorted(uses.items())), list[PoolSwap](), dict(held)
    while waiting:
        coming = {use.token_out for use in waiting.values()}
        ready = [name for name, use in waiting.items() if use.token_in not in coming] or list(waiting)
        for name in ready:
            use = waiting.pop(name)
            amount = int(use.atoms * part)
            if use.token_in in held or use.token_in not in brought:
                amount = _of_what_is_left(amount, left.get(use.token_in, 0), use.token_in, waiting)
            done.append(swap(pools[name], use.token_in, amount, use.token_out))
            left[use.token_in] = left.get(use.token_in, 0) - amount
            left[use.token_out] = left.get(use.token_out, 0) + done[-1].amount_out
    return tuple(step for step in trimmed(done, pools, brought) if step.amount_in and step.amount_out)


def _of_what_is_left(amount: int, left: int, token: str, waiting: Mapping[str, Use]) -> int:
    """``amount`` of a token, or the ``left`` of it if that is less, or hardly more and nobody else waits for it."""
    last = all(use.token_in != token for use in waiting.values())
    if left < amount or (last and left - amount <= floor_div(amount, _ALIKE)):
        return max(left, 0)
    return amount
