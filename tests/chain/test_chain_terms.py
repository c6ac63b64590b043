"""Terms settled on real chains: conditions read as the contract reads them, hooks, shares, a window for one solver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_abi.abi import decode, encode
from support.bids import MICRO, WEI, always, at, fill
from support.bytecode import BAD_TEXT, TRAP, creation, reverting
from support.desk import Desk, ScriptedDoor, a_desk, meddle, row_of
from support.world import World, person
from walras.conditions import Cmp, Node
from walras.digest import keccak
from walras.intent import NATIVE
from walras.orders import Order
from walras.rejections import Reason
from walras.terms import (
    FeeShare,
    Hook,
    Terms,
    all_of,
    any_of,
    balance_at_least,
    call_returns,
    not_,
    time_after,
    time_before,
)
from walras.wire import Fill
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.rpc import Reverted
from walras_auction.ports import StoredIntent
from walras_auction.waiting import waiting

#: Counts the calls that bring calldata, and tells the count to those that bring none.
COUNTER = bytes.fromhex("36600f5760005460005260206000f3" + "5b60005460010160005500")
#: Burns all gas; returns one byte; returns a megabyte.
BURNS, SHORT, LONG = bytes.fromhex("fe"), bytes.fromhex("60016000f3"), bytes.fromhex("620fffff6000f3")
#: Returns the gas that it was given.
GAS = bytes.fromhex("5a60005260206000f3")
POKE = b"poke"


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    with a_desk(world, tmp_path) as desk:
        yield desk


def submit(desk: Desk, owner: str, terms: Terms) -> str:
    """A sell of a WETH with terms; its uid."""
    intent = desk.sell(owner, ("WETH", WEI), ("USDC", 1_900 * MICRO), terms=terms.hash())
    return desk.house.intake.submit(Order(intent, person(owner), terms=terms).request(desk.chain.domain)).uid


def a_buyer(desk: Desk) -> str:
    return desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))


def match(*fills: Fill, name: str = "honest") -> ScriptedDoor:
    return ScriptedDoor(always(lambda batch: at(batch, 2_000, *fills)), name)


def count_of(world: World, counter: str) -> int:
    return int.from_bytes(world.local.rpc.call(counter, b""), "big")


# ------------------------------------------------------------------ conditions


def runner_says(desk: Desk, terms: Terms) -> bool | None:
    """What ``HookRunner.holds`` answers; None if it reverts."""
    contracts = desk.chain.contracts
    data = selector("holds(bytes)") + encode(["bytes"], [terms.encode()])
    try:
        answer = desk.chain.rpc.call(contracts.hook_runner, data, gas=5_000_000)
    except Reverted:
        return None
    return bool(decode(["bool"], answer)[0])


def house_says(desk: Desk, terms: Terms) -> bool | None:
    block, now = desk.chain.latest()
    intent = desk.sell("alice", ("WETH", WEI), ("USDC", 1), terms=terms.hash())
    one = StoredIntent("0x01", 1, intent, "0x", (), "open", 0, None, "", None, terms_data=terms.data)  # type: ignore[arg-type]
    why = waiting([one], desk.chain, block, now, now).get("0x01")
    return True if why is None else False if why.reason is Reason.CONDITION_NOT_MET else None


def test_the_house_reads_what_the_contract_reads(desk: Desk, world: World) -> None:
    alice, weth = person("alice").address, world.token("WETH")
    held = world.held(alice, "WETH")
    targets = {
        name: world.deploy(creation(code))
        for name, code in {
            "burns": BURNS,
            "short": SHORT,
            "long": LONG,
            "gas": GAS,
            "reverts": reverting(BAD_TEXT),
        }.items()
    }
    _, now = desk.chain.latest()
    conditions: list[Node] = [
        time_after(now - 10),
        time_after(now + 1_000),
        balance_at_least(weth, alice, held),
        balance_at_least(weth, alice, held + 1),
        balance_at_least(NATIVE, alice, 1),
        balance_at_least(NATIVE, alice, 2**200),
        balance_at_least(alice, alice, 0),
        balance_at_least(world.deployment.contracts.vault, weth, 0),
        call_returns(world.pool.address, quote(weth, WEI), Cmp.MORE, 1_900 * MICRO),
        call_returns(world.pool.address, quote(weth, WEI), Cmp.MORE, 2_000 * MICRO),
        call_returns(world.pool.address, quote(alice, WEI), Cmp.MORE, 0),
        *(call_returns(target, POKE, Cmp.NOT_EQUAL, 0) for target in targets.values()),
        call_returns(targets["gas"], POKE, Cmp.AT_LEAST, 99_000),
        call_returns(targets["gas"], POKE, Cmp.AT_MOST, 100_000),
        any_of(time_after(0), call_returns(targets["burns"], POKE, Cmp.EQUAL, 0)),
    ]
    answers = []
    for node in [*conditions, *(not_(node) for node in conditions), all_of(*conditions[2:5])]:
        terms = Terms(node)
        answers.append(house_says(desk, terms))
        assert answers[-1] == runner_says(desk, terms), str(node)
    assert {True, False, None} == set(answers)


def quote(token: str, amount: int) -> bytes:
    return selector("quote(address,uint256)") + encode(["address", "uint256"], [token, amount])


def test_a_stop_loss_waits_for_its_price(desk: Desk, world: World) -> None:
    """Alice sells once a WETH brings less than 1,950 USDC at the pool."""
    stop = Terms(call_returns(world.pool.address, quote(world.token("WETH"), WEI), Cmp.LESS, 1_950 * MICRO))
    sell, buy = submit(desk, "alice", stop), a_buyer(desk)
    outcome = desk.round(match(fill(sell, WEI), fill(buy, WEI)))
    assert row_of(outcome.record, "honest")["reason"] == Reason.UNKNOWN_UID.value
    assert [entry["uid"] for entry in outcome.record["inputs"]["batch"]["intents"]] == [buy]
    waits = desk.stored(sell)
    assert (waits.state, waits.reason) == ("open", Reason.CONDITION_NOT_MET.value)
    world.swap("dave", "WETH", 30 * WEI)
    assert desk.round(match(fill(sell, WEI), fill(buy, WEI))).fills == 2
    assert desk.stored(sell).state == "filled"


def test_a_round_is_not_held_for_those_who_wait(desk: Desk, world: World) -> None:
    submit(desk, "alice", Terms(time_after(world.clock.now() + 1_000)))
    assert desk.open_rounds([match()]).run() is None


def test_a_settlement_that_lands_too_late_for_a_condition_is_not_tried(desk: Desk, world: World) -> None:
    uid = submit(desk, "alice", Terms(time_before(world.clock.now() + desk.terms.horizon)))
    assert desk.open_rounds([match()]).run() is None
    assert desk.stored(uid).reason == Reason.CONDITION_NOT_MET.value


# ------------------------------------------------------------------ hooks


def test_hooks_run_before_and_after(desk: Desk, world: World) -> None:
    before, after = (world.deploy(creation(COUNTER)) for _ in range(2))
    terms = Terms(before=(Hook(before, POKE, 60_000, must=True),), afterwards=(Hook(after, POKE, 60_000),) * 2)
    sell, buy = submit(desk, "alice", terms), a_buyer(desk)
    assert desk.round(match(fill(sell, WEI), fill(buy, WEI))).fills == 2
    assert (count_of(world, before), count_of(world, after)) == (1, 2)


def test_a_hook_that_reserves_more_gas_than_it_uses_still_settles(desk: Desk, world: World) -> None:
    counter = world.deploy(creation(COUNTER))
    sell, buy = submit(desk, "alice", Terms(before=(Hook(counter, POKE, 1_000_000, must=True),))), a_buyer(desk)
    assert desk.round(match(fill(sell, WEI), fill(buy, WEI))).fills == 2


@pytest.mark.parametrize("code", [BURNS, reverting(BAD_TEXT), LONG], ids=["burns", "reverts", "returns much"])
@pytest.mark.parametrize("must", [True, False])
def test_a_must_hook_that_fails_stops_its_solution_and_a_may_hook_does_not(
    desk: Desk, world: World, code: bytes, must: bool
) -> None:
    target = world.deploy(creation(code))
    sell, buy = submit(desk, "alice", Terms(before=(Hook(target, POKE, 50_000, must),))), a_buyer(desk)
    outcome = desk.round(match(fill(sell, WEI), fill(buy, WEI)))
    row = row_of(outcome.record, "honest")
    if must:
        assert (row["reason"], outcome.fills) == (Reason.SIMULATION_FAILED.value, 0)
        assert "hook" in row["detail"].lower()
    else:
        assert (row["status"], outcome.fills) == ("won", 2)


def test_a_hook_that_fails_only_in_the_block_undoes_others_once(desk: Desk, world: World) -> None:
    """The hook's target turns hostile after the bundle is signed."""
    target = world.deploy(creation(TRAP))
    sell, buy = submit(desk, "alice", Terms(before=(Hook(target, POKE, 50_000, must=True),))), a_buyer(desk)
    meddle(desk, lambda: world.send(person("dave"), target, b""))
    outcome = desk.round(match(fill(sell, WEI), fill(buy, WEI)))
    assert row_of(outcome.record, "honest")["status"] == "failed"
    carol = desk.submit("carol", desk.sell("carol", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    outcome = desk.round(match(fill(carol, WEI), fill(buy, WEI)))
    assert (outcome.fills, len(outcome.record["inputs"]["batch"]["intents"])) == (2, 2)
    sits_out = desk.stored(sell)
    assert (sits_out.state, sits_out.reason) == ("open", Reason.TERMS_FAILED.value)


# ------------------------------------------------------------------ shares and exclusivity


def test_shares_are_paid_out_of_the_fee(desk: Desk, world: World) -> None:
    one, two = ("0x" + keccak(f"share {n}".encode())[12:].hex() for n in (1, 2))
    terms = Terms(shares=(FeeShare(one, 60), FeeShare(two, 40)))
    sell, buy = submit(desk, "alice", terms), a_buyer(desk)
    fee = WEI // 100
    low = desk.round(match(fill(sell, WEI, fee - 1), fill(buy, WEI - fee + 1)))
    assert row_of(low.record, "honest")["reason"] == Reason.FEE_BELOW_SHARES.value
    assert desk.round(match(fill(sell, WEI, fee), fill(buy, WEI - fee))).fills == 2
    assert (world.held(one, "WETH"), world.held(two, "WETH")) == (fee * 60 // 100, fee * 40 // 100)


def test_a_window_for_one_solver(desk: Desk, world: World) -> None:
    until = world.clock.now() + 600
    terms = Terms(exclusive_solver=person("rival").address, exclusive_until=until)
    sell, buy = submit(desk, "alice", terms), a_buyer(desk)
    refused = desk.round(match(fill(sell, WEI), fill(buy, WEI)))
    assert row_of(refused.record, "honest")["reason"] == Reason.EXCLUSIVE_SOLVER.value
    assert desk.round(match(fill(sell, WEI), fill(buy, WEI), name="rival")).fills == 2


def test_after_its_window_an_intent_is_everybodys(desk: Desk) -> None:
    terms = Terms(exclusive_solver=person("rival").address, exclusive_until=desk.chain.latest()[1] - 1)
    sell, buy = submit(desk, "alice", terms), a_buyer(desk)
    assert desk.round(match(fill(sell, WEI), fill(buy, WEI))).fills == 2
