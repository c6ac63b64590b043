"""What the house asks of a chain, on both local chains: reads, permits, simulation, settlement, recovery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.bids import MICRO, WEI, always, at, fill, swap, through_pool
from support.desk import Desk, ScriptedDoor, a_desk, meddle, row_of
from support.world import MAX, STRAY, TREASURY, World, person
from walras.intent import Intent, Leg
from walras.wire import Batch, PermitMessage, Pool, Solution
from walras_auction.clock import SystemClock
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.encoding import decode_settle, encode_settle
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.ports import ChainError, TokenFacts
from walras_auction.rounds import RoundOutcome
from walras_auction.settle import Entry, SignedBundle
from web3 import HTTPProvider, Web3

NOBODY = "0x" + "99" * 20


@pytest.fixture
def chain(world: World) -> EvmChain:
    return world.chain()


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    if world.local.backend == "anvil":
        world.clock.time = SystemClock().now()  # anvil's blocks carry the machine's time
    with a_desk(world, tmp_path) as desk:
        yield desk


# ------------------------------------------------------------------ reads


def test_funds_are_balance_and_allowance(world: World, chain: EvmChain) -> None:
    alice, erin = person("alice").address, person("erin").address
    queries = [(alice, world.token("WETH")), (erin, world.token("DAI")), (NOBODY, world.token("DAI"))]
    assert chain.token_facts(queries) == [
        TokenFacts(100 * WEI, MAX),
        TokenFacts(200_000 * WEI, 0),
        TokenFacts(0, 0),
    ]
    assert chain.token_facts([(alice, NOBODY)]) == [TokenFacts(0, 0, is_contract=False)]
    assert chain.token_facts([]) == []


def test_funds_of_many_are_read_in_parts(world: World, chain: EvmChain) -> None:
    alice = person("alice").address
    queries = [(alice, world.token("WETH"))] + [(f"0x{n:040x}", world.token("DAI")) for n in range(1, 900)]
    facts = chain.token_facts(queries)
    assert len(facts) == 900
    assert facts[0].balance == 100 * WEI
    assert {one.balance for one in facts[1:]} == {0}


def test_nonces_follow_the_chain(world: World, chain: EvmChain) -> None:
    alice, uid = person("alice").address, "0x" + "11" * 32
    fresh = ((0, False, False, 0), False)
    assert chain.nonce_facts([(alice, 7, uid), (alice, 8, uid)]) == [fresh] * 2
    world.cancel_nonce("alice", 7)
    assert chain.nonce_facts([(alice, 7, uid), (alice, 8, uid)]) == [((0, True, True, 0), False), fresh]


def test_account_facts_cover_both_sides(world: World, chain: EvmChain) -> None:
    intent = Intent.sell(person("alice").address, (world.token("WETH"), 5), (NOBODY, 5), valid_to=9, nonce=1)
    native = replace(intent, wants=(Leg.fixed("0x" + "ee" * 20, 5),))
    first, second = chain.account_facts([("0x" + "11" * 32, intent), ("0x" + "22" * 32, native)])
    assert first.gives == (TokenFacts(100 * WEI, MAX),)
    assert (first.wants_are_contracts, second.wants_are_contracts) == ((False,), (True,))
    assert (first.epoch, first.nonce_taken, first.nonce_dead, first.filled) == (0, False, False, 0)


def test_pools_are_read_at_the_latest_block(world: World, chain: EvmChain) -> None:
    (before,) = chain.pools()
    assert (before.reserve0, before.reserve1) == (1_000 * WEI, 2_000_000 * MICRO)
    world.swap("dave", "WETH", WEI)
    (after,) = chain.pools()
    assert after.reserve0 == 1_001 * WEI
    assert after.reserve1 < before.reserve1
    chain.use_pools([world.pool, Pool(**{**world.pool.model_dump(), "id": "gone", "address": NOBODY})])
    assert [pool.id for pool in chain.pools()] == [world.pool.id]
    chain.use_pools([])
    assert chain.pools() == ()


def test_bonds_and_cover(world: World, chain: EvmChain) -> None:
    assert chain.is_bonded(person("honest").address)
    assert not chain.is_bonded(person(STRAY).address)
    assert chain.cover(person("honest").address, world.token("USDC")) == 0
    world.deposit_cover("honest", "USDC", 7)
    assert chain.cover(person("honest").address, world.token("USDC")) == 7


def test_a_view_is_of_the_latest_block(world: World, chain: EvmChain) -> None:
    intent = Intent.sell(
        person("alice").address, (world.token("WETH"), 5), (world.token("DAI"), 5), valid_to=9, nonce=1
    )
    view = chain.view([("0x" + "11" * 32, intent)])
    assert (view.block, view.time) == chain.latest()
    assert view.funds == {(intent.owner, world.token("WETH")): TokenFacts(100 * WEI, MAX)}
    assert view.nonces == {"0x" + "11" * 32: (0, False, False, 0)}
    assert len(view.pools) == 1


# ------------------------------------------------------------------ permits


def test_permits_are_checked_before_they_are_taken(world: World, chain: EvmChain) -> None:
    erin, frank = person("erin").address, person("frank").address
    permit = world.permit("erin", "DAI")
    assert chain.check_permit(erin, permit) is None
    assert "recovers to" in str(chain.check_permit(frank, permit))
    assert "deadline" in str(chain.check_permit(erin, permit.model_copy(update={"deadline": 1})))
    assert "recovers to" in str(chain.check_permit(erin, permit.model_copy(update={"value": 5})))
    assert "EIP-2612" in str(chain.check_permit(erin, permit.model_copy(update={"token": world.pool.address})))
    assert "EIP-2612" in str(chain.check_permit(erin, permit.model_copy(update={"token": NOBODY})))
    assert "65" in str(chain.check_permit(erin, permit.model_copy(update={"signature": permit.signature[:-4]})))


def test_permits_are_relayed_each_for_itself(world: World, chain: EvmChain) -> None:
    erin, frank = person("erin").address, person("frank").address
    good, other = world.permit("erin", "DAI"), world.permit("frank", "DAI")
    forged = PermitMessage(**{**other.model_dump(), "value": 5})
    assert chain.relay_permits([(erin, good), (frank, forged)])[0] is None
    assert chain.relay_permits([(frank, forged)])[0] is not None
    facts = chain.token_facts([(erin, world.token("DAI")), (frank, world.token("DAI"))])
    assert [one.allowance for one in facts] == [MAX, 0]


# ------------------------------------------------------------------ simulation and settlement


def a_round(desk: Desk, usdc: int = 2_000) -> tuple[list[str], RoundOutcome]:
    """Alice and Bob at ``usdc``, one of them paid in another's account."""
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    buy = desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    door = ScriptedDoor(always(lambda batch: at(batch, usdc, fill(sell, WEI), fill(buy, WEI))))
    return [sell, buy], desk.round(door)


def test_a_round_settles(desk: Desk) -> None:
    uids, outcome = a_round(desk)
    assert outcome.fills == 2, row_of(outcome.record, "honest")
    (bundle,) = outcome.record["settlement"]
    receipt = desk.chain.rpc.receipt(bundle["transaction"])
    assert receipt is not None
    assert receipt["status"] == 1
    assert bundle["gasUsed"] == receipt["gasUsed"]
    assert bundle["time"] == desk.chain.rpc.timestamp(bundle["block"])
    (decoded,) = decode_settle(desk.chain.rpc.input_of(bundle["transaction"]))
    assert [desk.uid(one.intent) for one in decoded.fills] == uids
    assert [one.executed for one in decoded.fills] == [WEI, WEI]
    assert desk.world.held(TREASURY, "USDC") == 0


def test_simulated_gas_covers_what_the_chain_charges(desk: Desk) -> None:
    _, outcome = a_round(desk)
    used, simulated = outcome.record["settlement"][0]["gasUsed"], row_of(outcome.record, "honest")["gas"]
    assert used <= simulated <= used * 1.3


def test_a_simulation_moves_nothing(desk: Desk) -> None:
    before = desk.chain.latest()[0], desk.world.held(person("alice").address, "WETH")
    desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    uid = desk.house.store.open_intents()[0].uid
    meddle(desk, lambda: pytest.fail("nothing may be signed"))

    def greedy(batch: Batch) -> Solution:
        solution = through_pool(batch, uid, WEI)
        step = swap(batch, "WETH", WEI, 1_999 * MICRO)
        prices = {**solution.prices, desk.world.token("WETH"): 1_999 * MICRO, desk.world.token("USDC"): WEI}
        return solution.model_copy(update={"interactions": (step,), "prices": prices})

    row = row_of(desk.round(ScriptedDoor(always(greedy))).record, "honest")
    assert row["reason"] == "simulation_failed"
    assert row["detail"].startswith("CoverExceeded(token=")
    assert before == (desk.chain.latest()[0], desk.world.held(person("alice").address, "WETH"))


def test_one_failure_in_a_bundle_is_told_from_the_rest(desk: Desk) -> None:
    uid = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    meddle(desk, lambda: desk.world.swap("dave", "WETH", 5 * WEI))
    outcome = desk.round(ScriptedDoor(always(lambda batch: through_pool(batch, uid, WEI))))
    row = row_of(outcome.record, "honest")
    assert (row["status"], row["detail"].partition("(")[0]) == ("failed", "CoverExceeded")
    receipt = desk.chain.rpc.receipt(outcome.record["settlement"][0]["transaction"])
    assert receipt is not None
    assert receipt["status"] == 1, "the transaction goes through, the solution in it does not"


def test_the_same_bytes_are_mined_once(desk: Desk) -> None:
    """What recovery relies on: sending a mined transaction again is refused and its receipt still found."""
    sent: list[bytes] = []
    real = desk.chain.send

    def send(raw: bytes) -> str:
        sent.append(raw)
        return real(raw)

    desk.chain.send = send  # type: ignore[method-assign]
    _, outcome = a_round(desk)
    with pytest.raises(ChainError):
        real(sent[0])
    bundle = outcome.record["settlement"][0]
    again = desk.chain.follow(SignedBundle(bundle["transaction"], sent[0], tuple(bundle["outcomes"])))
    assert again is not None
    assert again.to_json() == bundle


def test_what_was_never_sent_is_not_found(world: World) -> None:
    chain = world.chain(patience=0.05)
    assert chain.follow(SignedBundle("0x" + "77" * 32, b"", ("0x1",))) is None


def test_an_award_that_came_too_late_is_named(desk: Desk) -> None:
    bundle = desk.chain.sign_bundle(1, [Entry("0x1", person("honest").address, b"\x00" * 200, 100_000)], 5)
    desk.chain.send(bundle.raw)
    followed = desk.chain.follow(bundle)
    assert followed is not None
    settled, reason = followed.outcomes["0x1"]
    assert not settled
    assert reason.startswith("AwardExpired(deadline=5")


def test_a_transaction_that_reverts_as_a_whole_settles_nothing(desk: Desk) -> None:
    """A bundle of nothing reverts; whatever was said to be in it has not settled."""
    bundle = desk.chain.sign_bundle(1, [], 2**40)
    try:
        desk.chain.send(bundle.raw)
    except ChainError:
        return  # a node may refuse what cannot succeed
    followed = desk.chain.follow(replace(bundle, hashes=("0x1",)))
    assert followed is not None
    assert followed.outcomes == {"0x1": (False, "the settlement transaction reverted as a whole")}


def test_a_solution_larger_than_a_block_is_refused_without_asking(chain: EvmChain) -> None:
    result = chain.simulate(1, person("honest").address, b"\x11" * 10**6, 2**40, [])
    assert (result.ok, result.gas) == (False, 0)
    assert "do not fit a block" in result.error


def test_nonsense_is_named(chain: EvmChain) -> None:
    result = chain.simulate(1, person("honest").address, b"\x11" * 300, 2**40, [])
    assert (result.ok, result.gas, result.changes) == (False, 0, ())
    assert result.error.startswith("SolutionMalformed(position=")
    stray = chain.simulate(1, person(STRAY).address, b"\x11" * 300, 2**40, [])
    assert stray.error.startswith("SolverNotBonded(")


def test_a_chain_that_is_gone_is_an_error_of_the_chain(world: World) -> None:
    gone = Rpc(Web3(HTTPProvider("http://127.0.0.1:9", exception_retry_configuration=None)))
    for ask in (
        gone.block,
        lambda: gone.call(NOBODY, b""),
        lambda: gone.receipt("0x" + "11" * 32),
        lambda: gone.send(b""),
    ):
        with pytest.raises(ChainError):
            ask()


def test_the_calldata_of_settle_decodes_and_nothing_else_does() -> None:
    assert decode_settle(encode_settle([])) == []
    with pytest.raises(ValueError, match="not the calldata"):
        decode_settle(b"\x00" * 8)
