"""The audit of a receipt that shares its signature: the signed one is judged, then the place of its own entry."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from house_fakes import NOW, a_request
from support.auditing import Audited, an_audited_house
from support.batches import chained_receipts
from support.ledgers import INCLUSION, eth_call
from typer.testing import CliRunner
from walras import AsyncClient, ChainedReceipt, Client, WalrasError, cli
from walras.audit_outcome import Audit, Outcome
from walras.calls import UntrustedHouseError
from walras.evidence import omission_call

BATCH = [a_request(2, nonce=nonce) for nonce in range(5)]
NOTHING = {"type": "t", "title": "t", "status": 404, "detail": "", "reason": "unknown_intent", "field": ""}
NOT_IN_LOG = NOTHING | {"reason": "not_in_log"}
Change = Callable[[httpx.Request, dict[str, Any]], dict[str, Any] | None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Audited]:
    with an_audited_house(tmp_path) as desk:
        yield desk


class Lying(httpx.HTTPTransport):
    """Answers otherwise than the house where ``change`` has another answer; a problem document is a refusal."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self._change = change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        changed = self._change(request, json.loads(response.read()))
        if changed is None:
            return response
        return httpx.Response(changed.get("status", 200) if "reason" in changed else 200, json=changed)


def audit(
    desk: Audited, receipt: ChainedReceipt, transport: httpx.BaseTransport | None = None, **options: Any
) -> Audit:
    options = {"chain": eth_call(desk.ledger), "now": NOW, **options}
    with Client(desk.url, transport=transport) as client:
        return client.audit(receipt, **options)


def no_proof_of(sequence: int) -> Change:
    """The log has another entry at this place."""
    return lambda request, _: (
        NOT_IN_LOG
        if (request.url.path, request.url.params.get("sequence")) == ("/v1/log/inclusion", str(sequence))
        else None
    )


def both(one: Change, other: Change) -> Change:
    return lambda request, answer: one(request, answer) or other(request, answer)


def no_status(request: httpx.Request, _: dict[str, Any]) -> dict[str, Any] | None:
    return NOTHING if request.url.path.startswith("/v1/intents/") else None


def test_every_entry_of_a_batch_is_proven_under_a_posted_root(desk: Audited) -> None:
    desk.grow(3)
    receipts = chained_receipts(desk.house, BATCH)
    desk.post()
    desk.grow(2)
    for receipt in receipts:
        found = audit(desk, receipt)
        assert (found.outcome, found.anchored, found.call) == (Outcome.PROVEN, True, None)
        assert f"The receipt of entry 8 vouches for entry {receipt.sequence}." in found.sentence
        assert found.receipt == receipt.last
        assert found.seen is not None


def test_above_the_last_root_it_is_pending_until_it_is_due(desk: Audited) -> None:
    desk.grow(1)
    desk.post()
    (first, *_) = chained_receipts(desk.house, BATCH)
    assert audit(desk, first).outcome is Outcome.PENDING
    late = audit(desk, first, now=first.last.time + INCLUSION + 1)
    assert (late.outcome, late.call and late.call.data) == (Outcome.EVIDENCE, omission_call(first.last))


def test_if_the_signed_entry_is_missing_its_receipt_is_the_evidence(desk: Audited) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    desk.post()
    found = audit(desk, first, Lying(no_proof_of(first.last.sequence)))
    assert found.outcome is Outcome.EVIDENCE
    assert found.call is not None
    assert found.call.data == omission_call(first.last)
    assert "vouches for entry 1" in found.sentence


def test_if_its_own_entry_is_missing_the_own_receipt_is_the_evidence(desk: Audited) -> None:
    """The house still gives it, since it follows from key and place."""
    first, *_ = chained_receipts(desk.house, BATCH)
    desk.post()
    found = audit(desk, first, Lying(no_proof_of(first.sequence)))
    signed = desk.house.intake.submit(BATCH[0])
    assert found.outcome is Outcome.EVIDENCE
    assert found.call is not None
    assert (found.receipt, found.call.data) == (signed, omission_call(signed))


def another_place(request: httpx.Request, answer: dict[str, Any]) -> dict[str, Any] | None:
    if not request.url.path.startswith("/v1/intents/"):
        return None
    return answer | {"receipt": answer["receipt"] | {"head": "0x" + "12" * 32}}


def another_signature(request: httpx.Request, answer: dict[str, Any]) -> dict[str, Any] | None:
    if not request.url.path.startswith("/v1/intents/"):
        return None
    return answer | {"receipt": answer["receipt"] | {"signature": "0x" + "11" * 65}}


@pytest.mark.parametrize("lie", [no_status, another_place, another_signature])
def test_if_the_house_gives_no_other_receipt_its_log_is_shown_to_be_broken(desk: Audited, lie: Change) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    desk.post()
    found = audit(desk, first, Lying(both(no_proof_of(first.sequence), lie)))
    assert (found.outcome, found.call) == (Outcome.INCONSISTENT, None)
    assert "the heads do not follow from each other" in found.sentence


def test_a_proof_of_another_head_is_none(desk: Audited) -> None:
    _, second, *_ = chained_receipts(desk.house, BATCH)
    desk.post()

    def other(request: httpx.Request, answer: dict[str, Any]) -> dict[str, Any] | None:
        mine = request.url.path == "/v1/log/inclusion" and request.url.params["sequence"] == "2"
        return answer | {"proof": answer["proof"][::-1]} if mine else None

    assert audit(desk, second, Lying(both(other, no_status))).outcome is Outcome.INCONSISTENT


def test_a_house_that_fails_is_not_accused(desk: Audited) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    failing = no_proof_of(first.sequence)

    def broken(request: httpx.Request, _: dict[str, Any]) -> dict[str, Any] | None:
        return NOTHING | {"status": 503, "reason": "http"} if request.url.path.startswith("/v1/intents/") else None

    with pytest.raises(WalrasError, match="503"):
        audit(desk, first, Lying(both(failing, broken)))


def test_what_the_house_never_signed_for_is_no_evidence(desk: Audited) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    with pytest.raises(UntrustedHouseError, match="does not follow"):
        audit(desk, first.model_copy(update={"between": first.between[::-1]}))


def test_both_clients_audit_alike(desk: Audited) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    desk.post()

    async def story() -> Audit:
        async with AsyncClient(desk.url) as client:
            return await client.audit(first, chain=eth_call(desk.ledger), now=NOW)

    assert asyncio.run(story()) == audit(desk, first)


def test_the_command_reads_it_from_a_file(desk: Audited, tmp_path: Path) -> None:
    first, *_ = chained_receipts(desk.house, BATCH)
    path = tmp_path / "receipt.json"
    path.write_text(first.model_dump_json(by_alias=True))
    found = CliRunner().invoke(cli.app, ["audit", "receipt", str(path), "--url", desk.url], env={"COLUMNS": "200"})
    assert found.exit_code == 0, found.output
    assert "vouches for entry 1" in found.output
    path.write_text(json.dumps(first.to_json() | {"signature": "0x"}))
    assert CliRunner().invoke(cli.app, ["audit", "receipt", str(path), "--url", desk.url]).exit_code == 2
