"""Revert data of the house's contracts, turned into sentences."""

from __future__ import annotations

from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from walras.digest import keccak
from walras_contracts import load, names

from walras_auction.infra.chain.error_sentences import SENTENCES

_BUILT_IN = {
    keccak(b"Error(string)")[:4]: ("Error", ["string"], ["message"]),
    keccak(b"Panic(uint256)")[:4]: ("Panic", ["uint256"], ["code"]),
}


@cache
def _errors() -> dict[bytes, tuple[str, list[str], list[str]]]:
    known = dict(_BUILT_IN)
    for contract in names():
        for item in load(contract).abi:
            if item["type"] == "error":
                types = [_type(field) for field in item["inputs"]]
                selector = keccak(f"{item['name']}({','.join(types)})".encode())[:4]
                known[selector] = (item["name"], types, [field["name"] for field in item["inputs"]])
    return known


def _type(field: dict[str, Any]) -> str:
    if not field["type"].startswith("tuple"):
        return str(field["type"])
    inner = ",".join(_type(part) for part in field["components"])
    return f"({inner}){field['type'][len('tuple') :]}"


def explain(data: bytes) -> str:
    """``Name(field=value, …): Sentence.`` for a known custom error, else the bytes in hex."""
    if not data:
        return "reverted without a reason (out of gas, or a plain revert)"
    found = _errors().get(data[:4])
    if found is None:
        return f"unknown error 0x{data[:64].hex()}"
    sentence = SENTENCES.get(found[0])
    return _named(data) + (f": {sentence}" if sentence else "")


def _named(data: bytes) -> str:
    """``Name(field=value, …)`` of an error that is known."""
    name, types, fields = _errors()[data[:4]]
    try:
        values = decode(types, data[4:], strict=False)
    except (DecodingError, OverflowError, UnicodeDecodeError):  # whoever reverts chooses the bytes
        return f"{name}(… undecodable 0x{data[4:68].hex()})"
    shown = ", ".join(f"{field}={_show(value)}" for field, value in zip(fields, values, strict=True))
    return f"{name}({shown})"


def _show(value: object) -> str:
    # Inner revert data is itself an error more often than not.
    if isinstance(value, bytes):
        return _named(value) if 4 <= len(value) <= 256 and value[:4] in _errors() else "0x" + value.hex()
    return str(value)
