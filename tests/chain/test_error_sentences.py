"""Every custom error that a shipped contract can revert with is a sentence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from walras.digest import keccak
from walras_auction.infra.chain.error_sentences import SENTENCES
from walras_auction.infra.chain.errors import explain
from walras_contracts import load, names

SOURCES = Path(__file__).parents[2] / "contracts" / "src"
ZEROS = {"address": "0x" + "00" * 20, "bool": False, "bytes": b"", "string": ""}


def errors() -> list[tuple[str, dict[str, Any]]]:
    return [(name, item) for name in names() for item in load(name).abi if item["type"] == "error"]


def zero(field: dict[str, Any]) -> Any:
    kind = field["type"]
    if kind.endswith("[]"):
        return []
    return bytes(int(kind[5:])) if re.fullmatch(r"bytes\d+", kind) else ZEROS.get(kind, 0)


def spelled(field: dict[str, Any]) -> str:
    if not field["type"].startswith("tuple"):
        return str(field["type"])
    return f"({','.join(spelled(part) for part in field['components'])}){field['type'][len('tuple') :]}"


@pytest.mark.parametrize(("contract", "error"), errors(), ids=lambda v: v if isinstance(v, str) else v["name"])
def test_every_error_decodes_to_a_sentence(contract: str, error: dict[str, Any]) -> None:
    types = [spelled(field) for field in error["inputs"]]
    selector = keccak(f"{error['name']}({','.join(types)})".encode())[:4]
    text = explain(selector + encode(types, [zero(field) for field in error["inputs"]]))
    shown, _, sentence = text.partition("): ")
    assert shown.startswith(error["name"] + "(")
    assert all(f"{field['name']}=" in shown for field in error["inputs"])
    assert re.fullmatch(r"[A-Z][^{}]*\.", sentence)


def test_no_sentence_is_left_over() -> None:
    """Also those count that only sources speak of: not every contract is shipped."""
    text = "".join(path.read_text() for path in SOURCES.rglob("*.sol"))
    declared = set(re.findall(r"^\s*error (\w+)\(", text, re.MULTILINE))
    known = {error["name"] for _, error in errors()} | declared | {"Error", "Panic"}
    assert set(SENTENCES) <= known


def test_sentences_tell_errors_apart() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)
