"""Fills, prices, fees and rounding that break a rule; and the same thing sold twice."""

from __future__ import annotations

from support.bids import MICRO, WEI, at, fill, solution
from walras.wire import Batch, Solution

from solvers_bad.telling import lie, match, sides


@lie
def unknown_uid(batch: Batch) -> list[Solution]:
    return [at(batch, 2_000, fill("0x" + "77" * 32, WEI))]


@lie
def one_atom_too_much(batch: Batch) -> list[Solution]:
    return [match(batch, sold=WEI + 1, bought=WEI + 1)]


@lie
def beyond_what_is_left(batch: Batch) -> list[Solution]:
    return [match(batch, sold=3 * WEI, bought=3 * WEI)]


@lie
def below_the_least_fill(batch: Batch) -> list[Solution]:
    return [match(batch, sold=10, bought=10)]


@lie
def the_same_fill_twice(batch: Batch) -> list[Solution]:
    once = match(batch, sold=WEI // 2)
    return [once.model_copy(update={"fills": (once.fills[0], *once.fills)})]


@lie
def no_fills(batch: Batch) -> list[Solution]:
    return [at(batch, 2_000)]


@lie
def a_limit_broken_by_one_atom(batch: Batch) -> list[Solution]:
    """Alice would get 1,899.999999 USDC for her WETH."""
    sell, buy = sides(batch)
    rates = {"WETH": 1_900 * MICRO - 1, "USDC": WEI}
    return [solution(batch, rates, fill(sell.uid, WEI), fill(buy.uid, WEI))]


@lie
def one_more_atom_out_than_in(batch: Batch) -> list[Solution]:
    """The rate does not divide; the seller's side is rounded up, the buyer's down."""
    sell, buy = sides(batch)
    rates = {"WETH": 2_000 * MICRO * 3 + 1, "USDC": 3 * WEI}
    return [solution(batch, rates, fill(sell.uid, WEI, 0, 1), fill(buy.uid, WEI))]


@lie
def rounding_of_a_leg_that_is_not_there(batch: Batch) -> list[Solution]:
    return [match(batch, round_up=2)]


@lie
def rounded_to_nothing(batch: Batch) -> list[Solution]:
    """At this rate the whole sale is worth less than one atom of USDC."""
    sell, _ = sides(batch)
    return [solution(batch, {"WETH": 1, "USDC": 10**30}, fill(sell.uid, WEI))]


@lie
def a_price_of_zero(batch: Batch) -> list[Solution]:
    sell, buy = sides(batch)
    return [solution(batch, {"WETH": 0, "USDC": WEI}, fill(sell.uid, WEI), fill(buy.uid, WEI))]


@lie
def a_price_of_ten_to_the_sixty(batch: Batch) -> list[Solution]:
    sell, buy = sides(batch)
    return [solution(batch, {"WETH": 10**60, "USDC": WEI}, fill(sell.uid, WEI), fill(buy.uid, WEI))]


@lie
def no_price_at_all(batch: Batch) -> list[Solution]:
    sell, _ = sides(batch)
    return [solution(batch, {"WETH": WEI}, fill(sell.uid, WEI))]


@lie
def a_fee_above_the_cap(batch: Batch) -> list[Solution]:
    """Gas is free in this round, so no fee is due; the treasury would get ten dollars of Bob's."""
    return [match(batch, buy_fee=10 * MICRO)]


@lie
def a_fee_of_everything(batch: Batch) -> list[Solution]:
    return [match(batch, sell_fee=WEI)]


@lie
def more_out_than_in(batch: Batch) -> list[Solution]:
    return [match(batch, sold=WEI // 2)]


@lie
def too_many_solutions(batch: Batch) -> list[Solution]:
    """As many copies of a poor bid as a round reads, then a good one that is not read."""
    poor = [match(batch, sold=WEI // 8, bought=WEI // 8, number=number) for number in range(batch.max_solutions)]
    return [*poor, match(batch, number=99)]


@lie
def one_solution_three_times(batch: Batch) -> list[Solution]:
    return [match(batch, sold=WEI // 8, bought=WEI // 8)] * 3
