"""Campaigns that forge runs: fuzzing, invariants, the two forms of calldata."""

from __future__ import annotations

import json
import sys
import tomllib
from typing import Any

from .tools import CONTRACTS, Failure, run

#: Contracts whose names say what they are for.
INVARIANTS = "^Spec$"
DIFFERENTIAL = "(Packed|Plain).*(Differential|Diff|Twin)|Differential"


def fuzz(*, short: bool) -> str:
    """Every unit and fuzz test, each fuzz test many times."""
    runs = 256 if short else 10_000
    found = _test({"FOUNDRY_FUZZ_RUNS": str(runs)}, "--no-match-contract", f"{INVARIANTS}|{DIFFERENTIAL}")
    fuzzed = sum("Fuzz" in one["kind"] for one in found)
    return f"runs={runs} tests={len(found)} fuzzed={fuzzed} seed={seed()}"


def invariants(*, short: bool) -> str:
    """The named invariants, over random sequences of calls."""
    runs, depth = (8, 50) if short else (256, 500)
    settings = {"FOUNDRY_INVARIANT_RUNS": str(runs), "FOUNDRY_INVARIANT_DEPTH": str(depth)}
    found = _test(settings, "--match-contract", INVARIANTS)
    return f"runs={runs} depth={depth} invariants={sum('Invariant' in one['kind'] for one in found)} seed={seed()}"


def differential(*, short: bool) -> str:
    """The packed decoder against its plain-ABI twin."""
    runs = 256 if short else 10_000
    found = _test({"FOUNDRY_FUZZ_RUNS": str(runs)}, "--match-contract", DIFFERENTIAL)
    return f"runs={runs} tests={len(found)} seed={seed()}"


def seed() -> str:
    """The seed that forge.toml fixes for all of them."""
    settings = tomllib.loads((CONTRACTS / "foundry.toml").read_text(encoding="utf-8"))
    return str(settings["fuzz"]["seed"])


def _test(settings: dict[str, str], *arguments: str) -> list[dict[str, Any]]:
    """The results of all tests that match. Raises :class:`Failure` if one fails or none matches."""
    command = [sys.executable, "build.py", "--forge", "test", "--json", *arguments]
    done = run(command, CONTRACTS, {"FOUNDRY_PROFILE": "test", "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1", **settings})
    what = " ".join(f"{name.removeprefix('FOUNDRY_').lower()}={value}" for name, value in sorted(settings.items()))
    line = next((one for one in done.stdout.splitlines() if one.startswith("{")), "")
    if not line:
        raise Failure(what, done.stdout + done.stderr or "forge said nothing")
    suites: dict[str, Any] = json.loads(line)
    results = {f"{suite} {name}": one for suite, part in suites.items() for name, one in part["test_results"].items()}
    bad = [f"{name}: {one['status']}: {one['reason']}" for name, one in results.items() if one["status"] != "Success"]
    if bad or not results or done.returncode:
        raise Failure(what, "\n".join(bad) or done.stderr or "no test matches: is the contract there?")
    return list(results.values())
