"""Bids whose numbers are right and whose purpose is not: wash trades, sabotage, allowances left behind."""

from __future__ import annotations

from dataclasses import replace

from eth_abi.abi import encode
from support.bids import MICRO, WEI, always, at, fill, solution, through_pool
from support.bytecode import IDLE, TRAP, creation
from support.desk import Desk, ScriptedDoor, meddle, row_of
from support.offence import OFFENDER, assert_the_honest_bid_won, honest, reasons
from support.world import MAX, STRAY, person
from walras.rejections import Reason
from walras.wire import Allowance, Batch, Call, Solution
from walras_auction.infra.chain.encoding import selector

# ------------------------------------------------------------------ wash fills


def test_a_solvers_own_intents_count_nothing_for_its_bid(desk: Desk, market: tuple[str, str]) -> None:
    """It trades with itself at limits it set itself; without those fills there is no bid."""
    for symbol, amount in (("WETH", 10 * WEI), ("USDC", 20_000 * MICRO)):
        desk.world.transfer("dave", symbol, person(OFFENDER).address, amount)
        desk.world.approve(OFFENDER, symbol, MAX)
    own = desk.submit(OFFENDER, desk.sell(OFFENDER, ("WETH", 10 * WEI), ("USDC", 1)))
    same = desk.submit(OFFENDER, desk.sell(OFFENDER, ("USDC", 20_000 * MICRO), ("WETH", 1)))
    wash = ScriptedDoor(
        always(lambda batch: at(batch, 2_000, fill(own, 10 * WEI), fill(same, 20_000 * MICRO))), OFFENDER
    )
    outcome = desk.round(honest(market), wash)
    assert_the_honest_bid_won(desk, market, outcome)
    assert reasons(outcome.record) == [Reason.SCORE_NOT_POSITIVE]


def sock_puppets(desk: Desk, token: str = "JUNK") -> tuple[str, str]:
    """Carol and Dave are one person, who trades WETH for another token at limits of one atom."""
    left = desk.submit("carol", desk.sell("carol", ("WETH", 50 * WEI), (token, 1)))
    right = desk.submit("dave", desk.sell("dave", (token, 50 * WEI), ("WETH", 1)))
    return left, right


def bundle(market: tuple[str, str], puppets: tuple[str, str], usdc: int, token: str = "JUNK") -> ScriptedDoor:
    """The honest pair at ``usdc``, carried by a wash trade that seems to be worth a lot."""

    def make(batch: Batch) -> Solution:
        rates = {"WETH": usdc * MICRO, "USDC": WEI, token: usdc * MICRO}
        fills = [fill(market[0], WEI // 2), fill(market[1], WEI // 2)]
        return solution(batch, rates, *fills, fill(puppets[0], 50 * WEI), fill(puppets[1], 50 * WEI))

    return ScriptedDoor(always(make), OFFENDER)


def test_a_wash_trade_cannot_carry_a_pair_that_is_served_worse(desk: Desk, market: tuple[str, str]) -> None:
    outcome = desk.round(honest(market), bundle(market, sock_puppets(desk), 1_900))
    assert_the_honest_bid_won(desk, market, outcome)
    row = row_of(outcome.record, OFFENDER)
    assert int(row["score"]) > 50 * int(row_of(outcome.record, "honest")["score"])
    assert row["reason"] == Reason.UNFAIR_TO_PAIR


def test_a_wash_trade_that_everyone_sees_is_served_alone_and_carries_nothing(
    desk: Desk, market: tuple[str, str]
) -> None:
    """A solver that works pair by pair serves the puppets too: the two bids together are worth more than the bundle."""
    puppets = sock_puppets(desk, "DAI")

    def pair_by_pair(batch: Batch) -> list[Solution]:
        alone = [fill(uid, 50 * WEI) for uid in puppets]
        return [
            at(batch, 2_000, *[fill(uid, WEI) for uid in market]),
            solution(batch, {"WETH": 1, "DAI": 1}, *alone, number=2),
        ]

    outcome = desk.round(ScriptedDoor(pair_by_pair), bundle(market, puppets, 1_900, "DAI"))
    assert [row_of(outcome.record, "honest", number)["status"] for number in (1, 2)] == ["won", "won"]
    assert row_of(outcome.record, OFFENDER)["reason"] == Reason.OUTBID
    assert desk.house.store.fills(market[0])[0].wants == (2_000 * MICRO,)


def test_nor_a_pair_that_a_pool_serves_better(desk: Desk) -> None:
    """One side only: the pool pays 1,991, the bundle gives 1,950 and keeps the rest from the trader."""
    desk.terms = replace(desk.terms, deadline_ms=20_000)
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    left, right = sock_puppets(desk)

    def wash(batch: Batch) -> Solution:
        served = through_pool(batch, sell, WEI)
        weth, usdc = served.prices.keys()
        junk = desk.world.token("JUNK")
        prices = {weth: 1_950 * MICRO, usdc: WEI, junk: 1_950 * MICRO}
        fills = (fill(sell, WEI), fill(left, 50 * WEI), fill(right, 50 * WEI))
        return served.model_copy(update={"prices": prices, "fills": fills})

    door = ScriptedDoor(always(lambda batch: through_pool(batch, sell, WEI)))
    outcome = desk.round(door, ScriptedDoor(always(wash), OFFENDER))
    assert row_of(outcome.record, "honest")["status"] == "won", outcome.record["verdict"]
    assert row_of(outcome.record, OFFENDER)["reason"] == Reason.UNFAIR_TO_PAIR


# ------------------------------------------------------------------ honest in simulation, not on chain


def trap_bid(market: tuple[str, str], trap: str) -> ScriptedDoor:
    """The best match there is, and a call of a contract that can be switched off."""
    sell, buy = market
    call = Call(target=trap, data="0x12345678")
    return ScriptedDoor(
        always(lambda batch: at(batch, 2_000, fill(sell, WEI), fill(buy, WEI), interactions=(call,))), OFFENDER
    )


def test_who_wins_and_sabotages_its_settlement_is_benched(desk: Desk, market: tuple[str, str]) -> None:
    trap = desk.world.deploy(creation(TRAP))
    meddle(desk, lambda: desk.world.send(person(STRAY), trap, b""))
    first = desk.round(trap_bid(market, trap))
    assert row_of(first.record, OFFENDER)["status"] == "failed"
    assert [desk.stored(uid).state for uid in market] == ["open", "open"]
    second = desk.round(honest(market), trap_bid(market, trap))
    assert_the_honest_bid_won(desk, market, second)
    assert reasons(second.record) == [Reason.SOLVER_BENCHED]


def test_an_allowance_does_not_outlive_its_call(desk: Desk, market: tuple[str, str]) -> None:
    """The spender that an interaction names may take nothing once the solution is through."""
    idle = desk.world.deploy(creation(IDLE))
    sell, buy = market
    usdc = desk.world.token("USDC")
    allowance = Allowance(token=usdc, spender=person(STRAY).address, amount=10**6)

    def bid(batch: Batch) -> Solution:
        call = Call(target=idle, data="0x12345678", allowances=(allowance,))
        return at(batch, 2_000, fill(sell, WEI), fill(buy, WEI), interactions=(call,))

    outcome = desk.round(ScriptedDoor(always(bid)))
    assert outcome.fills == 2, outcome.record["verdict"]
    asked = encode(["address", "address"], [desk.chain.contracts.executor, person(STRAY).address])
    assert int.from_bytes(desk.chain.rpc.call(usdc, selector("allowance(address,address)") + asked), "big") == 0
