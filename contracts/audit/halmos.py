"""Symbolic proofs: halmos runs every `check_` function of audit/symbolic on the compiled contracts.

A `check_canary_` function states what is false: halmos must refute it, or its other answers would mean nothing.
"""

from __future__ import annotations

import re
import tempfile

from .tools import CONTRACTS, SCRATCH, Failure, audit_tool, foundry, run

SOURCES = CONTRACTS / "audit" / "symbolic"
COPY = SCRATCH / "symbolic"
#: Those that take seconds.
QUICK = r"^check_(bounds|fee|sell_keeps|cancelled|canary)"
#: A private function, up to its visibility: in parentheses there are parameters, and no other ones.
_PRIVATE = re.compile(r"(\bfunction \w+\([^()]*\)\s+)private\b")
_VERDICT = re.compile(r"^\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)\(")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def halmos(*, short: bool) -> str:
    """Prove every law; raises :class:`Failure` for any that is not proved, and for a canary that is."""
    wanted = {name for name in laws() if not short or re.match(QUICK, name)}
    output = _prove(QUICK if short else "^check_")
    verdicts = dict(one for one in map(_verdict, output.splitlines()) if one)
    canaries = {name for name in wanted if name.startswith("check_canary_")}
    bad = [
        f"{name}: {verdicts.get(name, 'not run')}"
        for name in sorted(wanted - canaries)
        if not _is(verdicts, name, "PASS")
    ]
    bad += [f"{name}: not refuted" for name in sorted(canaries) if not _is(verdicts, name, "FAIL")]
    what = f"proofs={len(wanted - canaries)} canaries={len(canaries)} width=128bit(baskets:64) seed=none"
    if bad:
        raise Failure(what, "\n".join([*bad, "", output[-3_000:]]))
    return what


def laws() -> list[str]:
    """The names of all checks in the sources, so that none is passed over in silence."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.t.sol"))]
    return [name for text in texts for name in re.findall(r"function (check_\w+)\(", text)]


def _is(verdicts: dict[str, str], name: str, verdict: str) -> bool:
    return verdicts.get(name) == verdict


def _verdict(line: str) -> tuple[str, str] | None:
    found = _VERDICT.match(_COLOUR.sub("", line))
    return (found[2], found[1]) if found else None


def _prove(match: str) -> str:
    _copy()
    checked = run([audit_tool("python"), str(SOURCES.parent / "check_integers.py"), "60"])
    if checked.returncode:
        raise Failure("the translation to integers", checked.stdout + checked.stderr)
    environment = foundry(src="audit/symbolic", test="audit/symbolic", out=COPY / "out", cache_path=COPY / "cache")
    solver = f"{audit_tool('python')} {SOURCES.parent / 'solve.py'}"
    with tempfile.TemporaryDirectory() as folder:
        # Queries and answers are as large as they like in here.
        command = [audit_tool("halmos"), "--match-test", match, "--solver-command", solver]
        command += ["--solver-timeout-assertion", "110s", "--solver-threads", "1"]
        done = run(command, COPY, {**environment, "TMPDIR": folder})
    return done.stdout + done.stderr


def _copy() -> None:
    """The sources with every private function opened, so that proofs can call each alone.

    Unchanged files stay as they are, so that forge need not compile them again.
    """
    for path in [*CONTRACTS.glob("src/**/*.sol"), *SOURCES.glob("*.sol"), *CONTRACTS.glob("tools/*")]:
        target = COPY / path.relative_to(CONTRACTS)
        text = path.read_text(encoding="utf-8")
        if CONTRACTS / "src" in path.parents:
            text = _PRIVATE.sub(r"\1internal", text)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            target.chmod(path.stat().st_mode)
    (COPY / "foundry.toml").write_bytes((CONTRACTS / "foundry.toml").read_bytes())
    if not (COPY / "node_modules").exists():
        (COPY / "node_modules").symlink_to(CONTRACTS / "node_modules")
