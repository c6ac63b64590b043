"""The answer to a batch of submissions: every item checked, and turned into what a single submission would give.

Where only the last receipt is signed the rest is recomputed: the body of each entry from what was sent, and every head
from the one before it up to the one under the signature.
"""

from __future__ import annotations

from collections.abc import Sequence

from walras import calls
from walras.answers import BatchAnswer, BatchItem, Place, Receipts
from walras.calls import UntrustedHouseError, WalrasError
from walras.chained import ChainedReceipt, body_hash
from walras.digest import entry_head
from walras.entries import intent_body
from walras.wire import HouseInfo, Receipt, SubmitRequest

__all__ = ["Outcome", "outcomes"]

#: What becomes of one intent; an :class:`~walras.wire.Amended` where it came in the place of another.
Outcome = Receipt | ChainedReceipt | WalrasError


def outcomes(
    answer: BatchAnswer, requests: Sequence[SubmitRequest], info: HouseInfo, receipts: Receipts = "each"
) -> list[Outcome]:
    """The items of a batch's answer in their order, checked. Raises :class:`~walras.calls.UntrustedHouseError`."""
    calls.check_length(len(answer.items), len(requests))
    reader = _Reader(info, receipts)
    for item, request in zip(answer.items, requests, strict=True):
        reader.read(item, request)
    return reader.finish()


class _Reader:
    """Reads items one by one. By place in the log: what was ``_held`` there, and the hash of the body of an entry."""

    def __init__(self, info: HouseInfo, receipts: Receipts) -> None:
        self._info = info
        self._receipts = receipts
        self._found: list[Outcome | tuple[Place, bytes]] = []
        self._held: dict[int, Place | Receipt] = {}
        self._hashes: dict[int, str] = {}

    def read(self, item: BatchItem, request: SubmitRequest) -> None:
        uid = calls.uid_of(request.intent.intent(), self._info)
        if [item.receipt, item.problem, item.place].count(None) != 2:
            raise UntrustedHouseError(f"not one of receipt, place and problem for {uid}")
        if item.problem is not None:
            self._found.append(WalrasError(item.problem))
        elif item.place is not None:
            if self._receipts == "each":
                raise UntrustedHouseError(f"a place without a signature for {uid}")
            body = _body(item.place, request, uid)
            self._hold(item.place)
            self._hashes[item.place.sequence] = body_hash(body)
            self._found.append((item.place, body))
        else:
            receipt = _receipt(item, request, uid, self._info)
            self._hold(receipt)
            self._found.append(receipt)

    def _hold(self, one: Place | Receipt) -> None:
        """One place is one entry's: the same intent may stand twice in a batch, but no other at its place."""
        before = self._held.setdefault(one.sequence, one)
        if _place(before) != _place(one):
            raise UntrustedHouseError(f"place {one.sequence} is said to be that of {before.uid} and of {one.uid}")
        if isinstance(one, Receipt):
            self._held[one.sequence] = one

    def finish(self) -> list[Outcome]:
        """All items, once every place is under a signature."""
        signed = self._signed()
        return [self._chained(*one, signed) if isinstance(one, tuple) else one for one in self._found]

    def _signed(self) -> dict[int, Receipt]:
        """The receipt that vouches for each place: heads are followed backwards from it."""
        signed: dict[int, Receipt] = {}
        for sequence in sorted(self._hashes, reverse=True):
            place, after = self._held[sequence], self._held.get(sequence + 1)
            if after is None:
                raise UntrustedHouseError(f"nothing that the house signed follows on entry {sequence}")
            if (after.epoch, after.previous) != (place.epoch, place.head):
                raise UntrustedHouseError(f"entry {sequence + 1} does not follow on entry {sequence}")
            signed[sequence] = after if isinstance(after, Receipt) else signed[sequence + 1]
        return signed

    def _chained(self, place: Place, body: bytes, signed: dict[int, Receipt]) -> ChainedReceipt:
        last = signed[place.sequence]
        between = tuple(self._hashes[at] for at in range(place.sequence + 1, last.sequence))
        # All of it has been checked, and receipts of one row share their hashes.
        said = {name: getattr(place, name) for name in Place.model_fields}
        return ChainedReceipt.model_construct(**said, body=body.decode(), between=between, last=last)


def _place(one: Place | Receipt) -> tuple[object, ...]:
    return one.epoch, one.sequence, one.time, one.uid, one.previous, one.head


def _body(place: Place, request: SubmitRequest, uid: str) -> bytes:
    """The bytes of the entry at an unsigned place: its head has to be that of the very intent that was sent."""
    if place.uid != uid:
        raise UntrustedHouseError(f"the place is that of {place.uid}, not of {uid}")
    body = intent_body(request, place.epoch, place.sequence, place.time, uid)
    if "0x" + entry_head(bytes.fromhex(place.previous[2:]), body).hex() != place.head:
        raise UntrustedHouseError(f"the head of entry {place.sequence} is not the hash of what was sent")
    return body


def _receipt(item: BatchItem, request: SubmitRequest, uid: str, info: HouseInfo) -> Receipt:
    assert item.receipt is not None
    if item.receipt.kind != "intent":
        raise UntrustedHouseError(f"the receipt for {uid} is one of a cancel")
    if request.replaces is not None:
        return calls.check_amended(item.receipt, request, uid, info)
    return calls.check_receipt(Receipt.model_validate(item.receipt.model_dump(exclude={"replaced"})), uid, info)
