"""Ways to sign and to keep funds, from intake to the block, on the real contracts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi.abi import encode
from support.bids import MICRO, WEI, always, at, fill
from support.bytecode import WALLET, creation
from support.desk import Desk, ScriptedDoor, a_desk
from support.world import World, person
from walras import funds
from walras.funds import ChainCall
from walras.intent import FillRule, Intent
from walras.orders import Order
from walras.permit import dai_permit_digest, read_terms, sign_dai_permit
from walras.permit2 import PERMIT2, sign_permit2
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, Signature, Signer
from walras_auction.infra.chain.encoding import selector
from walras_auction.ports import AuthorityFacts, AuthorityQuery, ChainError, TokenFacts

MAX = 2**256 - 1


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    with a_desk(world, tmp_path) as desk:
        yield desk


def send(desk: Desk, owner: str, call: ChainCall) -> None:
    desk.world.send(person(owner), call.to, call.data)


def submit(desk: Desk, intent: Intent, signature: Signer | Signature) -> str:
    return desk.house.intake.submit(Order(intent, signature).request(desk.chain.domain)).uid


def refusal(desk: Desk, intent: Intent, signature: Signer | Signature) -> Rejection:
    with pytest.raises(Rejection) as refused:
        submit(desk, intent, signature)
    return refused.value


def a_sale(desk: Desk, owner: str = "alice", **rest: object) -> Intent:
    return desk.sell(owner, ("WETH", WEI), ("USDC", 1_900 * MICRO), **rest)


def bob_buys(desk: Desk) -> str:
    return desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))


def fills(desk: Desk, *uids: str) -> int:
    """Run a round that matches one WETH of each at 2,000; the fills that settled."""
    door = ScriptedDoor(always(lambda batch: at(batch, 2_000, *(fill(uid, WEI) for uid in uids))))
    return desk.round(door).fills


# ------------------------------------------------------------------ contracts as owners (ERC-1271)


@pytest.fixture
def wallet(desk: Desk) -> str:
    """A contract account with one WETH that it has allowed the vault to move."""
    address = desk.world.deploy(creation(WALLET))
    desk.world.transfer("alice", "WETH", address, WEI)
    call = funds.approve(desk.world.token("WETH"), desk.chain.contracts.vault)
    desk.world.send(person("alice"), address, bytes(12) + bytes.fromhex(call.to[2:]) + call.data)
    return address


def test_a_contract_trades_by_its_own_word(desk: Desk, wallet: str) -> None:
    intent = replace(a_sale(desk), owner=wallet)
    uid, other = submit(desk, intent, Signature.of_contract("0xabcdef")), bob_buys(desk)
    assert fills(desk, uid, other) == 2
    assert desk.world.held(wallet, "USDC") == 2_000 * MICRO
    assert desk.stored(uid).scheme is Scheme.ERC1271


def test_a_contract_that_does_not_confirm_is_refused(desk: Desk, wallet: str) -> None:
    desk.world.send(person("alice"), wallet, b"")
    refused = refusal(desk, replace(a_sale(desk), owner=wallet), Signature.of_contract("0xabcdef"))
    assert refused.reason is Reason.CONTRACT_REFUSES
    alice = refusal(desk, a_sale(desk), Signature.of_contract("0xabcdef"))
    assert (alice.reason, "no contract" in alice.detail) == (Reason.CONTRACT_REFUSES, True)


def test_a_revoked_contract_signature_enters_no_batch(desk: Desk, wallet: str) -> None:
    uid, other = submit(desk, replace(a_sale(desk), owner=wallet), Signature.of_contract("0x")), bob_buys(desk)
    desk.world.send(person("alice"), wallet, b"")
    outcome = desk.round(ScriptedDoor(lambda batch: []))
    assert [entry["uid"] for entry in outcome.record["inputs"]["batch"]["intents"]] == [other]
    stored = desk.stored(uid)
    assert (stored.state, stored.reason) == ("parked", Reason.SIGNATURE_REVOKED)


# ------------------------------------------------------------------ signing on chain


def test_who_signs_on_chain_trades_and_may_take_it_back(desk: Desk) -> None:
    settlement, intent = desk.chain.contracts.settlement, a_sale(desk)
    assert refusal(desk, intent, Signature.presigned()).reason is Reason.NOT_PRESIGNED
    send(desk, "alice", funds.pre_sign(settlement, desk.uid(intent)))
    uid, other = submit(desk, intent, Signature.presigned()), bob_buys(desk)
    send(desk, "alice", funds.pre_sign(settlement, uid, False))
    desk.round(ScriptedDoor(lambda batch: []))
    assert desk.stored(uid).reason == Reason.SIGNATURE_REVOKED
    send(desk, "alice", funds.pre_sign(settlement, uid))
    assert fills(desk, uid, other) == 2


def test_somebody_elses_word_on_chain_counts_nothing(desk: Desk) -> None:
    intent = a_sale(desk)
    send(desk, "bob", funds.pre_sign(desk.chain.contracts.settlement, desk.uid(intent)))
    assert refusal(desk, intent, Signature.presigned()).reason is Reason.NOT_PRESIGNED


# ------------------------------------------------------------------ balances in the vault


def keep(desk: Desk, owner: str, symbol: str, amount: int) -> None:
    """Have ``owner`` deposit and trade from the vault."""
    contracts, token = desk.chain.contracts, desk.world.token(symbol)
    send(desk, owner, funds.deposit(contracts.vault, token, amount, person(owner).address))
    send(desk, owner, funds.keep_in_vault(contracts.settlement))


def kept(desk: Desk, owner: str, symbol: str) -> int:
    (facts,) = desk.chain.token_facts([(person(owner).address, desk.world.token(symbol))])
    return facts.deposited


def test_two_keepers_trade_without_a_token_moving(desk: Desk) -> None:
    keep(desk, "alice", "WETH", 3 * WEI)
    keep(desk, "bob", "USDC", 5_000 * MICRO)
    before = [desk.world.held(person(who).address, what) for who in ("alice", "bob") for what in ("WETH", "USDC")]
    uid, other = submit(desk, a_sale(desk), person("alice")), bob_buys(desk)
    assert fills(desk, uid, other) == 2
    assert (kept(desk, "alice", "WETH"), kept(desk, "alice", "USDC")) == (2 * WEI, 2_000 * MICRO)
    assert (kept(desk, "bob", "WETH"), kept(desk, "bob", "USDC")) == (WEI, 3_000 * MICRO)
    after = [desk.world.held(person(who).address, what) for who in ("alice", "bob") for what in ("WETH", "USDC")]
    assert after == before


def test_a_keeper_trades_with_a_wallet(desk: Desk) -> None:
    keep(desk, "alice", "WETH", 2 * WEI)
    uid, other = submit(desk, a_sale(desk), person("alice")), bob_buys(desk)
    held = desk.world.held(person("bob").address, "WETH")
    assert fills(desk, uid, other) == 2
    assert kept(desk, "alice", "USDC") == 2_000 * MICRO
    assert desk.world.held(person("bob").address, "WETH") == held + WEI


def test_what_is_kept_bounds_what_a_keeper_gives(desk: Desk) -> None:
    keep(desk, "alice", "WETH", WEI - 1)
    refused = refusal(desk, a_sale(desk), person("alice"))
    assert (refused.reason, refused.field) == (Reason.INSUFFICIENT_DEPOSIT, "gives[0]")
    keep(desk, "alice", "WETH", 1)
    uid = submit(desk, a_sale(desk), person("alice"))
    other = bob_buys(desk)
    send(
        desk,
        "alice",
        funds.withdraw(desk.chain.contracts.vault, desk.world.token("WETH"), WEI, person("alice").address),
    )
    desk.round(ScriptedDoor(lambda batch: []))
    parked = desk.stored(uid)
    assert (parked.state, "balance in the vault" in parked.detail) == ("parked", True)
    assert desk.stored(other).state == "open"


def test_funds_of_the_batch_are_what_the_vault_keeps(desk: Desk) -> None:
    keep(desk, "alice", "WETH", 2 * WEI)
    submit(desk, a_sale(desk), person("alice"))
    batch = desk.round(ScriptedDoor(lambda batch: [])).record["inputs"]["batch"]
    (row,) = batch["funds"]
    assert (row["owner"], row["available"]) == (person("alice").address, str(2 * WEI))


def test_an_exit_is_announced_a_day_ahead(desk: Desk) -> None:
    vault, weth, alice = desk.chain.contracts.vault, desk.world.token("WETH"), person("alice").address
    keep(desk, "alice", "WETH", 3 * WEI)
    send(desk, "alice", funds.announce_exit(vault, weth))
    data = selector("exitsAt(address,address)") + encode(["address", "address"], [alice, weth])
    exits_at = int.from_bytes(desk.world.local.rpc.call(vault, data), "big")
    assert exits_at == desk.world.local.rpc.block()[1] + funds.EXIT_DELAY
    with pytest.raises(ChainError, match="failed"):
        send(desk, "alice", funds.exit_vault(vault, weth, alice))
    assert kept(desk, "alice", "WETH") == 3 * WEI


# ------------------------------------------------------------------ Permit2 and DAI


def test_without_permit2_on_the_chain_its_signatures_are_refused(desk: Desk) -> None:
    intent = a_sale(desk, fill=FillRule.WHOLE)
    domain, vault = desk.chain.domain, desk.chain.contracts.vault
    refused = refusal(desk, intent, sign_permit2(person("alice"), intent, domain, vault))
    assert refused.reason is Reason.PERMIT2_NONCE_USED
    partial = refusal(desk, a_sale(desk), Signature(Scheme.PERMIT2, "0x" + "11" * 65))
    assert partial.reason is Reason.PERMIT2_WHOLE_ONLY


def test_the_lens_tells_of_signatures_in_one_call(desk: Desk, wallet: str) -> None:
    alice, uid = person("alice").address, "0x" + "21" * 32
    send(desk, "alice", funds.pre_sign(desk.chain.contracts.settlement, uid))
    queries = [
        AuthorityQuery(wallet, uid, Scheme.ERC1271, 0, "0x1234"),
        AuthorityQuery(alice, uid, Scheme.ERC1271, 0, "0x1234"),
        AuthorityQuery(alice, uid, Scheme.PRESIGNED, 0, "0x"),
        AuthorityQuery(wallet, uid, Scheme.PRESIGNED, 0, "0x"),
        AuthorityQuery(alice, uid, Scheme.PERMIT2, 0, "0x"),
    ]
    expected = [
        AuthorityFacts(True, True),
        AuthorityFacts(False, False),
        AuthorityFacts(False, True),
        AuthorityFacts(True, False),
        AuthorityFacts(False, False, nonce_free=False),
    ]
    assert desk.chain.authority_facts(queries * 20) == expected * 20


def test_allowances_to_permit2_are_read_beside_the_others(desk: Desk) -> None:
    usdc, erin = desk.world.token("JUNK"), person("erin")
    before = desk.chain.token_facts([(erin.address, usdc)])[0].permit2
    call = funds.approve(usdc, PERMIT2, MAX if before == MAX else 77)
    desk.world.send(erin, call.to, call.data)
    (facts,) = desk.chain.token_facts([(erin.address, usdc)])
    assert facts.permit2 == (MAX if before == MAX else 77)
    assert facts == TokenFacts(facts.balance, 0, True, 0, facts.permit2)


def test_dai_style_permits_are_checked_by_their_own_rules(desk: Desk) -> None:
    """Test tokens have only the function of EIP-2612; the check needs no more than separator and nonce."""
    erin, token = person("erin"), desk.world.token("DAI")
    terms = read_terms(desk.world.local.rpc.call, token, erin.address)
    vault, deadline = desk.chain.contracts.vault, desk.world.clock.now() + 500
    permit = sign_dai_permit(erin, terms, vault, deadline)
    assert desk.chain.check_permit(erin.address, permit) is None
    assert "2^256-1" in str(desk.chain.check_permit(erin.address, permit.model_copy(update={"value": 5})))
    assert "nonce 0" in str(desk.chain.check_permit(erin.address, permit.model_copy(update={"nonce": 1})))
    usual = dai_permit_digest(terms.separator, erin.address, vault, 1, deadline)
    other = permit.model_copy(update={"signature": erin.sign(usual)})
    assert "recovers to" in str(desk.chain.check_permit(erin.address, other))
