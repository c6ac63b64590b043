"""Between the bid and the block: pools move, funds go, processes die. What was won settles once or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.bids import MICRO, WEI, always, fill, solution, swap, through_pool
from support.desk import Desk, ScriptedDoor, meddle, row_of
from support.world import TREASURY, person
from walras.rejections import Reason
from walras.wire import Batch, Solution
from walras_auction.ports import ChainError
from walras_auction.record import BundleOutcome, replay
from walras_auction.settle import Entry, SignedBundle, bundles_of, deliver, execution_gas


def a_sale(desk: Desk, owner: str = "alice", weth: int = WEI) -> str:
    return desk.submit(owner, desk.sell(owner, ("WETH", weth), ("USDC", 1_900 * MICRO * weth // WEI)))


def covered(uid: str, cover: int) -> Callable[[Batch], Solution]:
    def make(batch: Batch) -> Solution:
        usdc = {t.symbol: t.address for t in batch.tokens}["USDC"]
        return through_pool(batch, uid, WEI, cover={usdc: cover} if cover else {})

    return make


# ------------------------------------------------------------------ cover


def test_cover_makes_up_for_a_pool_that_moved_away(desk: Desk) -> None:
    uid, solver = a_sale(desk), person("honest").address
    desk.world.deposit_cover("honest", "USDC", 100 * MICRO)
    meddle(desk, lambda: desk.world.swap("dave", "WETH", 5 * WEI))
    held = desk.world.held(person("alice").address, "USDC")
    outcome = desk.round(ScriptedDoor(always(covered(uid, 50 * MICRO))))
    assert row_of(outcome.record, "honest")["status"] == "won", row_of(outcome.record, "honest")
    promised = int(outcome.record["result"]["fills"][0]["wants"][0])
    assert desk.world.held(person("alice").address, "USDC") - held == promised
    left = desk.chain.cover(solver, desk.world.token("USDC"))
    assert 50 * MICRO < left < 90 * MICRO
    assert desk.world.held(desk.chain.contracts.vault, "USDC") == left


def test_what_a_pool_pays_beyond_goes_into_the_cover_up_to_what_was_at_risk(desk: Desk) -> None:
    uid, solver = a_sale(desk), person("honest").address
    desk.world.deposit_cover("honest", "USDC", 100 * MICRO)
    meddle(desk, lambda: desk.world.swap("dave", "USDC", 20_000 * MICRO))
    desk.round(ScriptedDoor(always(covered(uid, 5 * MICRO))))
    assert desk.chain.cover(solver, desk.world.token("USDC")) == 105 * MICRO
    assert desk.world.held(TREASURY, "USDC") > 10 * MICRO


def test_more_cover_than_was_deposited_is_refused(desk: Desk) -> None:
    uid = a_sale(desk)
    desk.world.deposit_cover("honest", "USDC", 10 * MICRO)
    record = desk.round(ScriptedDoor(always(covered(uid, 10 * MICRO + 1)))).record
    assert row_of(record, "honest")["reason"] == Reason.INSUFFICIENT_COVER


# ------------------------------------------------------------------ winners that fail


def test_a_winner_that_fails_by_its_own_fault_is_benched_for_a_time_that_doubles(desk: Desk) -> None:
    uid = a_sale(desk)
    door = ScriptedDoor(always(covered(uid, 0)))
    statuses = []
    for spoil in (True, False, True, False, False, False):
        if spoil:
            meddle(desk, lambda: desk.world.swap("dave", "WETH", 5 * WEI))
        record = desk.round(door).record
        if record["inputs"]["failures"]:
            statuses.append(record["inputs"]["failures"][0]["reason"])
        else:
            statuses.append(row_of(record, "honest")["status"])
    benched = Reason.SOLVER_BENCHED.value
    assert statuses == ["failed", benched, "failed", benched, benched, "won"]


def test_a_failed_winner_leaves_its_intents_open_and_says_why(desk: Desk) -> None:
    uid = a_sale(desk)
    meddle(desk, lambda: desk.world.swap("dave", "WETH", 5 * WEI))
    record = desk.round(ScriptedDoor(always(covered(uid, 0)))).record
    row = row_of(record, "honest")
    assert row["reason"] == Reason.SETTLEMENT_FAILED
    assert row["detail"].startswith("CoverExceeded")
    stored = desk.stored(uid)
    assert (stored.state, stored.executed, stored.reason) == ("open", 0, Reason.NO_SOLUTION_WON)
    assert "settlement_failed" in stored.detail
    assert replay(record) == desk.house.store.round_record(record["inputs"]["batch"]["round"])


def test_funds_that_go_before_the_block_are_not_the_solvers_fault(desk: Desk) -> None:
    uid, alice = a_sale(desk), person("alice").address
    meddle(
        desk,
        lambda: desk.world.transfer("alice", "WETH", person("bob").address, desk.world.held(alice, "WETH")),
    )
    door = ScriptedDoor(always(covered(uid, 0)))
    row = row_of(desk.round(door).record, "honest")
    assert (row["status"], row["reason"]) == ("failed", Reason.SETTLEMENT_FAILED)
    other = a_sale(desk, "bob")
    assert desk.round(ScriptedDoor(always(covered(other, 0)))).fills == 1


def test_one_solution_that_reverts_takes_no_other_with_it(desk: Desk) -> None:
    uid = a_sale(desk)
    dai = desk.submit("carol", desk.sell("carol", ("DAI", 1_000 * WEI), ("USDC", 990 * MICRO)))
    usdc = desk.submit("dave", desk.sell("dave", ("USDC", 1_000 * MICRO), ("DAI", 990 * WEI)))

    def stable(batch: Batch) -> Solution:
        return solution(batch, {"DAI": MICRO, "USDC": WEI}, fill(dai, 1_000 * WEI), fill(usdc, 1_000 * MICRO))

    meddle(desk, lambda: desk.world.swap("bob", "WETH", 5 * WEI))
    outcome = desk.round(ScriptedDoor(always(covered(uid, 0))), ScriptedDoor(always(stable), "rival"))
    assert row_of(outcome.record, "honest")["status"] == "failed"
    assert row_of(outcome.record, "rival")["status"] == "won"
    assert len(outcome.record["settlement"]) == 1
    assert outcome.fills == 2


# ------------------------------------------------------------------ pure parts


def entry(gas: int) -> Entry:
    return Entry(f"0x{gas:064x}", "0x" + "11" * 20, b"", gas)


def test_bundles_stay_below_a_block() -> None:
    bundles = bundles_of([entry(gas) for gas in (5, 4, 3, 7, 11, 1)], 10)
    assert [[one.gas_limit for one in bundle] for bundle in bundles] == [[5, 4], [3, 7], [11], [1]]


def test_no_winners_no_bundle() -> None:
    assert bundles_of([], 10) == []


def test_execution_gas_leaves_room_for_state_that_moved() -> None:
    assert execution_gas(400_000) == 550_000


class SilentChain:
    """Takes or refuses a transaction, and never mines it."""

    block_gas = 10

    def __init__(self, refusal: str = "") -> None:
        self.refusal = refusal

    def sign_bundle(self, round_id: int, entries: object, deadline: int) -> SignedBundle:
        raise NotImplementedError

    def send(self, raw: bytes) -> str:
        if self.refusal:
            raise ChainError(self.refusal)
        return "0x00"

    def follow(self, bundle: SignedBundle) -> BundleOutcome | None:
        return None


@pytest.mark.parametrize("refusal", ["", "nonce too low"])
def test_what_is_never_mined_counts_as_failed(refusal: str) -> None:
    outcome = deliver(SilentChain(refusal), SignedBundle("0xaa", b"", ("0x1", "0x2")))
    assert outcome.outcomes == dict.fromkeys(("0x1", "0x2"), (False, refusal or "it was not mined in time"))


def test_swaps_can_be_chained(desk: Desk) -> None:
    """Two swaps through one pool, declared one after the other, pay what the pool says."""
    uid = a_sale(desk)

    def twice(batch: Batch) -> Solution:
        first = swap(batch, "WETH", WEI // 2)
        pool = batch.pools[0]
        moved = {"reserve0": pool.reserve0 + first.amount_in, "reserve1": pool.reserve1 - first.amount_out}
        second = swap(batch.model_copy(update={"pools": (pool.model_copy(update=moved),)}), "WETH", WEI // 2)
        rates = {"WETH": first.amount_out + second.amount_out, "USDC": WEI}
        return solution(batch, rates, fill(uid, WEI), interactions=(first, second))

    outcome = desk.round(ScriptedDoor(always(twice)))
    assert outcome.fills == 1, row_of(outcome.record, "honest")
