"""What an audit of a log finds: named faults with their places, and counts of what was checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Check", "Fault", "Finding", "LogReport"]

#: Findings that are kept; all are counted. A broken export of any length is audited in bounded memory.
KEEP = 1_000


class Check(StrEnum):
    """What is checked of an export, in the order of the report. ``Check.X.sentence`` says what holds if it passes."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Check:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    FORMAT = "format", "Header, entries and roots have the documented form."
    SEQUENCE = "sequence", "Sequence numbers run from 1 without a gap."
    CHAIN = "chain", "Every head is keccak(previous head ‖ sha256(body))."
    BODIES = "bodies", "Every body is canonical JSON and says what its entry is."
    RECEIPTS = "receipts", "Every intent and cancel has a receipt of its place, signed by the house."
    OWNERS = "owners", "Every intent and cancel is signed by its owner, as far as keys can show offline."
    ONCE = "once", "No intent is logged twice."
    ROOTS = "roots", "Every posted root is the Merkle root of the log at its size."
    LEDGER = "ledger", "The roots of the export are those in the ledger contract."


class Fault(StrEnum):
    """A kind of finding. ``Fault.X.sentence`` explains it, ``Fault.X.check`` is the check that it fails."""

    check: Check
    sentence: str

    def __new__(cls, value: str, check: Check, sentence: str) -> Fault:
        member = str.__new__(cls, value)
        member._value_ = value
        member.check, member.sentence = check, sentence
        return member

    BAD_HEADER = "bad_header", Check.FORMAT, "The first line is not the header of an export."
    BAD_LINE = "bad_line", Check.FORMAT, "The line is not an entry or a root."
    MISPLACED_LINE = "misplaced_line", Check.FORMAT, "An entry stands behind the roots."
    WRONG_HOUSE = "wrong_house", Check.FORMAT, "The header names another receipt signer than the one to check against."
    GAP = "gap", Check.SEQUENCE, "The sequence number does not follow the one before."
    BROKEN_CHAIN = "broken_chain", Check.CHAIN, "The head is not the hash of the previous head and the body."
    NOT_CANONICAL = "not_canonical", Check.BODIES, "The body is not canonical JSON."
    BAD_BODY = "bad_body", Check.BODIES, "The body does not have the fields of an entry."
    WRONG_EPOCH = "wrong_epoch", Check.BODIES, "The entry belongs to another epoch than the log."
    UNKNOWN_KIND = "unknown_kind", Check.BODIES, "The entry is of a kind that this audit does not know."
    BAD_PAYLOAD = "bad_payload", Check.BODIES, "The payload is not that of an entry of its kind."
    WRONG_UID = "wrong_uid", Check.BODIES, "The uid is not the hash of what the entry holds."
    NO_RECEIPT = "no_receipt", Check.RECEIPTS, "An intent or cancel has no receipt."
    RECEIPT_MISMATCH = "receipt_mismatch", Check.RECEIPTS, "The receipt is for another place, time or content."
    RECEIPT_SIGNATURE = "receipt_signature", Check.RECEIPTS, "The receipt is not signed by the house."
    OWNER_SIGNATURE = "owner_signature", Check.OWNERS, "The signature is not one of the owner over this message."
    CANCEL_BY_ANOTHER = "cancel_by_another", Check.OWNERS, "An intent was cancelled by somebody who does not own it."
    LOGGED_TWICE = "logged_twice", Check.ONCE, "The same intent stands in the log a second time."
    ROOT_BEYOND_LOG = "root_beyond_log", Check.ROOTS, "A root was posted for more entries than the export holds."
    ROOT_MISMATCH = "root_mismatch", Check.ROOTS, "The posted root is not the Merkle root of the log at its size."
    ROOT_ORDER = "root_order", Check.ROOTS, "The posted sizes do not grow."
    STATE_ROOT = "state_root", Check.ROOTS, "The posted state root is not the hash of the newest round record."
    NOT_ON_CHAIN = "not_on_chain", Check.LEDGER, "The ledger holds no such root."
    NOT_IN_EXPORT = "not_in_export", Check.LEDGER, "The ledger holds a root that the export leaves out."


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong. ``sequence`` is the entry's place, a root's size, or 0 for the header."""

    fault: Fault
    sequence: int
    detail: str

    def __str__(self) -> str:
        return f"{self.sequence}: {self.fault.value}: {self.detail}"

    def to_json(self) -> dict[str, Any]:
        return {"fault": self.fault.value, "sequence": self.sequence, "detail": self.detail}


@dataclass(slots=True)
class LogReport:
    """The outcome of an audit. ``counts`` says how much was looked at, by plain names."""

    findings: list[Finding] = field(default_factory=list)
    faults: Counter[Fault] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    checks: list[Check] = field(default_factory=lambda: [check for check in Check if check is not Check.LEDGER])

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.faults

    def add(self, fault: Fault, sequence: int, detail: str = "") -> None:
        """Note a finding; beyond the first thousand it is only counted."""
        self.faults[fault] += 1
        if len(self.findings) < KEEP:
            self.findings.append(Finding(fault, sequence, detail or fault.sentence))

    def failures(self, check: Check) -> int:
        """How many findings failed ``check``."""
        return sum(count for fault, count in self.faults.items() if fault.check is check)

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "checks": {check.value: self.failures(check) for check in self.checks},
            "counts": dict(sorted(self.counts.items())),
            "findings": [finding.to_json() for finding in self.findings],
        }
