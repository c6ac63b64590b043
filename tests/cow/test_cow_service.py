"""Engines as CoW sees them: what is asked in its words is answered in its words, and nothing that would not settle."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.cow import (
    DAI,
    E6,
    E18,
    NATIVE,
    NOW,
    POOLS,
    USDC,
    WETH,
    InProcess,
    a_quote,
    address,
    auction,
    order,
    product,
    schema,
    settle,
)
from walras.cow.service import CowService
from walras.solver import Solver, load
from walras.wire import Batch, Solution

SELL = order(1, (WETH, E18), (USDC, 1_900 * E6))
BUY = order(2, (USDC, 2_100 * E6), (WETH, E18), "buy", partiallyFillable=True)


def served(solver: Solver | None, now: datetime = NOW) -> CowService:
    return CowService([InProcess(solver)], now=lambda: now)


def solve(service: CowService, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The solutions; the request and the response conform to the schema, and each solution settles."""
    schema("SolveRequest").validate(asked)
    response = json.loads(json.dumps(service.solve(json.dumps(asked).encode()).to_json()))
    schema("SolveResponse").validate(response)
    solutions: list[dict[str, Any]] = response["solutions"]
    for solution in solutions:
        settle(asked, solution)
    assert len({solution["id"] for solution in solutions}) == len(solutions)
    return solutions


def got(asked: dict[str, Any], solutions: list[dict[str, Any]], number: int) -> set[tuple[int, int]]:
    """(sold, bought) of an order, in every solution that fills it."""
    uid = f"0x{number:0112x}"
    return {done[uid] for one in solutions if uid in (done := settle(asked, one))}


@pytest.fixture(scope="module", params=["naive", "router"])
def engine(request: pytest.FixtureRequest) -> Solver:
    return load(request.param)


class Silent:
    def solve(self, batch: Batch) -> Iterable[Solution]:
        return []


def test_orders_meet_and_the_price_beats_the_pools(engine: Solver) -> None:
    asked = auction(SELL, BUY)
    solutions = solve(served(engine), asked)
    both = [one for one in solutions if len(one["trades"]) == 2]
    assert both
    assert all(int(trade["fee"]) > 0 for one in solutions for trade in one["trades"])


@pytest.mark.parametrize("side", ["sell", "buy"])
def test_a_quote_is_at_least_that_of_the_best_path(engine: Solver, side: str) -> None:
    pools = [product(0, (WETH, 10 * E18), (USDC, 20_000 * E6)), *POOLS[1:]]  # the way round is better
    one = order(0, (WETH, E18), (USDC, 1)) if side == "sell" else order(0, (WETH, 2**144), (USDC, 1_900 * E6), "buy")
    asked = a_quote(one, liquidity=pools)
    least = max(got(asked, solve(served(Silent()), asked), 0), key=lambda row: row[1] / row[0])
    solutions = solve(served(engine), asked)
    sold, bought = settle(asked, solutions[0])[one["uid"]]
    assert bought * least[0] >= least[1] * sold
    assert all(int(trade["fee"]) <= 1 for trade in solutions[0]["trades"])  # an atom of rounding, at most


def test_the_best_path_may_have_three_hops() -> None:
    middle = address(9)
    pools = [
        product(0, (WETH, 100 * E18), (USDC, 200_000 * E6)),
        product(1, (USDC, 10**6 * E6), (middle, 10**6 * E18)),
        product(2, (middle, 10**6 * E18), (DAI, 10**6 * E18)),
    ]
    (solution,) = solve(served(Silent()), a_quote(order(0, (WETH, E18), (DAI, 1)), liquidity=pools))
    assert [step["id"] for step in solution["interactions"]] == ["0", "1", "2"]


def test_a_split_beats_the_best_path() -> None:
    asked = a_quote(order(0, (WETH, 50 * E18), (USDC, 1)))
    single = got(asked, solve(served(Silent()), asked), 0).pop()[1]
    first = solve(served(load("router")), asked)[0]
    assert len(first["interactions"]) > 1
    assert settle(asked, first)[f"0x{0:0112x}"][1] > single


def test_market_orders_pay_no_fee(engine: Solver) -> None:
    market = order(3, (WETH, E18), (USDC, 1_900 * E6), **{"class": "market"})
    solutions = solve(served(engine), auction(market, BUY))
    fees = [trade.get("fee") for one in solutions for trade in one["trades"] if trade["order"] == market["uid"]]
    assert fees
    assert set(fees) == {None}


def test_the_native_coin_is_bought_at_the_price_of_its_wrapped_token(engine: Solver) -> None:
    solutions = solve(served(engine), auction(order(1, (DAI, 5_000 * E18), (NATIVE, 2 * E18), "buy")))
    assert solutions
    assert all(set(one["prices"]) == {DAI, WETH} for one in solutions)


def test_a_part_of_an_order_fills_where_the_pools_do_not_pay_for_all_of_it(engine: Solver) -> None:
    big = order(1, (WETH, 10_000 * E18), (USDC, 10_000 * 1_900 * E6), partiallyFillable=True)
    solutions = solve(served(engine), auction(big))
    assert solutions
    assert all(sold < 10_000 * E18 for sold, _ in got(auction(big), solutions, 1))


@pytest.mark.parametrize(
    "odd",
    [
        {"class": "liquidity"},
        {"feePolicies": [{"volume": {"factor": 0.1}}]},
        {"flashloanHint": {"token": USDC}},
        {"wrappers": [{"address": USDC, "data": "0x"}]},
        {"uid": "0x12"},
        {"sellAmount": "-1"},
        {"sellAmount": str(2**200)},
        {"sellToken": USDC},
        {"kind": "swap"},
    ],
)
def test_an_order_that_cannot_be_served_costs_only_itself(odd: dict[str, Any]) -> None:
    body = json.dumps(auction({**order(5, (WETH, E18), (USDC, 1_900 * E6)), **odd}, SELL)).encode()
    solutions = served(load("naive")).solve(body).solutions
    assert {trade.order for one in solutions for trade in one.trades} == {SELL["uid"]}  # type: ignore[union-attr]


def test_unknown_fields_and_strange_liquidity_are_passed_over() -> None:
    odd = [{"kind": "hyperbolic", "id": "8"}, 7, {**POOLS[0], "id": "9", "fee": "1e-99999999"}, *POOLS]
    asked = {**auction({**SELL, "colour": "red"}, liquidity=odd), "weather": {"rain": True}}
    assert served(load("naive")).solve(json.dumps(asked).encode()).solutions


def test_hexadecimal_amounts_are_amounts() -> None:
    asked = auction({**SELL, "sellAmount": hex(E18)}, effectiveGasPrice="0x0")
    assert served(load("naive")).solve(json.dumps(asked).encode()).solutions


def test_an_engine_that_fails_leaves_the_single_paths() -> None:
    (solution,) = solve(served(None), auction(SELL))
    assert len(solution["interactions"]) == 1


def test_a_worse_answer_than_the_single_path_is_not_sent() -> None:
    class Wasteful:
        """Half of what the pool pays stays behind."""

        def solve(self, batch: Batch) -> Iterable[Solution]:
            for one in load("naive").solve(batch):
                yield one.model_copy(
                    update={"prices": {k: v * 20 // (21 if k == WETH else 20) for k, v in one.prices.items()}}
                )

    asked = auction(order(1, (WETH, E18), (USDC, 1_000 * E6)))
    assert got(asked, solve(served(Wasteful()), asked), 1) == got(asked, solve(served(None), asked), 1)


def test_an_engine_that_lies_is_not_repeated() -> None:
    class Liar:
        def solve(self, batch: Batch) -> Iterable[Solution]:
            for number, one in enumerate(load("naive").solve(batch)):
                fill = one.fills[0]
                lies = [
                    {"prices": {token: price + (token == WETH) * price for token, price in one.prices.items()}},
                    {"fills": (fill.model_copy(update={"executed": fill.executed + 1}),)},
                    {"fills": (fill, fill)},
                    {"fills": (fill.model_copy(update={"uid": "0x" + "77" * 32}),)},
                    {"interactions": one.interactions * 2},
                    {"interactions": ()},
                    {"cover": {USDC: 1}},
                    {"prices": {}},
                ]
                for place, lie in enumerate(lies):
                    yield one.model_copy(update={"id": number * 100 + place, **lie})

    asked = auction(SELL)
    service = served(Liar())
    assert [one["id"] for one in solve(service, asked)] == [5_000]  # only the single path


def test_nothing_is_asked_after_the_deadline() -> None:
    service = served(load("naive"), NOW + timedelta(seconds=9.6))
    assert solve(service, auction(SELL)) == []
    assert service.engines[0].asked == []  # type: ignore[attr-defined]


def test_the_engine_is_told_of_less_time_than_there_is() -> None:
    service = served(Silent())
    solve(service, auction(SELL))
    (batch,) = service.engines[0].asked  # type: ignore[attr-defined]
    assert 0 < batch.deadline_ms <= 9_500 * 0.8


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"nonsense", b"[" * 100_000, b'{"id": 1' + b"1" * 5_000 + b"}"])
def test_what_is_no_auction_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        served(Silent()).solve(body)


def test_notifications_reach_the_engine_under_its_own_numbers() -> None:
    service = served(Silent())
    service.tell(b'{"auctionId":"17","solutionId":10003,"kind":"driverError","reason":"no","more":1}')
    service.tell(b'{"auctionId":null,"solutionId":[1,2],"kind":"timeout"}')
    told = [(one.round, one.solution, one.status, one.detail) for one in service.engines[0].told]  # type: ignore[attr-defined]
    assert told == [(17, 3, "driverError", "no"), (0, 1, "timeout", "timeout"), (0, 2, "timeout", "timeout")]
