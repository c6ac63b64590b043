"""Simulation without a chain: the settlement as the batch's own words predict it.

Gas is what the batch says is expected, pools pay what their published state says, one swap after the other. A call on
other liquidity can not be tried without a chain and counts as failed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from walras.amounts import priced_token
from walras.wire import AnyPool, Pool, PoolSwap

from walras_auction.bids import Checked, Simulation
from walras_auction.interactions import flows
from walras_auction.verify import Book, expected_changes


def predicted(checked: Checked, book: Book) -> Simulation:
    """What the simulation of a checked bid would say."""
    gas, limit = expected_gas(checked, book), book.batch.gas.limit
    if gas > limit:
        return Simulation(False, gas, (), f"it needs {gas} gas; a solution can use {limit}")
    error = _swaps(checked, book)
    if error:
        return Simulation(False, gas, (), error)
    return Simulation(True, gas, tuple(expected_changes(checked).values()))


def expected_gas(checked: Checked, book: Book) -> int:
    """Units of gas that the batch expects of the solution, its intents' terms included."""
    gas, solution = book.batch.gas, checked.proposed.solution
    expected = gas.base + len(solution.fills) * gas.per_fill + len(solution.interactions) * gas.per_interaction
    return expected + sum(trade.extra_gas for trade in checked.trades)


def _swaps(checked: Checked, book: Book) -> str:
    """Run the swaps in their order; what goes wrong, or nothing."""
    held, pools = _held(checked, book), Pools(book.pools)
    cover = dict(checked.proposed.solution.cover)
    for index, swap in enumerate(checked.proposed.solution.interactions):
        if not isinstance(swap, PoolSwap):
            return f"interactions[{index}] is a call, which only a chain can try"
        ((token_in, amount_in),), ((token_out, declared),) = flows(swap, book.pools)
        if held[token_in] < amount_in:
            return f"interactions[{index}] takes {amount_in} atoms of {token_in}; the executor holds {held[token_in]}"
        paid = pools.swap(swap.pool, token_in, amount_in, token_out)
        short = declared - paid
        if short > cover.get(token_out, 0):
            return f"interactions[{index}] declares {declared} atoms out; pool {swap.pool} pays {paid}"
        cover[token_out] = cover.get(token_out, 0) - max(short, 0)
        held[token_in] -= amount_in
        held[token_out] += paid
    return ""


def _held(checked: Checked, book: Book) -> dict[str, int]:
    """Atoms that go to the executor: what traders give beyond what other traders get directly."""
    held: dict[str, int] = defaultdict(int, checked.proposed.solution.cover)
    for trade in checked.trades:
        for leg, amount in zip(trade.intent.gives, trade.amounts.gives, strict=True):
            held[leg.token] += amount
        for leg, amount in zip(trade.intent.wants, trade.amounts.wants, strict=True):
            held[priced_token(leg.token, book.batch.wrapped_native)] -= amount
        held[trade.intent.gives[0].token] -= trade.fill.fee
    return defaultdict(int, {token: max(amount, 0) for token, amount in held.items()})


class Pools:
    """The batch's pools as swaps change them."""

    def __init__(self, pools: Mapping[str, AnyPool]) -> None:
        self._pools = dict(pools)
        self._before: dict[tuple[str, str, str], int] = defaultdict(int)

    def swap(self, name: str, token_in: str, amount_in: int, token_out: str) -> int:
        """Atoms that the pool pays.

        Of pools that are not constant-product, a second swap pays what both together would have paid, less what the
        first did: never less than it does.
        """
        pool = self._pools[name]
        if isinstance(pool, Pool):
            paid = pool.amount_out(token_in, amount_in, token_out)
            into, out = ("reserve0", "reserve1") if token_in == pool.token0 else ("reserve1", "reserve0")
            after = {into: getattr(pool, into) + amount_in, out: getattr(pool, out) - paid}
            self._pools[name] = pool.model_copy(update=after)
            return paid
        key = (name, token_in, token_out)
        before = self._before[key]
        self._before[key] += amount_in
        first = pool.amount_out(token_in, before, token_out)
        return pool.amount_out(token_in, before + amount_in, token_out) - first
