"""Fixed vectors for anyone who signs intents in another language; made with eth_account, not with this code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from walras.digest import Domain, intent_digest, keccak, typed_data
from walras.intent import FillRule, Intent, Kind, Leg
from walras.signing import Signer, recover

VECTORS = json.loads((Path(__file__).parent / "intents.json").read_text())
DOMAIN = Domain(VECTORS["domain"]["chainId"], VECTORS["domain"]["verifyingContract"])


def intent_of(message: dict[str, Any]) -> Intent:
    def legs(side: str) -> tuple[Leg, ...]:
        return tuple(Leg(leg["token"], int(leg["start"]), int(leg["end"])) for leg in message[side])

    numbers = [int(message[name]) for name in ("minFill", "validFrom", "decayTo", "validTo", "nonce")]
    words = (Kind(message["kind"]), FillRule(message["fill"]))
    sides = (legs("gives"), legs("wants"))
    return Intent(message["owner"], message["receiver"], *sides, *words, *numbers, terms=message["terms"])


@pytest.mark.parametrize("vector", VECTORS["intents"], ids=lambda vector: vector["name"])
def test_a_vector_holds(vector: dict[str, Any]) -> None:
    intent = intent_of(vector["message"])
    assert typed_data(intent, DOMAIN)["message"] == vector["message"]
    digest = intent_digest(intent, DOMAIN)
    assert "0x" + digest.hex() == vector["digest"]
    assert recover(digest, vector["signature"]) == VECTORS["signer"]
    assert Signer(keccak(b"walras test vectors")).sign(digest) == vector["signature"]
