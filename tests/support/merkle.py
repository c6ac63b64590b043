"""Merkle trees as RFC 9162 (2.1.1, 2.1.3.1, 2.1.4.1) writes them down, by recursion over lists: slow and plain.

``python -m support.merkle`` (from ``tests``) writes ``vectors/merkle.json``, which Python and Solidity check alike.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[1] / "vectors" / "merkle.json"
LEAVES = 70


def plain_root(data: Sequence[bytes]) -> bytes:
    """MTH(D[n])."""
    if len(data) <= 1:
        return sha256(b"\x00" + data[0] if data else b"").digest()
    k = _largest_power_below(len(data))
    return sha256(b"\x01" + plain_root(data[:k]) + plain_root(data[k:])).digest()


def plain_path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(data) == 1:
        return []
    k = _largest_power_below(len(data))
    if m < k:
        return [*plain_path(m, data[:k]), plain_root(data[k:])]
    return [*plain_path(m - k, data[k:]), plain_root(data[:k])]


def plain_proof(m: int, data: Sequence[bytes]) -> list[bytes]:
    """PROOF(m, D[n])."""
    return _subproof(m, data, known=True)


def _subproof(m: int, data: Sequence[bytes], *, known: bool) -> list[bytes]:
    if m == len(data):
        return [] if known else [plain_root(data)]
    k = _largest_power_below(len(data))
    if m <= k:
        return [*_subproof(m, data[:k], known=known), plain_root(data[k:])]
    return [*_subproof(m - k, data[k:], known=False), plain_root(data[:k])]


def _largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def heads(count: int) -> list[bytes]:
    """Heads of a log that is not there."""
    return [sha256(b"walras merkle vector %d" % number).digest() for number in range(count)]


def spoiled(proof: Sequence[bytes], rng: random.Random) -> list[bytes]:
    """The proof with one hash changed, missing, too many, or in another's place."""
    result = list(proof)
    match rng.randrange(4) if len(result) > 1 else 2:
        case 0:
            place = rng.randrange(len(result))
            result[place] = (int.from_bytes(result[place], "big") ^ 1 << rng.randrange(256)).to_bytes(32, "big")
        case 1:
            del result[rng.randrange(len(result))]
        case 2:
            result.insert(rng.randrange(len(result) + 1), rng.randbytes(32))
        case _:
            result[0], result[1] = result[1], result[0]
    return result


def vectors() -> dict[str, Any]:
    """Roots of every size, and proofs that hold and that do not."""
    data, rng = heads(LEAVES), random.Random(1889)
    return {
        "heads": [_hex(head) for head in data],
        "roots": [_hex(plain_root(data[:size])) for size in range(LEAVES + 1)],
        "inclusion": list(_inclusion(data, rng)),
        "consistency": list(_consistency(data, rng)),
    }


def _inclusion(data: Sequence[bytes], rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(30):
        size = number + 1 if number < 10 else rng.randrange(1, LEAVES + 1)
        index = rng.randrange(size)
        proof = plain_path(index, data[:size])
        yield {"index": index, "size": size, "proof": [_hex(node) for node in proof], "valid": True}
        bad = spoiled(proof, rng)
        yield {"index": index, "size": size, "proof": [_hex(node) for node in bad], "valid": False}


def _consistency(data: Sequence[bytes], rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(30):
        size = number + 1 if number < 10 else rng.randrange(1, LEAVES + 1)
        old = size if number % 9 == 0 else rng.randrange(1, size + 1)
        proof = plain_proof(old, data[:size])
        yield {"oldSize": old, "size": size, "proof": [_hex(node) for node in proof], "valid": True}
        bad = spoiled(proof, rng)
        yield {"oldSize": old, "size": size, "proof": [_hex(node) for node in bad], "valid": False}


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def text() -> str:
    """The bytes of the vector file."""
    return json.dumps(vectors(), indent=1) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(text(), encoding="utf-8", newline="\n")
