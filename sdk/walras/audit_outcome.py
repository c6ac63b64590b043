"""What an audit of a receipt asks and what comes of it (``walras.audit_receipt``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from walras.funds import ChainCall
from walras.ledger import EthCall, LedgerReader, Promise
from walras.log_proofs import Size
from walras.wire import Hash, HouseInfo, Receipt, Wire

__all__ = ["Audit", "AuditRequest", "LedgerFacts", "Outcome", "ReadLedger", "Seen", "read_ledger"]


class Outcome(StrEnum):
    """What came of an audit."""

    PROVEN = "proven"  # the entry is in the log, under the root that was compared with
    PENDING = "pending"  # the entry is in the log, but under no root on chain yet
    EVIDENCE = "evidence"  # the house broke its word; ``Audit.call`` shows it to the ledger
    INCONSISTENT = "inconsistent"  # the entry is there, but the log does not extend one that was seen before


class Seen(Wire):
    """A root of the log that was seen: keep the last, so that the next audit shows that nothing was rewritten."""

    size: Size
    root: Hash


@dataclass(frozen=True, slots=True)
class Audit:
    """The outcome for one receipt, and a sentence about it.

    ``anchored``: compared with a root on chain, not with the house's word alone. ``seen``: keep it for the next audit.
    ``call``: with evidence, the transaction to send to the ledger, from Unix second ``not_before`` until ``not_after``
    where these are known.
    """

    outcome: Outcome
    sentence: str
    receipt: Receipt
    anchored: bool
    seen: Seen | None
    call: ChainCall | None = None
    not_before: int | None = None
    not_after: int | None = None

    def to_json(self) -> dict[str, Any]:
        call = None if self.call is None else {"to": self.call.to, "data": self.call.hex}
        return {
            "outcome": self.outcome.value,
            "sentence": self.sentence,
            "receipt": self.receipt.to_json(),
            "anchored": self.anchored,
            "seen": self.seen and self.seen.to_json(),
            "call": call,
            "notBefore": self.not_before,
            "notAfter": self.not_after,
        }


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What the chain says: the newest root of the receipt's epoch, and the operator's promise."""

    newest: Seen | None
    promise: Promise


@dataclass(frozen=True, slots=True)
class ReadLedger:
    """A step: read the ledger at this address for this epoch."""

    ledger: str
    epoch: int


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit: the receipt, the house it is of, and what the caller knows.

    ``ledger`` pins the contract, else it is the one that the house names. ``on_chain``: it can be read.
    """

    receipt: Receipt
    info: HouseInfo
    ledger: str | None
    on_chain: bool
    seen: Seen | None
    now: int


def read_ledger(call: EthCall, step: ReadLedger) -> LedgerFacts:
    """Take a :class:`ReadLedger` step. Raises :class:`~walras.ledger.ChainAnswerError`."""
    reader = LedgerReader(call, step.ledger)
    newest = reader.newest(step.epoch)
    seen = None if newest is None else Seen(size=newest[0], root="0x" + newest[1].hex())
    return LedgerFacts(seen, reader.promise())
