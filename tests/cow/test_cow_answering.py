"""Solutions of ours as solutions of CoW: rounding that goes to traders there, and who pays for it."""

from __future__ import annotations

from typing import Any

import pytest
from support.cow import E6, E18, NATIVE, USDC, WETH, address, auction, order, settle
from walras.cow.answering import answered
from walras.cow.auction import CowAuction
from walras.cow.batching import CowChain, Lot, lots
from walras.cow.solution import CowSolution
from walras.wire import Call, Fill, PoolSwap, Solution

SELL = order(1, (WETH, 3 * E18), (USDC, 5_700 * E6), partiallyFillable=True)
BUY = order(2, (USDC, 6_300 * E6), (WETH, 3 * E18), "buy", partiallyFillable=True)


def lot_of(*orders: dict[str, Any], **rest: Any) -> tuple[dict[str, Any], Lot]:
    asked = auction(*orders, **rest)
    (lot,) = lots(CowAuction.model_validate(asked), CowChain())
    return asked, lot


def fills(lot: Lot, *rows: tuple[int, int]) -> tuple[Fill, ...]:
    """(executed, fee) of the orders in their order."""
    return tuple(Fill(uid=uid, executed=row[0], fee=row[1]) for uid, row in zip(lot.orders, rows, strict=True))


def sent(asked: dict[str, Any], lot: Lot, solution: Solution) -> CowSolution:
    made = answered(solution, lot, 0, pytest.fail)
    assert made is not None
    settle(asked, made.to_json())
    return made


def why(lot: Lot, solution: Solution) -> str:
    heard: list[str] = []
    assert answered(solution, lot, 0, heard.append) is None
    return heard[0]


def test_an_atom_of_rounding_comes_out_of_the_fee() -> None:
    asked, lot = lot_of(SELL, BUY)
    # A third of a USDC atom is missing: what the sell gets is rounded up, what the buy pays down.
    prices = {WETH: 6_000_000_001, USDC: 3 * E18}
    made = sent(asked, lot, Solution(id=0, prices=prices, fills=fills(lot, (E18 + 5, 5), (E18, 7))))
    assert [(trade.executed_amount, trade.fee) for trade in made.trades] == [(E18, 5), (E18, 7)]  # type: ignore[union-attr]


def test_without_fees_an_order_pays_the_atom_as_a_fee() -> None:
    asked, lot = lot_of(SELL, BUY, effectiveGasPrice="0")
    prices = {WETH: 6_000_000_001, USDC: 3 * E18}
    made = sent(asked, lot, Solution(id=0, prices=prices, fills=fills(lot, (E18, 0), (E18, 0))))
    assert sum(trade.fee or 0 for trade in made.trades) > 0  # type: ignore[union-attr]


def test_market_orders_pay_no_fee_so_an_atom_too_few_is_too_few() -> None:
    market = {"class": "market"}
    _, lot = lot_of({**SELL, **market}, {**BUY, **market})
    prices = {WETH: 6_000_000_001, USDC: 3 * E18}
    assert "are missing" in why(lot, Solution(id=0, prices=prices, fills=fills(lot, (E18, 0), (E18, 0))))


def test_a_fee_of_a_market_order_is_refused() -> None:
    _, lot = lot_of({**SELL, "class": "market"})
    assert "has paid" in why(lot, Solution(id=0, prices={WETH: 1, USDC: 1}, fills=fills(lot, (E18, 1))))


def test_more_than_rounding_is_not_paid_by_anybody() -> None:
    _, lot = lot_of(SELL, BUY)
    prices = {WETH: 2_000 * E6, USDC: E18}
    assert "are missing" in why(lot, Solution(id=0, prices=prices, fills=fills(lot, (E18 + 10, 0), (E18 + 99, 0))))


def test_a_call_is_sent_with_its_allowances() -> None:
    _, lot = lot_of(SELL, BUY)
    spender = address(77)
    call = Call.model_validate(
        {
            "target": spender,
            "data": "0x12345678",
            "allowances": [{"token": WETH, "spender": spender, "amount": str(E18)}],
            "inputs": [{"token": WETH, "amount": str(E18)}],
            "outputs": [{"token": USDC, "amount": str(2_000 * E6)}],
        }
    )
    sell_only = fills(lot, (E18, 0), (1, 0))[:1]
    prices = {WETH: 2_000 * E6, USDC: E18}
    made = answered(Solution(id=0, prices=prices, fills=sell_only, interactions=(call,)), lot, 0, pytest.fail)
    assert made is not None
    (row,) = made.to_json()["interactions"]
    assert (row["kind"], row["value"], row["allowances"][0]["spender"]) == ("custom", "0", spender)
    reverse = call.model_copy(update={"inputs": call.outputs, "outputs": call.inputs})
    assert "are missing" in why(lot, Solution(id=0, prices=prices, fills=sell_only, interactions=(reverse,)))


def test_a_swap_before_its_tokens_are_there_is_refused() -> None:
    _, lot = lot_of(order(1, (WETH, E18), (USDC, E6)))
    first = lot.pools["1"][0].amount_out(WETH, E18)
    dai = lot.pools["1"][0].other(WETH)
    assert dai is not None
    second = lot.pools["2"][0].amount_out(dai, first)
    one = PoolSwap(pool="1", token_in=WETH, amount_in=E18, amount_out=first)
    other = PoolSwap(pool="2", token_in=dai, amount_in=first, amount_out=second)
    prices = {WETH: second, USDC: E18}
    right = Solution(id=0, prices=prices, fills=fills(lot, (E18, 0)), interactions=(one, other))
    assert answered(right, lot, 0, pytest.fail) is not None
    assert "not there yet" in why(lot, right.model_copy(update={"interactions": (other, one)}))


def test_gas_is_that_of_the_trades_and_of_the_liquidity() -> None:
    asked, lot = lot_of(order(1, (USDC, 2_000 * E6), (NATIVE, E18 // 2)))
    pays = lot.pools["0"][0].amount_out(USDC, 2_000 * E6)
    swap = PoolSwap(pool="0", token_in=USDC, amount_in=2_000 * E6, amount_out=pays)
    prices = {USDC: pays, WETH: 2_000 * E6}
    made = sent(asked, lot, Solution(id=0, prices=prices, fills=fills(lot, (2_000 * E6, 0)), interactions=(swap,)))
    assert made.gas == 106_000 + 60_000 + 90_000
