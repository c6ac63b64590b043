"""The committed digests hold for every encoder that needs no node; `make audit` adds viem and ethers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from . import vectors


@pytest.mark.parametrize("name", vectors.FILES)
def test_the_file_holds_for_every_encoder(name: str) -> None:
    assert vectors.problems(name, node=False) == []


def test_the_intents_reach_the_edges() -> None:
    messages = [one["message"] for one in vectors.read("intents200")]
    text = json.dumps(messages)
    assert len(messages) == 200
    assert f'"{2**256 - 1}"' in text
    assert f'"{2**53 + 1}"' in text
    assert {len(one[side]) for one in messages for side in ("gives", "wants")} == set(range(1, 9))
    assert {(one["kind"], one["fill"]) for one in messages} == {
        (kind, fill) for kind in ("sell", "buy") for fill in ("whole", "partial")
    }
    assert {len(one["message"]["gives"]) > 1 for one in vectors.read("permit2witness20")} == {True, False}


def test_a_wrong_digest_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vectors.read("permit2witness20")

    def read(name: str) -> list[dict[str, Any]]:
        return [{**right[0], "digest": "0x" + "00" * 32}, *right[1:]]

    monkeypatch.setattr(vectors, "read", read)
    name = "permit2witness20"
    assert vectors.problems(name, node=False) == [
        f"{name}: {who} disagrees on vectors [0]" for who in ("eth_account", "walras")
    ]
