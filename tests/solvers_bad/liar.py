"""One solver that tells the lie whose name it reads from a file before every answer.

The market it meets: somebody sells WETH for USDC, somebody buys WETH with USDC, and at 2,000 both are glad.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from support.bids import MICRO, WEI, at, fill, solution, swap, symbols, through_pool
from walras.intent import Kind
from walras.wire import Allowance, Answer, Batch, Call, OpenIntent, Solution, TokenAmount

Lie = Callable[[Batch], "list[Solution] | bytes"]
NOBODY = "0x" + "99" * 20
PERMIT2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"
LIES: dict[str, Lie] = {}


def lie(make: Lie) -> Lie:
    """Register a lie under its function's name."""
    LIES[make.__name__] = make
    return make


class Liar:
    """Reads the name of its lie from the file that ``BAD_SOLVER_NOTE`` names."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        name, _, argument = Path(os.environ["BAD_SOLVER_NOTE"]).read_text().partition(" ")
        os.environ["BAD_SOLVER_ARGUMENT"] = argument
        told = LIES[name](batch)
        if isinstance(told, list):
            return told
        os.write(1, told + b"\n")
        return ()


def sides(batch: Batch) -> tuple[OpenIntent, OpenIntent]:
    """The first seller of WETH, and the first buyer."""
    weth = symbols(batch)["WETH"]
    sell = next(e for e in batch.intents if e.intent.kind is Kind.SELL and e.intent.gives[0].token == weth)
    buy = next(e for e in batch.intents if e.intent.kind is Kind.BUY and e.intent.wants[0].token == weth)
    return sell, buy


def match(batch: Batch, *, usdc: int = 2_000, sold: int = WEI, bought: int = WEI, **rest: Any) -> Solution:
    """The honest match, with something changed."""
    sell, buy = sides(batch)
    fees = {"sell_fee": 0, "buy_fee": 0, "round_up": 0} | {k: rest.pop(k) for k in list(rest) if "_" in k}
    sold_fill = fill(sell.uid, sold, fees["sell_fee"], fees["round_up"])
    return at(batch, usdc, sold_fill, fill(buy.uid, bought, fees["buy_fee"]), **rest)


def edited(batch: Batch, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The honest answer as JSON, changed where no honest type would let it be."""
    answer = Answer(round=batch.round, solutions=(match(batch),)).model_dump(mode="json", by_alias=True)
    change(answer)
    return json.dumps(answer).encode()


# ------------------------------------------------------------------ not even the right shape


@lie
def a_float(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(executed=1e18))


@lie
def not_a_number(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(executed=float("nan")))


@lie
def negative_price(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["prices"].update({symbols(batch)["WETH"]: "-1"}))


@lie
def negative_fee(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(fee="-5"))


@lie
def another_round(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer.update(round=batch.round + 1))


@lie
def an_extra_field(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0].update(score="1000000000000000000000000"))


@lie
def three_hundred_prices(batch: Batch) -> bytes:
    more = {f"0x{number:040x}": "1" for number in range(300)}
    return edited(batch, lambda answer: answer["solutions"][0]["prices"].update(more))


@lie
def three_hundred_covers(batch: Batch) -> bytes:
    more = {f"0x{number:040x}": "1" for number in range(300)}
    return edited(batch, lambda answer: answer["solutions"][0].update(cover=more))


@lie
def a_million_nothings(batch: Batch) -> bytes:
    return b'{"round":%d,"solutions":[%s]}' % (batch.round, b",".join([b"1"] * 1_000_000))


@lie
def a_tower_of_brackets(batch: Batch) -> bytes:
    return b"[" * 100_000


# ------------------------------------------------------------------ fills


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


# ------------------------------------------------------------------ prices and fees


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


# ------------------------------------------------------------------ outside liquidity


def with_call(batch: Batch, target: str, data: str = "0x12345678", **rest: Any) -> list[Solution]:
    return [match(batch, interactions=(Call(target=target, data=data, **rest),))]


@lie
def an_unknown_pool(batch: Batch) -> list[Solution]:
    step = swap(batch, "WETH", WEI).model_copy(update={"pool": "mine"})
    return [match(batch, interactions=(step,))]


@lie
def a_token_that_is_not_in_the_pool(batch: Batch) -> list[Solution]:
    step = swap(batch, "WETH", WEI).model_copy(update={"token_in": symbols(batch)["DAI"]})
    return [match(batch, interactions=(step,))]


@lie
def more_than_the_pool_pays(batch: Batch) -> list[Solution]:
    sell, _ = sides(batch)
    whole = through_pool(batch, sell.uid, WEI)
    out = 1_999 * MICRO
    step = swap(batch, "WETH", WEI, out)
    rates = {symbols(batch)["WETH"]: out, symbols(batch)["USDC"]: WEI}
    return [whole.model_copy(update={"interactions": (step,), "prices": rates})]


@lie
def cover_that_was_never_deposited(batch: Batch) -> list[Solution]:
    return [match(batch, cover={symbols(batch)["USDC"]: 1})]


@lie
def calls_the_vault(batch: Batch) -> list[Solution]:
    return with_call(batch, batch.vault)


@lie
def calls_the_settlement(batch: Batch) -> list[Solution]:
    return with_call(batch, batch.settlement)


@lie
def calls_the_executor(batch: Batch) -> list[Solution]:
    return with_call(batch, batch.executor)


@lie
def calls_permit2(batch: Batch) -> list[Solution]:
    return with_call(batch, PERMIT2)


@lie
def calls_a_token(batch: Batch) -> list[Solution]:
    return with_call(batch, symbols(batch)["DAI"])


@lie
def calls_the_registry(batch: Batch) -> list[Solution]:
    return with_call(batch, argument())


@lie
def approves_somebody(batch: Batch) -> list[Solution]:
    return with_call(batch, NOBODY, "0x095ea7b3" + "00" * 64)


@lie
def transfers_for_somebody(batch: Batch) -> list[Solution]:
    return with_call(batch, NOBODY, "0x23b872dd" + "00" * 96)


@lie
def allows_the_vault(batch: Batch) -> list[Solution]:
    allowance = Allowance(token=symbols(batch)["USDC"], spender=batch.vault, amount=1)
    return with_call(batch, NOBODY, allowances=(allowance,))


@lie
def calls_nobody(batch: Batch) -> list[Solution]:
    return with_call(batch, NOBODY)


@lie
def declares_what_it_does_not_bring(batch: Batch) -> list[Solution]:
    """A contract that does nothing is said to bring a thousand dollars."""
    brought = TokenAmount(token=symbols(batch)["USDC"], amount=1_000 * MICRO)
    sell, _ = sides(batch)
    call = Call(target=argument(), data="0x12345678", outputs=(brought,))
    return [at(batch, 2_000, fill(sell.uid, WEI // 2), interactions=(call,))]


@lie
def reverts_with_words_that_are_none(batch: Batch) -> list[Solution]:
    return with_call(batch, argument())


@lie
def a_megabyte_of_calldata(batch: Batch) -> list[Solution]:
    return with_call(batch, argument(), "0x" + "11" * 10**6)


# ------------------------------------------------------------------ selling the same thing twice


@lie
def too_many_solutions(batch: Batch) -> list[Solution]:
    """As many copies of a poor bid as a round reads, then a good one that is not read."""
    poor = [match(batch, sold=WEI // 8, bought=WEI // 8, number=number) for number in range(batch.max_solutions)]
    return [*poor, match(batch, number=99)]


@lie
def one_solution_three_times(batch: Batch) -> list[Solution]:
    return [match(batch, sold=WEI // 8, bought=WEI // 8)] * 3


def argument() -> str:
    """An address that the test put behind the lie's name."""
    return os.environ["BAD_SOLVER_ARGUMENT"]
