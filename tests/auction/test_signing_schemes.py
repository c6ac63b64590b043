"""Signatures and funds at intake and between rounds: which rule applies, and the reason where it does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from house_fakes import CONTRACTS, DOMAIN, NOW, A, B, FakeChain, ManualClock, an_intent, key, open_house
from test_close import TERMS, a_view, stored
from walras.digest import intent_uid
from walras.intent import FillRule, Intent
from walras.orders import Order
from walras.permit2 import permit2_digest, sign_permit2
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, Signature, Signer
from walras.wire import PermitMessage, TokenInfo
from walras_auction.api.house import House
from walras_auction.authority import revoked
from walras_auction.close import close, sweep
from walras_auction.ports import AuthorityFacts, StoredIntent, TokenFacts
from walras_auction.sources import Source, available, empty_pocket, shortage, source_of

OWNER = key(1)
WHOLE = an_intent(OWNER, fill=FillRule.WHOLE)
VAULT = CONTRACTS.vault


@dataclass(frozen=True)
class Door:
    house: House
    chain: FakeChain

    def submit(
        self, intent: Intent, signature: Signer | Signature | str, permits: tuple[PermitMessage, ...] = ()
    ) -> StoredIntent:
        receipt = self.house.intake.submit(Order(intent, signature, permits).request(DOMAIN))
        found = self.house.store.get(receipt.uid)
        assert found is not None
        return found

    def reason(
        self, intent: Intent, signature: Signer | Signature | str, permits: tuple[PermitMessage, ...] = ()
    ) -> Reason:
        with pytest.raises(Rejection) as refused:
            self.submit(intent, signature, permits)
        return refused.value.reason

    def says(self, intent: Intent, facts: AuthorityFacts, scheme: Scheme = Scheme.ERC1271) -> None:
        """From now on the chain says this of the intent's signature."""
        permit2 = "0x" + permit2_digest(intent, DOMAIN.chain_id, VAULT).hex()
        self.chain.authorities[permit2 if scheme is Scheme.PERMIT2 else intent_uid(intent, DOMAIN)] = facts


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    chain = FakeChain()
    with closing(open_house(tmp_path / "store.db", chain, ManualClock())) as house:
        yield Door(house, chain)


# ------------------------------------------------------------------ who signed


def test_a_key_needs_no_question_to_the_chain(door: Door) -> None:
    assert door.submit(WHOLE, OWNER).scheme is Scheme.ECDSA
    assert door.chain.asked == []


def test_a_contract_is_asked_with_the_uid_and_its_bytes(door: Door) -> None:
    door.says(WHOLE, AuthorityFacts(True, True))
    assert door.submit(WHOLE, Signature.of_contract("0xabcd")).scheme is Scheme.ERC1271
    (query,) = door.chain.asked
    assert (query.owner, query.digest, query.signature) == (OWNER.address, intent_uid(WHOLE, DOMAIN), "0xabcd")


@pytest.mark.parametrize("facts", [AuthorityFacts(True, False), AuthorityFacts(False, False)])
def test_a_contract_that_does_not_confirm_is_refused(door: Door, facts: AuthorityFacts) -> None:
    door.says(WHOLE, facts)
    assert door.reason(WHOLE, Signature.of_contract("0xabcd")) is Reason.CONTRACT_REFUSES


def test_who_signed_on_chain_sends_nothing(door: Door) -> None:
    assert door.reason(WHOLE, Signature.presigned()) is Reason.NOT_PRESIGNED
    door.says(WHOLE, AuthorityFacts(False, True))
    assert door.reason(WHOLE, Signature(Scheme.PRESIGNED, "0x00")) is Reason.BAD_SIGNATURE
    assert door.submit(WHOLE, Signature.presigned()).scheme is Scheme.PRESIGNED


def test_a_permit2_signature_is_over_its_own_digest(door: Door) -> None:
    door.says(WHOLE, AuthorityFacts(False, False), Scheme.PERMIT2)
    door.chain.funds[OWNER.address, A] = TokenFacts(1_000, 0, permit2=1_000)
    assert door.reason(WHOLE, Signature(Scheme.PERMIT2, Order(WHOLE, OWNER).request(DOMAIN).signature)) is (
        Reason.BAD_SIGNATURE
    )
    assert door.reason(WHOLE, sign_permit2(key(2), WHOLE, DOMAIN, VAULT)) is Reason.BAD_SIGNATURE
    assert door.submit(WHOLE, sign_permit2(OWNER, WHOLE, DOMAIN, VAULT)).scheme is Scheme.PERMIT2


def test_an_account_with_code_is_asked_as_permit2_asks_it(door: Door) -> None:
    door.chain.funds[OWNER.address, A] = TokenFacts(1_000, 0, permit2=1_000)
    door.says(WHOLE, AuthorityFacts(True, False), Scheme.PERMIT2)
    assert door.reason(WHOLE, sign_permit2(OWNER, WHOLE, DOMAIN, VAULT)) is Reason.CONTRACT_REFUSES
    door.says(WHOLE, AuthorityFacts(True, True), Scheme.PERMIT2)
    assert door.submit(WHOLE, Signature(Scheme.PERMIT2, "0x12")).scheme is Scheme.PERMIT2


def test_a_nonce_that_permit2_has_used_is_refused(door: Door) -> None:
    door.says(WHOLE, AuthorityFacts(False, False, nonce_free=False), Scheme.PERMIT2)
    assert door.reason(WHOLE, sign_permit2(OWNER, WHOLE, DOMAIN, VAULT)) is Reason.PERMIT2_NONCE_USED


def test_a_partial_intent_cannot_be_signed_for_permit2(door: Door) -> None:
    assert door.reason(an_intent(OWNER), Signature(Scheme.PERMIT2, "0x12")) is Reason.PERMIT2_WHOLE_ONLY
    assert door.chain.asked == []


def test_a_chain_that_is_down_refuses_nothing_for_good(door: Door) -> None:
    door.chain.down = True
    assert door.reason(WHOLE, Signature.presigned()) is Reason.CHAIN_UNAVAILABLE


def test_the_scheme_is_in_the_log_and_survives_it(door: Door) -> None:
    door.says(WHOLE, AuthorityFacts(True, True))
    uid = door.submit(WHOLE, Signature.of_contract("0x")).uid
    (entry,) = door.house.store.log(1, 9)
    assert b'"scheme":"erc1271"' in entry.body
    (read,) = door.house.store.list_intents(None, None, 0, 9)
    assert (read.uid, read.scheme) == (uid, Scheme.ERC1271)


# ------------------------------------------------------------------ what there is to give


@pytest.mark.parametrize(
    ("scheme", "keeps", "source"),
    [
        (Scheme.ECDSA, False, Source.WALLET),
        (Scheme.ERC1271, True, Source.VAULT),
        (Scheme.PRESIGNED, True, Source.VAULT),
        (Scheme.PERMIT2, False, Source.PERMIT2),
        (Scheme.PERMIT2, True, Source.PERMIT2),
    ],
)
def test_funds_come_from_where_the_contract_takes_them(scheme: Scheme, keeps: bool, source: Source) -> None:
    assert source_of(scheme, keeps) is source


FACTS = TokenFacts(balance=50, allowance=40, deposited=70, permit2=30)


@pytest.mark.parametrize(
    ("source", "most", "reason"),
    [
        (Source.WALLET, 40, Reason.INSUFFICIENT_ALLOWANCE),
        (Source.PERMIT2, 30, Reason.PERMIT2_NOT_ALLOWED),
        (Source.VAULT, 70, Reason.INSUFFICIENT_DEPOSIT),
    ],
)
def test_each_source_has_its_amount_and_its_reason(source: Source, most: int, reason: Reason) -> None:
    assert available(FACTS, source) == most
    assert shortage(FACTS, source, A, most) is None
    short = shortage(FACTS, source, A, most + 1)
    assert short is not None
    assert short[0] is reason
    assert str(most) in short[1]
    if source is not Source.VAULT:
        assert (shortage(FACTS, source, A, 51) or (None,))[0] is Reason.INSUFFICIENT_BALANCE


@pytest.mark.parametrize(
    ("source", "facts", "words"),
    [
        (Source.VAULT, TokenFacts(5, 5), "balance in the vault"),
        (Source.WALLET, TokenFacts(0, 5), "balance"),
        (Source.WALLET, TokenFacts(5, 0), "allowance to the vault"),
        (Source.PERMIT2, TokenFacts(5, 5), "allowance to Permit2"),
    ],
)
def test_an_empty_pocket_is_named(source: Source, facts: TokenFacts, words: str) -> None:
    assert empty_pocket(facts, source) == words


def test_a_keeper_gives_from_the_vault_alone(door: Door) -> None:
    door.chain.keepers.add(OWNER.address)
    door.chain.funds[OWNER.address, A] = TokenFacts(10**6, 10**6, deposited=999)
    assert door.reason(WHOLE, OWNER) is Reason.INSUFFICIENT_DEPOSIT
    door.chain.funds[OWNER.address, A] = TokenFacts(0, 0, deposited=1_000)
    assert door.submit(WHOLE, OWNER).state == "open"


def test_permit2_needs_its_own_allowance(door: Door) -> None:
    door.says(WHOLE, AuthorityFacts(False, False), Scheme.PERMIT2)
    door.chain.funds[OWNER.address, A] = TokenFacts(1_000, 10**6, permit2=999)
    assert door.reason(WHOLE, sign_permit2(OWNER, WHOLE, DOMAIN, VAULT)) is Reason.PERMIT2_NOT_ALLOWED


def test_a_permit_for_the_vault_helps_no_permit2_intent(door: Door) -> None:
    permit = PermitMessage(token=A, value=1_000, deadline=NOW + 60, signature="0x" + "11" * 65)
    assert door.reason(WHOLE, sign_permit2(OWNER, WHOLE, DOMAIN, VAULT), (permit,)) is Reason.BAD_PERMIT


# ------------------------------------------------------------------ between rounds


def test_a_revoked_signature_parks_and_comes_back() -> None:
    entry = stored(1, scheme=Scheme.ERC1271)
    view = replace(a_view(entry), revoked={entry.uid: "no longer"})
    (parked,) = sweep([entry], view, NOW, TERMS)
    assert (parked.state, parked.reason, parked.detail) == ("parked", Reason.SIGNATURE_REVOKED, "no longer")
    (back,) = sweep([replace(entry, state="parked", reason=parked.reason)], a_view(entry), NOW, TERMS)
    assert (back.state, back.reason) == ("open", None)


def test_only_signatures_that_can_be_revoked_are_asked_about_again() -> None:
    chain = FakeChain()
    entries = [
        stored(1),
        stored(2, scheme=Scheme.ERC1271, signature="0x12"),
        stored(3, scheme=Scheme.PRESIGNED),
        stored(4, scheme=Scheme.PRESIGNED),
    ]
    chain.authorities[entries[3].uid] = AuthorityFacts(False, True)
    assert set(revoked(entries, chain)) == {entries[1].uid, entries[2].uid}
    assert [query.digest for query in chain.asked] == [entry.uid for entry in entries[1:]]


def funds_of(*entries: StoredIntent, keepers: frozenset[str] = frozenset()) -> dict[tuple[str, str], int]:
    pairs = {(entry.intent.owner, leg.token) for entry in entries for leg in entry.intent.gives}
    view = replace(a_view(*entries), funds=dict.fromkeys(pairs, FACTS), keepers=keepers)
    tokens = [TokenInfo(address=token, symbol="T", decimals=18) for token in (A, B)]
    batch = close(1, entries, view, NOW, TERMS, CONTRACTS, 31337, tokens)
    assert [entry.scheme for entry in batch.intents] == [entry.scheme for entry in entries]
    return {(row.owner, row.token): row.available for row in batch.funds}


def test_a_batch_states_what_each_source_has() -> None:
    owner = OWNER.address
    wallet, permit2 = stored(1, WHOLE), stored(2, WHOLE, scheme=Scheme.PERMIT2)
    assert funds_of(wallet) == {(owner, A): 40}
    assert funds_of(permit2) == {(owner, A): 30}
    assert funds_of(wallet, keepers=frozenset((owner,))) == {(owner, A): 70}


def test_who_gives_from_two_sources_is_trusted_with_the_lesser() -> None:
    """The draws of both are summed, and the sum may not exceed either."""
    wallet, permit2 = stored(1, WHOLE), stored(2, WHOLE, scheme=Scheme.PERMIT2)
    assert funds_of(wallet, permit2) == {(OWNER.address, A): 30}
    assert funds_of(wallet, permit2, keepers=frozenset((OWNER.address,))) == {(OWNER.address, A): 30}


@pytest.mark.parametrize(("keeps", "state"), [(False, "parked"), (True, "open")])
def test_an_empty_wallet_parks_those_who_trade_from_it(keeps: bool, state: str) -> None:
    entry = stored(1, WHOLE, state="parked", reason=Reason.PARKED_FUNDS)
    keepers = frozenset((OWNER.address,)) if keeps else frozenset()
    view = replace(a_view(entry), funds={(OWNER.address, A): TokenFacts(0, 9, deposited=9)}, keepers=keepers)
    updates = sweep([entry], view, NOW, TERMS)
    assert (updates[0].state if updates else entry.state) == state
