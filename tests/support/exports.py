"""Exports of logs that no house wrote: honest ones to begin with, then whatever a test makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from house_fakes import DOMAIN, HOUSE_SIGNER, an_intent, key
from walras.digest import cancel_digest, intent_digest, intent_uid, keccak, receipt_digest
from walras.log_export import GENESIS, ExportHeader
from walras.merkle import MerkleTree
from walras.signing import Signer
from walras.wire import IntentMessage, canonical

LEDGER = "0x" + "1e" * 20
EPOCH = 1
Line = dict[str, Any]


@dataclass
class Export:
    """Lines of an export as JSON values, which tests change and ``bytes_of`` writes."""

    house: Signer = HOUSE_SIGNER
    header: Line = field(default_factory=dict)
    entries: list[Line] = field(default_factory=list)
    roots: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        settlement, ledger = DOMAIN.settlement, LEDGER
        header = ExportHeader(
            chain_id=DOMAIN.chain_id, settlement=settlement, ledger=ledger, signer=self.house.address, epoch=EPOCH
        )
        self.header = self.header or header.to_json()

    @property
    def head(self) -> str:
        return self.entries[-1]["head"] if self.entries else GENESIS

    def add(self, kind: str, uid: str, payload: Any) -> None:
        """The next entry, as an honest house writes it."""
        self.add_body(
            {
                "epoch": EPOCH,
                "sequence": len(self.entries) + 1,
                "time": 1_700_000_000 + len(self.entries),
                "kind": kind,
                "uid": uid,
                "payload": payload,
            }
        )

    def add_body(self, body: Line) -> None:
        """An entry of any body, with the head and the receipt that belong to it."""
        line = {"body": canonical(body).decode(), "head": "", "receipt": None}
        self.entries.append(line)
        self.seal(len(self.entries) - 1)

    def seal(self, at: int) -> None:
        """Give the entry at ``at`` the head and the receipt of what it says now."""
        line = self.entries[at]
        previous = self.entries[at - 1]["head"] if at else GENESIS
        body = json.loads(line["body"])
        line["head"] = "0x" + keccak(bytes.fromhex(previous[2:]) + sha256(line["body"].encode()).digest()).hex()
        line["receipt"] = None
        if body["kind"] != "round":
            place = {name: body[name] for name in ("epoch", "sequence", "time", "uid")}
            place |= {"previous": previous, "head": line["head"]}
            signature = self.house.sign(receipt_digest(**place, domain=DOMAIN))
            line["receipt"] = {"kind": body["kind"], "signature": signature, **place}

    def rewrite(self, at: int, change: Callable[[Line], object]) -> None:
        """What a house does that rewrites its past and signs it all again from there on."""
        body = json.loads(self.entries[at]["body"])
        change(body)
        self.entries[at]["body"] = canonical(body).decode()
        for place in range(at, len(self.entries)):
            self.seal(place)

    def intent(self, owner: int = 1, nonce: int | None = None) -> str:
        signer = key(owner)
        intent = an_intent(signer, nonce=len(self.entries) if nonce is None else nonce)
        uid, signature = intent_uid(intent, DOMAIN), signer.sign(intent_digest(intent, DOMAIN))
        message = IntentMessage.of(intent).to_json()
        self.add("intent", uid, {"intent": message, "signature": signature, "scheme": "ecdsa", "permits": []})
        return uid

    def cancel(self, uid: str, owner: int = 1) -> None:
        signer = key(owner)
        signature = signer.sign(cancel_digest(signer.address, uid, DOMAIN))
        said = {"scope": "uid", "value": uid, "owner": signer.address, "scheme": "ecdsa", "firstRound": 1}
        self.add("cancel", uid, {**said, "signature": signature})

    def round(self, number: int) -> str:
        record = "0x" + keccak(b"record %d" % number).hex()
        self.add("round", record, {"round": number, "record": record})
        return record

    def post(self, record: str) -> None:
        """The ledger gets the roots of the log as it is."""
        tree = MerkleTree(bytes.fromhex(line["head"][2:]) for line in self.entries)
        size = len(tree)
        root = {"epoch": EPOCH, "size": size, "logRoot": "0x" + tree.root().hex(), "stateRoot": record}
        self.roots.append({**root, "transaction": "0x" + keccak(b"post %d" % size).hex(), "block": 100 + size})

    def lines(self) -> list[bytes]:
        lines = [self.header, *self.entries, *({"root": root} for root in self.roots)]
        return [json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines]


def an_export() -> Export:
    """Two owners, a cancel, two rounds, two posted roots; entries 1 to 9."""
    export = Export()
    first = export.intent(1)
    export.intent(2)
    export.intent(1)
    export.cancel(first, 1)
    export.post(export.round(1))
    export.intent(2)
    export.intent(3)
    record = export.round(2)
    export.intent(1)
    export.post(record)
    return export
