"""Outside liquidity that is forbidden, unknown or not what it is said to be."""

from __future__ import annotations

from typing import Any

from support.bids import MICRO, WEI, at, fill, swap, symbols, through_pool
from walras.wire import Allowance, Batch, Call, Solution, TokenAmount

from solvers_bad.telling import argument, lie, match, sides

NOBODY = "0x" + "99" * 20
PERMIT2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"


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
