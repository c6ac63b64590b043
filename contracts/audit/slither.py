"""Static analysis: slither's findings in src, each of which is waived in writing or fails the campaign.

    python -m contracts.audit.slither    print the findings that nobody has waived, as JSON ready to be reasoned about

A waiver in slither-waivers.json names a detector and its finding, without line numbers, and gives the reason. A waiver
that no finding needs any more fails too, so that none outlives what it excuses.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .tools import CONTRACTS, SCRATCH, Failure, audit_tool, foundry, run

WAIVERS = CONTRACTS / "audit" / "slither-waivers.json"
_PLACE = re.compile(r" \((?:src|node_modules)/[^)]*\)")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a detector says of which code."""

    check: str
    finding: str


def slither(*, short: bool) -> str:
    """Analyse the project; raises :class:`Failure` on anything that is not waived, and on idle waivers."""
    del short  # it takes half a minute
    found, excused = Counter(findings()), Counter(waivers())
    new, idle = found - excused, excused - found
    what = f"findings={found.total()} waived={(found & excused).total()} seed=none"
    lines = [f"not waived: {one.check}: {one.finding}" for one in sorted(new.elements())]
    lines += [f"idle waiver: {one.check}: {one.finding}" for one in sorted(idle.elements())]
    if lines:
        raise Failure(what, "\n".join(lines))
    return what


def findings() -> list[Finding]:
    """Everything slither finds in the project's own sources."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [audit_tool("slither"), ".", "--json", str(report), "--filter-paths", "node_modules"]
        places = {"out": SCRATCH / "slither-out", "cache_path": SCRATCH / "slither-cache", "test": "none"}
        done = run(command, CONTRACTS, foundry(**places))
        if not report.is_file():
            raise Failure("slither", done.stdout + done.stderr)
        answer = json.loads(report.read_text(encoding="utf-8"))
    if not answer["success"]:
        raise Failure("slither", str(answer["error"]))
    return [Finding(one["check"], _plain(one["description"])) for one in answer["results"].get("detectors", [])]


def _plain(description: str) -> str:
    """The description without line numbers, on one line."""
    return " ".join(_PLACE.sub("", description).split())


def waivers() -> list[Finding]:
    """The findings that are waived. Raises :class:`Failure` for a waiver without a reason."""
    entries = json.loads(WAIVERS.read_text(encoding="utf-8"))
    for one in entries:
        if len(one["reason"]) < 10:
            raise Failure("slither", f"a waiver without a reason: {one['finding']}")
    return [Finding(one["check"], one["finding"]) for one in entries]


if __name__ == "__main__":
    unexcused = Counter(findings()) - Counter(waivers())
    rows = [{"check": one.check, "finding": one.finding, "reason": ""} for one in sorted(unexcused.elements())]
    print(json.dumps(rows, indent=1, ensure_ascii=False))
