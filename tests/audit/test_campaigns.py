"""The runner: a line for each campaign, an exit code that tells, and nothing that is passed over in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.audit import __main__ as program
from contracts.audit import halmos, slither
from contracts.audit.campaigns import CAMPAIGNS
from contracts.audit.tools import Failure

from .node import CONTRACTS


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["audit", *arguments])
    return program.main()


def campaign(monkeypatch: pytest.MonkeyPatch, name: str, does: Callable[[bool], str]) -> None:
    monkeypatch.setitem(CAMPAIGNS, name, lambda *, short: does(short))


def fails(short: bool) -> str:
    raise Failure("runs=3", "what the tool said")


def test_a_line_for_each_campaign(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in CAMPAIGNS:
        campaign(monkeypatch, name, lambda short: f"short={short}")
    assert run(monkeypatch, "--short") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\s+", " ", line) for line in lines] == [f"{name} pass short=True seconds=0" for name in CAMPAIGNS]


def test_one_failure_fails_the_audit_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign(monkeypatch, "amounts", fails)
    campaign(monkeypatch, "gpv2", lambda short: "well")
    assert run(monkeypatch, "--only", "amounts", "gpv2") == 1
    said = capsys.readouterr()
    assert re.search(r"^amounts +FAIL +runs=3 ", said.out, re.M)
    assert re.search(r"^gpv2 +pass +well ", said.out, re.M)
    assert "what the tool said" in said.err
    assert "failed: amounts" in said.err


LAWS = ["check_a", "check_b", "check_canary_c"]
PROVED = "\x1b[32m[PASS]\x1b[0m check_a(uint8) (paths: 1)\n[PASS] check_b((uint128,bool)) (paths: 2)\n"
REFUTED = "[FAIL] check_canary_c() (paths: 1)\n"


@pytest.mark.parametrize(
    ("output", "trouble"),
    [
        (PROVED + REFUTED, None),
        (PROVED.replace("PASS] check_b", "TIMEOUT] check_b") + REFUTED, "check_b: TIMEOUT"),
        (PROVED.splitlines()[0] + "\n" + REFUTED, "check_b: not run"),
        (PROVED + REFUTED.replace("FAIL", "PASS"), "check_canary_c: not refuted"),
        (PROVED, "check_canary_c: not refuted"),
    ],
)
def test_halmos_must_prove_every_law_and_refute_every_canary(
    monkeypatch: pytest.MonkeyPatch, output: str, trouble: str | None
) -> None:
    monkeypatch.setattr(halmos, "laws", lambda: LAWS)
    monkeypatch.setattr(halmos, "_prove", lambda match: output)
    if trouble is None:
        assert halmos.halmos(short=False).startswith("proofs=2 canaries=1")
        return
    with pytest.raises(Failure) as failure:
        halmos.halmos(short=False)
    assert trouble in failure.value.trouble


def test_each_symbolic_contract_has_a_canary() -> None:
    for path in halmos.SOURCES.glob("*.t.sol"):
        assert "function check_canary_" in path.read_text(), path.name
    assert len(halmos.laws()) > 20


ONE = slither.Finding("timestamp", "Vault.exit() uses timestamp")
TWO = slither.Finding("dead-code", "Vault.never() is never used")


@pytest.mark.parametrize(
    ("found", "excused", "trouble"),
    [
        ([ONE], [ONE], None),
        ([ONE, TWO], [ONE], "not waived: dead-code: Vault.never() is never used"),
        ([ONE, ONE], [ONE], "not waived: timestamp"),
        ([ONE], [ONE, TWO], "idle waiver: dead-code"),
    ],
)
def test_slither_must_be_clean_or_waived(
    monkeypatch: pytest.MonkeyPatch, found: list[slither.Finding], excused: list[slither.Finding], trouble: str | None
) -> None:
    monkeypatch.setattr(slither, "findings", lambda: found)
    monkeypatch.setattr(slither, "waivers", lambda: excused)
    if trouble is None:
        assert slither.slither(short=False) == "findings=1 waived=1 seed=none"
        return
    with pytest.raises(Failure) as failure:
        slither.slither(short=False)
    assert trouble in failure.value.trouble


def test_waivers_have_reasons_and_name_contracts_of_src(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert slither.waivers()
    sources = "".join(path.read_text() for path in CONTRACTS.glob("src/**/*.sol"))
    for waiver in slither.waivers():
        name = re.search(r"(?:\b|in )([A-Z]\w+)[.\s]", waiver.finding)
        assert name is not None
        assert waiver.finding.startswith(("Low", "Reentrancy", "Function")) or name[1] in sources, waiver
    file = tmp_path / "waivers.json"
    file.write_text(json.dumps([{"check": "x", "finding": "y", "reason": ""}]))
    monkeypatch.setattr(slither, "WAIVERS", file)
    with pytest.raises(Failure):
        slither.waivers()


def test_findings_are_compared_without_line_numbers() -> None:
    said = "Vault.exit(address) (src/Vault.sol#81-90) uses timestamp\n\t- x < y (src/Vault.sol#83)\n"
    assert slither._plain(said) == "Vault.exit(address) uses timestamp - x < y"


def test_private_functions_are_opened_in_the_copy() -> None:
    source = "function f(uint256 a)\n        private\n        pure\nmapping(a => b) private x; function g() external"
    assert halmos._PRIVATE.sub(r"\1internal", source) == source.replace(
        "private\n        pure", "internal\n        pure"
    )
