"""Compile the contracts and write what Python ships of them: one JSON file per contract.

    python build.py            rebuild the artifacts
    python build.py --check    rebuild elsewhere and compare byte for byte; exit 1 on any difference

Needs what `npm ci --ignore-scripts` installs here and a node, from PATH or the environment variable NODE.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
ARTIFACTS = ROOT / "walras_contracts" / "artifacts"

#: By profile of foundry.toml: those that have to be small, and those that need not be. Each profile is a compilation of
#: its own, so that sources which both need are compiled twice, each time in its way.
CONTRACTS = {
    "default": (
        "Settlement",
        "SettlementPlain",
    ),
    "fast": (
        "ConstantProductPool",
        "Executor",
        "FillMathHarness",
        "HookRunner",
        "Ledger",
        "Lens",
        "SolverRegistry",
        "TestToken",
        "Vault",
        "WrappedNative",
    ),
}


MAX_RUNTIME_BYTES = 24_576  # EIP-170
MAX_CREATION_BYTES = 49_152  # EIP-3860


class BuildError(Exception):
    """The contracts could not be compiled, with the reason for the operator."""


def forge_binary() -> Path:
    """The forge of node_modules, else the one on PATH: npm does not carry it for every platform."""
    system = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}.get(platform.system(), "")
    machines = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
    machine = machines.get(platform.machine().lower(), "")
    name = "forge.exe" if system == "win32" else "forge"
    path = ROOT / "node_modules" / "@foundry-rs" / f"forge-{system}-{machine}" / "bin" / name
    if path.is_file():
        return path
    if not (ROOT / "node_modules" / "solc").is_dir():
        raise BuildError("the compiler is not installed: run `npm ci --ignore-scripts` in this folder first")
    found = shutil.which("forge")
    if found is None:
        raise BuildError(f"npm has no forge for {system} on {machine}: put one on PATH")
    return Path(found)


def environment() -> dict[str, str]:
    """The environment for forge, in which tools/solc finds its node."""
    node = os.environ.get("NODE") or shutil.which("node")
    if not node or not shutil.which(node):
        raise BuildError("no node: put it on PATH or name it in the environment variable NODE")
    directory = str(Path(shutil.which(node) or node).parent)
    return {**os.environ, "PATH": directory + os.pathsep + os.environ.get("PATH", "")}


def run_forge(arguments: list[str], profile: str | None = None) -> int:
    """Run forge in this folder, its output passed through; without a ``profile``, with that of the environment."""
    command = [str(forge_binary()), *arguments]
    variables = environment() if profile is None else {**environment(), "FOUNDRY_PROFILE": profile}
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode  # noqa: S603


def source(name: str) -> str:
    """The file of a contract, as forge wants it."""
    (path,) = (ROOT / "src").rglob(f"{name}.sol")
    return str(path.relative_to(ROOT))


def compile_sources(out: Path, profile: str) -> None:
    """Compile a profile's contracts afresh: the bytes must not depend on what was compiled before."""
    arguments = ["build", "--force", "--quiet", "--out", str(out), "--cache-path", str(out / "cache")]
    if run_forge([*arguments, *map(source, CONTRACTS[profile])], profile) != 0:
        raise BuildError(f"forge build failed for the profile {profile}")


def check_size(name: str, code: str, limit: int) -> None:
    """Refuse code that no chain would take."""
    size = len(code.removeprefix("0x")) // 2
    if size > limit:
        raise BuildError(f"{name} has {size} bytes of code, the limit is {limit}")


def artifact(out: Path, name: str) -> dict[str, Any]:
    """What Python needs of one compiled contract, and the hash of all that went into it."""
    compiled = json.loads((out / f"{name}.sol" / f"{name}.json").read_text())
    metadata = compiled["metadata"]
    check_size(name, compiled["deployedBytecode"]["object"], MAX_RUNTIME_BYTES)
    check_size(name, compiled["bytecode"]["object"], MAX_CREATION_BYTES)
    canonical = json.dumps(metadata, sort_keys=True, separators=(",", ":"))
    return {
        "name": name,
        "abi": compiled["abi"],
        "bytecode": compiled["bytecode"]["object"],
        "deployedBytecode": compiled["deployedBytecode"]["object"],
        "solc": metadata["compiler"]["version"],
        "inputHash": hashlib.sha256(canonical.encode()).hexdigest(),
    }


def build(target: Path) -> None:
    """Write the artifacts of all contracts into `target`."""
    for profile, names in CONTRACTS.items():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            compile_sources(out, profile)
            target.mkdir(parents=True, exist_ok=True)
            for name in names:
                text = json.dumps(artifact(out, name), sort_keys=True, indent=1) + "\n"
                (target / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")


def differences(fresh: Path, shipped: Path) -> list[str]:
    """One line for each file that is missing, stale or left over in `shipped`."""
    lines = []
    names = {path.name for folder in (fresh, shipped) for path in folder.glob("*.json")}
    for name in sorted(names):
        new, old = fresh / name, shipped / name
        if not old.is_file():
            lines.append(f"{name}: missing")
        elif not new.is_file():
            lines.append(f"{name}: not built from any source")
        elif new.read_bytes() != old.read_bytes():
            lines.append(f"{name}: differs from its source")
    return lines


def check() -> list[str]:
    """Rebuild into a temporary folder and compare with what is shipped."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        return differences(Path(folder), ARTIFACTS)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile the contracts into walras_contracts/artifacts.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if the artifacts are not current")
    parser.add_argument("--forge", nargs=argparse.REMAINDER, help="run forge with the arguments that follow")
    arguments = parser.parse_args()
    try:
        if arguments.forge is not None:
            return run_forge(arguments.forge)
        if not arguments.check:
            build(ARTIFACTS)
            return 0
        lines = check()
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    for line in lines:
        print(f"build.py: {line}", file=sys.stderr)
    if lines:
        print("build.py: run `make -C contracts build` and commit the result", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
