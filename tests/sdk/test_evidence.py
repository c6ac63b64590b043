"""Calldata for the ledger, against the shipped ABI."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode
from house_fakes import key
from walras.digest import Domain, keccak, receipt_digest
from walras.evidence import (
    answer_call,
    collect_call,
    contradicts,
    equivocation_call,
    omission_call,
    post_call,
    resolve_call,
)
from walras.wire import Receipt
from walras_contracts import load

DOMAIN = Domain(31337, "0x" + "5e" * 20)
HOUSE = key(7)


def receipt(sequence: int = 4, head: int = 0x44, **changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "epoch": 3,
        "sequence": sequence,
        "time": 99,
        "uid": "0x" + "11" * 32,
        "previous": "0x" + "33" * 32,
    }
    values |= {"head": f"0x{head:064x}", **changes}
    digest = receipt_digest(**values, domain=DOMAIN)
    return Receipt(kind="intent", signature=HOUSE.sign(digest), **values)


def decoded(data: bytes) -> tuple[str, tuple[Any, ...]]:
    """The function of the ledger that ``data`` calls, and its arguments."""
    for item in load("Ledger").abi:
        if item["type"] == "function":
            types = [_type(field) for field in item["inputs"]]
            if keccak(f"{item['name']}({','.join(types)})".encode())[:4] == data[:4]:
                return item["name"], decode(types, data[4:])
    raise AssertionError(f"the ledger has no function {data[:4].hex()}")


def _type(field: dict[str, Any]) -> str:
    if field["type"] != "tuple":
        return str(field["type"])
    return f"({','.join(part['type'] for part in field['components'])})"


def words(of: Receipt) -> tuple[Any, ...]:
    hashes = (bytes.fromhex(word[2:]) for word in (of.uid, of.previous, of.head))
    return (of.epoch, of.sequence, of.time, *hashes)


def test_every_call_is_one_of_the_ledgers() -> None:
    one, other = receipt(), receipt(head=0x45)
    signatures = [bytes.fromhex(each.signature[2:]) for each in (one, other)]
    root, state = b"\x01" * 32, b"\x02" * 32
    assert decoded(post_call(3, 9, root, state)) == ("post", (3, 9, root, state))
    expected = (words(one), signatures[0], words(other), signatures[1])
    assert decoded(equivocation_call(one, other)) == ("proveEquivocation", expected)
    assert decoded(omission_call(one)) == ("challengeOmission", (words(one), signatures[0]))
    assert decoded(answer_call(5, 9, [root, state])) == ("answerOmission", (5, 9, (root, state)))
    assert decoded(resolve_call(5)) == ("resolve", (5,))
    assert decoded(collect_call(HOUSE.address)) == ("collect", (HOUSE.address,))


@pytest.mark.parametrize(
    "change", [{"time": 98}, {"uid": "0x" + "00" * 32}, {"previous": "0x" + "00" * 32}, {"head": 1}]
)
def test_any_difference_at_one_place_is_a_contradiction(change: dict[str, Any]) -> None:
    assert contradicts(receipt(), receipt(**change))


def test_what_is_no_contradiction() -> None:
    assert not contradicts(receipt(), receipt())
    assert not contradicts(receipt(), receipt().model_copy(update={"kind": "cancel"}))
    assert not contradicts(receipt(), receipt(sequence=5, head=1))
    assert not contradicts(receipt(), receipt(epoch=4, head=1))
    with pytest.raises(ValueError, match=r"places \(3, 4\) and \(3, 5\) do not contradict"):
        equivocation_call(receipt(), receipt(sequence=5))
