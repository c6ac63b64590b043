"""The compiled contracts of Walras: ABI and bytecode, without any need for a Solidity toolchain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Artifact", "load", "names"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    `bytecode` is the creation code without constructor arguments; `runtime` the deployed code with zeros in
    place of its immutables. The `abi` is shared between callers: treat it as read-only.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    runtime: bytes
    solc: str
    input_hash: str


@cache
def load(name: str) -> Artifact:
    """The artifact of the contract called `name`, such as "Settlement". Raises LookupError for any other name."""
    if name not in names():
        raise LookupError(f"no contract {name!r}; there are {', '.join(names())}")
    raw = json.loads((resources.files(__name__) / "artifacts" / f"{name}.json").read_text(encoding="utf-8"))
    return Artifact(
        name=raw["name"],
        abi=raw["abi"],
        bytecode=bytes.fromhex(raw["bytecode"].removeprefix("0x")),
        runtime=bytes.fromhex(raw["deployedBytecode"].removeprefix("0x")),
        solc=raw["solc"],
        input_hash=raw["inputHash"],
    )


@cache
def names() -> tuple[str, ...]:
    """The names of all shipped contracts, sorted."""
    files = (resources.files(__name__) / "artifacts").iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json")))
