"""Where the audit's tools are, and how a campaign fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
#: Build products of the audit, beside forge's own; ignored by git.
SCRATCH = CONTRACTS / "cache" / "audit"
VENV = ROOT / os.environ.get("AUDIT_VENV", ".audit-venv")
#: How much of a tool's output is worth showing.
TAIL = 6_000


class Failure(Exception):
    """A campaign failed: what it ran, and what its tool said."""

    def __init__(self, what: str, trouble: str) -> None:
        super().__init__(what)
        self.what = what
        self.trouble = trouble[-TAIL:]


def run(
    command: Sequence[str], folder: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool with its output kept."""
    return subprocess.run(  # noqa: S603 -- the audit's own commands
        list(command),
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def project(module: str, *arguments: str) -> str:
    """Run a comparison of tests/audit; the line that says what it did. Raises :class:`Failure`."""
    done = run([sys.executable, "-m", module, *arguments])
    if done.returncode:
        raise Failure(" ".join(arguments), done.stdout + done.stderr)
    return done.stdout.strip().splitlines()[-1]


def audit_tool(name: str) -> str:
    """A program of the audit's environment. Raises :class:`Failure` with the line to type."""
    path = VENV / "bin" / name
    if not path.is_file():
        raise Failure(name, f"{name} is not installed; type: sh scripts/audit-venv.sh")
    return str(path)


def foundry(**settings: object) -> dict[str, str]:
    """Environment for a tool that runs forge itself: forge on PATH, and forge's settings."""
    sys.path.insert(0, str(CONTRACTS))
    try:
        from build import environment, forge_binary  # type: ignore[import-not-found,unused-ignore]
    finally:
        sys.path.remove(str(CONTRACTS))
    folders = [str(VENV / "bin"), str(forge_binary().parent), environment()["PATH"]]
    return {"PATH": os.pathsep.join(folders), **{f"FOUNDRY_{name.upper()}": str(one) for name, one in settings.items()}}
