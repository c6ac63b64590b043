"""The checker finds what it is there to find: each kind of evidence, tampered with."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, cast

import pytest
from walras.digest import keccak
from walras_auction.infra.chain import EvmChain

from faults.checker import Broken, Evidence, check


class QuietChain:
    """A chain on which nothing was filled, or what the test says."""

    class contracts:  # noqa: N801
        settlement = "0x" + "00" * 20

    def __init__(self, *fills: tuple[str, int]) -> None:
        self._fills = fills
        self.rpc = self

    def logs(self, address: str, topics: list[str], first: int) -> list[dict[str, Any]]:
        return [
            {"topics": [b"", bytes.fromhex(uid[2:])], "data": (executed << 128).to_bytes(32, "big")}
            for uid, executed in self._fills
        ]


def uid(number: int) -> str:
    return f"0x{number:064x}"


def log_of(*entries: tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    head, lines = bytes(32), []
    for number, (kind, name, payload) in enumerate(entries, 1):
        body = json.dumps({"sequence": number, "uid": name, "kind": kind, "payload": payload})
        previous, head = head, keccak(head + sha256(body.encode()).digest())
        line = {"sequence": number, "kind": kind, "uid": name, "body": body, "time": 1}
        lines.append({**line, "previous": "0x" + previous.hex(), "head": "0x" + head.hex()})
    return lines


def receipt_of(line: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        **{name: line[name] for name in ("sequence", "kind", "uid", "previous", "head", "time")},
        "signature": "0x1",
    } | changes


LOG = log_of(("intent", uid(1), {}), ("intent", uid(2), {}))
SOUND = Evidence(LOG, {}, [receipt_of(LOG[0])], {uid(1): 100, uid(2): 100})


def judge(evidence: Evidence, *fills: tuple[str, int]) -> dict[str, int]:
    return check(evidence, cast(EvmChain, QuietChain(*fills)))


def test_sound_evidence_passes() -> None:
    assert judge(SOUND) == {"entries": 2, "accepted": 2, "fills": 0, "rounds": 0}


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (Evidence(LOG[1:], {}, []), "not in its place"),
        (Evidence([LOG[0], {**LOG[1], "body": LOG[1]["body"].replace(uid(2), uid(3))}], {}, []), "hash"),
        (Evidence([LOG[0], {**LOG[1], "previous": uid(9)}], {}, []), "follow"),
        (Evidence(log_of(("intent", uid(1), {}), ("intent", uid(1), {})), {}, []), "logged twice"),
        (Evidence(LOG, {}, [receipt_of(LOG[0], uid=uid(5))]), "not logged"),
        (Evidence(LOG, {}, [receipt_of(LOG[0], head=uid(5))]), "something else"),
        (Evidence(LOG, {}, [receipt_of(LOG[0]), receipt_of(LOG[0], signature="0x2")]), "differ"),
        (Evidence(log_of(("round", uid(7), {"round": 1})), {}, []), "no record"),
        (Evidence(log_of(("round", uid(7), {"round": 1})), {1: b'{"result":{"fills":[]}}'}, []), "another record"),
    ],
)
def test_what_was_tampered_with_is_found(evidence: Evidence, said: str) -> None:
    with pytest.raises(Broken, match=said):
        judge(evidence)


def test_a_fill_that_no_record_tells_of_is_found() -> None:
    with pytest.raises(Broken, match="chain and records differ"):
        judge(SOUND, (uid(1), 50))


def filled(*fills: tuple[str, int]) -> bytes:
    rows = [{"uid": name, "executed": str(executed)} for name, executed in fills]
    return json.dumps(
        {"result": {"fills": rows}, "inputs": {"batch": {"intents": [{"uid": name} for name, _ in fills]}}}
    ).encode()


def test_a_fill_beyond_what_was_signed_is_found() -> None:
    fills = ((uid(1), 60), (uid(1), 60))
    with pytest.raises(Broken, match="beyond"):
        judge(Evidence(LOG, {1: filled(*fills)}, [], {uid(1): 100}), *fills)


def test_a_round_that_offers_what_was_cancelled_is_found() -> None:
    log = log_of(("cancel", uid(1), {"value": uid(1), "firstRound": 2}))
    with pytest.raises(Broken, match="after its cancel"):
        judge(Evidence(log, {2: filled((uid(1), 5))}, [], {uid(1): 100}), (uid(1), 5))
