"""``walras audit`` and ``walras log --export`` against a real house."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from house_fakes import HOUSE_SIGNER, key
from support.auditing import Audited, an_audited_house, forged
from support.exports import an_export
from typer.testing import CliRunner, Result
from walras import cli
from walras.audit_report import Check


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Audited]:
    with an_audited_house(tmp_path) as desk:
        yield desk


def run(*arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(cli.app, words, env={"COLUMNS": "200"})


def test_what_a_house_exports_passes_its_audit(desk: Audited, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    desk.grow(3)
    desk.post()
    desk.grow(2)
    done = run("log", "--url", desk.url, "--export", path)
    assert "7 lines written" in done.output
    assert not path.with_name("log.jsonl.part").exists()
    checked = run("audit", "log", path, "--signer", HOUSE_SIGNER.address)
    assert checked.exit_code == 0, checked.output
    assert checked.output.count("✓") == len(Check) - 1
    assert "5 entries, 5 intents, 5 owner signatures, 5 receipts, 1 roots" in checked.output


def test_a_finding_is_named_and_the_exit_code_is_one(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    export = an_export()
    export.entries[1]["receipt"] = None
    path.write_bytes(b"".join(export.lines()))
    checked = run("audit", "log", path)
    assert checked.exit_code == 1
    assert "2: no_receipt:" in checked.output
    assert checked.output.count("✗") == 1
    report = json.loads(run("audit", "log", path, "--json").output)
    assert (report["ok"], report["checks"]["receipts"]) == (False, 1)
    assert report["findings"][0]["fault"] == "no_receipt"


def test_many_findings_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(an_export().lines()[0] + b"junk\n" * 50)
    checked = run("audit", "log", path)
    assert "and 30 more" in checked.output


def test_what_can_not_be_judged_is_neither(tmp_path: Path, desk: Audited) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(an_export().lines()))
    assert run("audit", "log", path, "--rpc", desk.url).exit_code == 2
    assert run("audit", "log", tmp_path / "nothing").exit_code == 2


def test_an_honest_receipt_is_proven_by_uid_and_by_file(desk: Audited, tmp_path: Path) -> None:
    (receipt, *_) = desk.grow(3)
    path = tmp_path / "receipt.json"
    path.write_text(receipt.model_dump_json(by_alias=True))
    for source in (receipt.uid, path):
        found = run("audit", "receipt", source, "--url", desk.url)
        assert found.exit_code == 0, found.output
        assert "proven" in found.output


def test_the_last_root_is_kept_and_compared(desk: Audited, tmp_path: Path) -> None:
    (receipt, *_) = desk.grow(3)
    seen = tmp_path / "seen.json"
    arguments = ("audit", "receipt", receipt.uid, "--url", desk.url, "--seen", seen)
    assert run(*arguments).exit_code == 0
    assert json.loads(seen.read_text())["size"] == 3
    desk.grow(2)
    assert run(*arguments).exit_code == 0
    assert json.loads(seen.read_text())["size"] == 5
    seen.write_text(json.dumps({"size": 4, "root": "0x" + "12" * 32}))
    rewritten = run(*arguments)
    assert rewritten.exit_code == 1
    assert "inconsistent" in rewritten.output
    assert json.loads(seen.read_text())["size"] == 4


def test_evidence_is_printed_as_a_transaction(desk: Audited, tmp_path: Path) -> None:
    desk.grow(3)
    path = tmp_path / "receipt.json"
    path.write_text(forged(2).model_dump_json(by_alias=True))
    found = run("audit", "receipt", path, "--url", desk.url)
    assert found.exit_code == 1
    assert "proveEquivocation" in found.output
    call = next(json.loads(line) for line in found.output.splitlines() if line.startswith("{"))
    assert (call["to"], call["data"][:2], call["value"]) == (desk.ledger.address, "0x", "0x0")
    shown = json.loads(run("audit", "receipt", path, "--url", desk.url, "--json").output)
    assert shown["call"] == {"to": call["to"], "data": call["data"]}


def test_what_is_no_receipt_is_refused(desk: Audited, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_text("{}")
    assert "is not a receipt" in run("audit", "receipt", path, "--url", desk.url).output
    assert "neither a uid nor a file" in run("audit", "receipt", tmp_path / "nothing", "--url", desk.url).output
    (receipt,) = desk.grow(1)
    seen = ("--seen", path)
    assert "is not what an audit keeps" in run("audit", "receipt", receipt.uid, "--url", desk.url, *seen).output


def test_another_signer_than_expected_is_another_house(desk: Audited) -> None:
    (receipt,) = desk.grow(1)
    found = run("audit", "receipt", receipt.uid, "--url", desk.url, "--signer", key(5).address)
    assert found.exit_code == 1
    assert "signs with" in str(found.exception)
