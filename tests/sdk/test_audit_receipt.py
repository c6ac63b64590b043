"""The audit of a receipt: proofs from an honest house, evidence from one that lies, and nothing from silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from house_fakes import NOW, key
from support.auditing import Audited, an_audited_house, forged
from support.ledgers import BOND_TOKEN, CHALLENGE, INCLUSION, STAKE, eth_call
from walras import AsyncClient, Client, WalrasError
from walras.audit_outcome import Audit, Outcome, Seen
from walras.calls import UntrustedHouseError
from walras.client_audit import AsyncAuditing, Auditing
from walras.evidence import equivocation_call, omission_call
from walras.ledger import ChainAnswerError
from walras.wire import Receipt


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Audited]:
    with an_audited_house(tmp_path) as desk:
        yield desk


class Lying(httpx.HTTPTransport):
    """Changes the house's answers to one path on the way."""

    def __init__(self, path: str, change: Callable[[dict[str, Any]], object]) -> None:
        super().__init__()
        self._path, self._change = path, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path != self._path:
            return response
        answer = json.loads(response.read())
        self._change(answer)
        return httpx.Response(response.status_code, json=answer, headers={"content-type": "application/json"})


def audit(desk: Audited, receipt: Receipt, transport: httpx.BaseTransport | None = None, **options: Any) -> Audit:
    """Audited with the chain, at the house's first moment, unless said otherwise."""
    options = {"chain": eth_call(desk.ledger), "now": NOW, **options}
    with Client(desk.url, transport=transport) as client:
        return client.audit(receipt, **options)


# ------------------------------------------------------------------ an honest house


def test_every_entry_under_a_posted_root_is_proven(desk: Audited) -> None:
    receipts = desk.grow(5)
    desk.post()
    desk.grow(3)
    for receipt in receipts:
        found = audit(desk, receipt)
        assert (found.outcome, found.anchored, found.call) == (Outcome.PROVEN, True, None)
        assert "log of 5 on chain" in found.sentence
    assert found.seen is not None
    assert found.seen.size == 8


def test_an_entry_above_the_last_root_is_pending_until_it_is_due(desk: Audited) -> None:
    desk.grow(2)
    desk.post()
    (receipt,) = desk.grow(1)
    assert audit(desk, receipt, now=NOW + INCLUSION).outcome is Outcome.PENDING
    late = audit(desk, receipt, now=receipt.time + INCLUSION + 1)
    assert late.outcome is Outcome.EVIDENCE
    assert late.call is not None
    assert late.call.data == omission_call(receipt)
    assert f"stake of {STAKE} atoms of {BOND_TOKEN}" in late.sentence
    assert (late.not_before, late.not_after) == (receipt.time + INCLUSION + 1, receipt.time + CHALLENGE)
    desk.post()
    assert audit(desk, receipt, now=NOW + INCLUSION + 1).outcome is Outcome.PROVEN


def test_before_any_root_is_on_chain_entries_are_pending(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    assert audit(desk, receipt).outcome is Outcome.PENDING


def test_without_a_chain_the_houses_root_is_believed(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    found = audit(desk, receipt, chain=None)
    assert (found.outcome, found.anchored) == (Outcome.PROVEN, False)


def test_from_audit_to_audit_the_log_only_grows(desk: Audited) -> None:
    receipts = desk.grow(3)
    seen = audit(desk, receipts[0]).seen
    for _ in range(3):
        desk.grow(2)
        desk.post()
        found = audit(desk, receipts[0], seen=seen)
        assert found.outcome is Outcome.PROVEN
        assert found.seen is not None
        assert seen is not None
        assert found.seen.size > seen.size
        seen = found.seen


def test_a_root_posted_between_two_questions_is_no_lie(desk: Audited) -> None:
    """The house's root is asked first; more is logged and posted before the chain is."""
    (receipt,) = desk.grow(1)
    calls = eth_call(desk.ledger)

    def late(to: str, data: bytes) -> bytes:
        if not desk.ledger.mined:
            desk.grow(4)
            desk.post()
        return calls(to, data)

    assert audit(desk, receipt, chain=late).outcome is Outcome.PROVEN


def test_both_clients_audit_alike(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    desk.post()
    lost = forged(2)

    async def story() -> tuple[Audit, Audit, list[bytes]]:
        async with AsyncClient(desk.url) as client:
            one = await client.audit(receipt, chain=eth_call(desk.ledger), now=NOW)
            other = await client.audit(lost, chain=eth_call(desk.ledger), now=NOW)
            assert (await client.log_roots()).roots == tuple(desk.ledger.mined)
            assert (await client.inclusion(1)).size == (await client.consistency(1)).size
            return one, other, [line async for line in client.export_log()]

    one, other, lines = asyncio.run(story())
    assert (one, other) == (audit(desk, receipt), audit(desk, lost))
    with Client(desk.url) as client:
        assert lines == list(client.export_log())


def test_both_clients_offer_auditors_the_same() -> None:
    names = [{name for name in vars(kind) if not name.startswith("_")} for kind in (Auditing, AsyncAuditing)]
    assert names[0] == names[1] >= {"audit", "export_log", "log_root", "log_roots", "inclusion", "consistency"}


# ------------------------------------------------------------------ a house that lies


def test_an_entry_that_is_missing_under_a_posted_root_is_an_omission(desk: Audited) -> None:
    """The place belongs to a round, which has no receipt: only the claim is left."""
    desk.grow(2)
    lost = forged(2)
    desk.post()
    found = audit(desk, lost, Lying("/v1/log", lambda page: page["entries"][0].update(receipt=None)))
    assert (found.outcome, found.anchored) == (Outcome.EVIDENCE, True)
    assert found.call is not None
    assert (found.call.to, found.call.data) == (desk.ledger.address, omission_call(lost))
    assert "challengeOmission" in found.sentence
    assert found.not_before == lost.time + INCLUSION + 1


def test_an_entry_beyond_the_log_is_an_omission(desk: Audited) -> None:
    desk.grow(2)
    found = audit(desk, forged(7), chain=None)
    assert (found.outcome, found.anchored) == (Outcome.EVIDENCE, False)
    assert found.call is not None
    assert found.not_before is None


def test_a_place_given_twice_is_an_equivocation(desk: Audited) -> None:
    receipts = desk.grow(3)
    lost = forged(2)
    desk.post()
    found = audit(desk, lost)
    assert found.outcome is Outcome.EVIDENCE
    assert found.call is not None
    assert found.call.data == equivocation_call(lost, receipts[1])
    assert "proveEquivocation" in found.sentence
    assert (found.not_before, found.not_after) == (lost.time, lost.time + CHALLENGE)


def test_a_receipt_that_somebody_else_signed_proves_no_equivocation(desk: Audited) -> None:
    """Else anybody who answers in the house's stead could make the auditor send evidence that is none."""
    desk.grow(3)
    other = forged(2, "other", key(5)).to_json()
    lost = forged(2)
    found = audit(desk, lost, Lying("/v1/log", lambda page: page["entries"][0].update(receipt=other)))
    assert found.call is not None
    assert found.call.data == omission_call(lost)


def test_a_false_proof_is_none(desk: Audited) -> None:
    receipts = desk.grow(4)
    desk.post()
    lie = Lying("/v1/log/inclusion", lambda answer: answer["proof"].reverse())
    found = audit(desk, receipts[1], lie)
    assert found.outcome is Outcome.EVIDENCE
    assert found.call is not None
    assert found.call.data == omission_call(receipts[1])


def test_a_log_that_was_rewritten_is_inconsistent(desk: Audited) -> None:
    (receipt, *_) = desk.grow(4)
    desk.post()
    desk.grow(2)
    for size in (3, 6, 9):
        found = audit(desk, receipt, seen=Seen(size=size, root="0x" + "12" * 32))
        assert found.outcome is Outcome.INCONSISTENT
        assert f"{size} that was seen before" in found.sentence
        assert found.seen == Seen(size=size, root="0x" + "12" * 32)
        assert found.call is None


def test_a_log_that_does_not_extend_what_is_on_chain_is_inconsistent(desk: Audited) -> None:
    (receipt, *_) = desk.grow(4)
    desk.post()
    desk.grow(2)
    lie = Lying("/v1/log/root", lambda answer: answer.update(root="0x" + "12" * 32))
    found = audit(desk, receipt, lie)
    assert found.outcome is Outcome.INCONSISTENT
    assert "4 that is on chain" in found.sentence


def test_a_receipt_that_is_not_the_houses_is_no_evidence(desk: Audited) -> None:
    desk.grow(1)
    with pytest.raises(UntrustedHouseError, match="not by the house's key"):
        audit(desk, forged(1, signer=key(5)))


def test_a_house_that_names_no_ledger_can_not_be_compared(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    lie = Lying("/v1/log/root", lambda answer: answer.update(ledger=None))
    with pytest.raises(UntrustedHouseError, match="names no ledger"):
        audit(desk, receipt, lie)
    assert audit(desk, receipt, lie, ledger=desk.ledger.address.upper().replace("0X", "0x")).outcome is Outcome.PENDING
    unnamed = audit(desk, forged(3), lie, chain=None)
    assert (unnamed.outcome, unnamed.call) == (Outcome.EVIDENCE, None)
    assert "names no ledger" in unnamed.sentence


def test_a_contract_that_is_no_ledger_is_no_answer(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    with pytest.raises(ChainAnswerError, match="does not answer latestSize"):
        audit(desk, receipt, chain=lambda to, data: b"")


def test_a_house_that_fails_is_not_accused(desk: Audited) -> None:
    """A refusal that is none of the log's is the caller's to see, not evidence."""

    class Broken(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/log/inclusion":
                return httpx.Response(503, content=b"try later")
            return super().handle_request(request)

    (receipt,) = desk.grow(1)
    with pytest.raises(WalrasError, match="503"):
        audit(desk, receipt, Broken())


def test_an_outcome_is_json(desk: Audited) -> None:
    desk.grow(1)
    shown = audit(desk, forged(1)).to_json()
    assert json.loads(json.dumps(shown))["call"]["data"].startswith("0x")
    assert shown["outcome"] == "evidence"
