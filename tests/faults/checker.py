"""What must hold after any fault, judged from the log's export, the published records and the chain alone.

It shares no code with the store, the log or the rounds: hashes are computed anew. What clients were given (receipts)
is their own evidence.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from walras.digest import keccak
from walras_auction.infra.chain import EvmChain
from walras_auction.record import replay

_FILLED = "0x" + keccak(b"Filled(bytes32,address,uint256)").hex()


class Broken(AssertionError):
    """Something that must never happen has happened."""


@dataclass
class Evidence:
    """``log``: the export's lines; ``records``: bytes by round; ``receipts``: everything that clients were handed."""

    log: Sequence[Mapping[str, Any]]
    records: Mapping[int, bytes]
    receipts: Sequence[Mapping[str, Any]]
    #: Full amounts by uid of what clients signed, from their own books.
    amounts: Mapping[str, int] = field(default_factory=dict)


def check(evidence: Evidence, chain: EvmChain) -> dict[str, int]:
    """Raises :class:`Broken`, or says how much was looked at."""
    _chained(evidence.log)
    logged = _logged_once(evidence)
    _promises(evidence)
    fills = _fills(evidence, chain)
    _cancels(evidence)
    _records(evidence)
    return {"entries": len(evidence.log), "accepted": logged, "fills": fills, "rounds": len(evidence.records)}


def _demand(holds: bool, said: str) -> None:
    if not holds:
        raise Broken(said)


def _chained(log: Sequence[Mapping[str, Any]]) -> None:
    """Every entry hashes to its head, in one unbroken sequence from nothing."""
    head = bytes(32)
    for number, line in enumerate(log, 1):
        body = line["body"].encode()
        said = json.loads(body)
        _demand(line["sequence"] == number == said["sequence"], f"entry {number} is not in its place")
        _demand(line["previous"] == "0x" + head.hex(), f"entry {number} does not follow the one before it")
        head = keccak(head + sha256(body).digest())
        _demand(line["head"] == "0x" + head.hex(), f"entry {number} does not hash to its head")
        _demand(said["uid"] == line["uid"], f"entry {number} is of another uid than it says")


def _logged_once(evidence: Evidence) -> int:
    """Of every uid there is one intent entry, and every receipt is for an entry that is there."""
    times = Counter(line["uid"] for line in evidence.log if line["kind"] == "intent")
    twice = [uid for uid, count in times.items() if count > 1]
    _demand(not twice, f"logged twice: {twice}")
    for receipt in evidence.receipts:
        if receipt["kind"] == "intent":
            _demand(times[receipt["uid"]] == 1, f"accepted and not logged: {receipt['uid']}")
    return len(times)


def _promises(evidence: Evidence) -> None:
    """A receipt names the place that its entry has; two receipts for one intent are the same."""
    heads = {line["sequence"]: line for line in evidence.log}
    by_uid: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for receipt in evidence.receipts:
        line = heads.get(receipt["sequence"])
        _demand(line is not None, f"receipt for entry {receipt['sequence']}, which is not in the log")
        same = line is not None and all(line[name] == receipt[name] for name in ("head", "previous", "uid", "time"))
        _demand(same, f"the receipt for entry {receipt['sequence']} says something else than the log")
        by_uid[receipt["kind"], receipt["uid"]].add((receipt["sequence"], receipt["signature"]))
    _demand(all(len(places) == 1 for places in by_uid.values()), "two receipts for one intent differ")


def _fills(evidence: Evidence, chain: EvmChain) -> int:
    """The chain filled what the records say, once, and never more than was signed."""
    on_chain: Counter[tuple[str, int]] = Counter()
    for event in chain.rpc.logs(chain.contracts.settlement, [_FILLED], 0):
        uid = "0x" + bytes(event["topics"][1]).hex()
        if uid in evidence.amounts:
            on_chain[uid, int.from_bytes(bytes(event["data"]), "big") >> 128] += 1
    recorded: Counter[tuple[str, int]] = Counter()
    for record in evidence.records.values():
        for fill in json.loads(record)["result"]["fills"]:
            recorded[fill["uid"], int(fill["executed"])] += 1
    _demand(on_chain == recorded, f"chain and records differ: {on_chain - recorded} and {recorded - on_chain}")
    total: Counter[str] = Counter()
    for (uid, executed), count in on_chain.items():
        total[uid] += executed * count
    over = [uid for uid, executed in total.items() if executed > evidence.amounts[uid]]
    _demand(not over, f"filled beyond what was signed: {over}")
    return sum(on_chain.values())


def _cancels(evidence: Evidence) -> None:
    """From the round on that an accepted cancel names, its intent is in no batch."""
    for line in evidence.log:
        if line["kind"] != "cancel":
            continue
        payload = json.loads(line["body"])["payload"]
        for number, record in evidence.records.items():
            if number >= payload["firstRound"]:
                uids = [entry["uid"] for entry in json.loads(record)["inputs"]["batch"]["intents"]]
                _demand(payload["value"] not in uids, f"round {number} offered {payload['value']} after its cancel")


def _records(evidence: Evidence) -> None:
    """Every round in the log has the record that its entry names, and replay gives the same bytes."""
    rounds = [json.loads(line["body"]) for line in evidence.log if line["kind"] == "round"]
    _demand(len({entry["payload"]["round"] for entry in rounds}) == len(rounds), "a round was published twice")
    _demand(
        {entry["payload"]["round"] for entry in rounds} == set(evidence.records), "a round has no record, or no entry"
    )
    for entry in rounds:
        record = evidence.records[entry["payload"]["round"]]
        _demand("0x" + keccak(record).hex() == entry["uid"], f"round {entry['payload']['round']} has another record")
        _demand(replay(json.loads(record)) == record, f"round {entry['payload']['round']} replays to other bytes")
