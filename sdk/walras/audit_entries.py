"""Judge one entry of an exported log: its body, its owner's word, the house's receipt for it."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import from_json

from walras.audit_index import IntentIndex
from walras.audit_owners import KINDS
from walras.audit_report import Fault, LogReport
from walras.digest import receipt_digest
from walras.log_export import ExportEntry, ExportHeader
from walras.rejections import Rejection
from walras.signing import recover
from walras.wire import Receipt, canonical

__all__ = ["EntryJudge"]

_FIELDS = {"epoch", "sequence", "time", "kind", "uid", "payload"}
_HASH = re.compile(r"0x[0-9a-f]{64}\Z")


class EntryJudge:
    """Judges entries in order and notes what it finds in ``report``. ``signer`` has to have signed the receipts."""

    def __init__(self, header: ExportHeader, signer: str, report: LogReport) -> None:
        self._header = header
        self._signer = signer
        self._report = report
        self._sequence = 0
        self.index = IntentIndex()

    @property
    def next(self) -> int:
        """The sequence number that the next entry should have."""
        return self._sequence + 1

    def judge(self, entry: ExportEntry, raw: bytes, previous: str | None) -> str | None:
        """Judge the next entry, of the bytes ``raw``, after the head ``previous`` (None: it could not be read).

        The hash of the record if the entry is a round's.
        """
        self._sequence += 1
        body = self._body(raw)
        if body is None:
            return None
        self._place(body)
        self._payload(body)
        self._receipt(body, entry, previous)
        return body["uid"] if body["kind"] == "round" else None

    def skip(self) -> None:
        """An entry could not be read at all."""
        self._sequence += 1

    def _add(self, fault: Fault, detail: str = "") -> None:
        self._report.add(fault, self._sequence, detail)

    def _body(self, raw: bytes) -> dict[str, Any] | None:
        """The fields of the body, if they are what they should be."""
        try:
            # Unlike json.loads, this parser bounds the depth by itself, whatever limit the process has set.
            body = from_json(raw, allow_inf_nan=False)
            same = canonical(body) == raw
        except ValueError as error:
            self._add(Fault.NOT_CANONICAL, f"it is no JSON: {error}"[:300])
            return None
        if not same:
            self._add(Fault.NOT_CANONICAL)
        if not isinstance(body, dict) or body.keys() != _FIELDS or not _typed(body):
            self._add(Fault.BAD_BODY)
            return None
        return body

    def _place(self, body: dict[str, Any]) -> None:
        if body["sequence"] != self._sequence:
            self._add(Fault.GAP, f"the entry says {body['sequence']}")
            self._sequence = body["sequence"]
        if body["epoch"] != self._header.epoch:
            self._add(Fault.WRONG_EPOCH, f"epoch {body['epoch']} in a log of epoch {self._header.epoch}")

    def _payload(self, body: dict[str, Any]) -> None:
        kind, uid, counts = body["kind"], body["uid"], self._report.counts
        check = KINDS.get(kind)
        if check is None:
            return self._add(Fault.UNKNOWN_KIND, f"kind {kind[:40]!r}")
        counts[f"{kind}s"] += 1
        said = check(uid, body["payload"], self._header.domain)
        for fault, detail in said.faults:
            self._add(fault, detail)
        if said.offline is not None:
            counts["owner signatures" if said.offline else "signatures that only the chain can judge"] += 1
        for intent, owner in said.intents:
            self.index.intent(intent, owner, self._sequence)
        for intent, owner in said.cancels:
            self.index.cancel(intent, owner, self._sequence)
        return None

    def _receipt(self, body: dict[str, Any], entry: ExportEntry, previous: str | None) -> None:
        receipt = entry.receipt
        if receipt is None:
            return self._add(Fault.NO_RECEIPT) if body["kind"] != "round" else None
        self._report.counts["receipts"] += 1
        said = {name: getattr(receipt, name) for name in ("kind", "epoch", "sequence", "time", "uid", "head")}
        wrong = [name for name, value in said.items() if value != {**body, "head": entry.head}[name]]
        if previous is not None and receipt.previous != previous:
            wrong.append("previous")
        if wrong:
            self._add(Fault.RECEIPT_MISMATCH, f"the receipt has another {', '.join(wrong)}")
        return self._signature(receipt)

    def _signature(self, receipt: Receipt) -> None:
        numbers = (receipt.epoch, receipt.sequence, receipt.time)
        words = (receipt.uid, receipt.previous, receipt.head)
        try:
            signer = recover(receipt_digest(*numbers, *words, self._header.domain), receipt.signature)
        except (Rejection, OverflowError) as error:
            return self._add(Fault.RECEIPT_SIGNATURE, str(error))
        return None if signer == self._signer else self._add(Fault.RECEIPT_SIGNATURE, f"it is signed by {signer}")


def _typed(body: dict[str, Any]) -> bool:
    """Whether the fields around the payload have their types."""
    numbers = (body["epoch"], body["sequence"], body["time"])
    whole = all(type(number) is int and 0 <= number < 2**63 for number in numbers)
    uid = body["uid"]
    return whole and isinstance(body["kind"], str) and isinstance(uid, str) and _HASH.match(uid) is not None
