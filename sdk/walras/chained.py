"""Receipts that share one signature: an entry, and the signed receipt of a later one whose head commits to it.

The head after an entry is ``keccak(previous head ‖ sha256(body))``, so from an entry's body and the hashes of those
between it and a signed one follows the ``previous`` head that the house signed there. Nothing else can stand in the
entry's place under that signature unless two inputs of the hash come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from pydantic_core import from_json

from walras import calls
from walras.answers import Place
from walras.audit_owners import KINDS
from walras.calls import UntrustedHouseError
from walras.digest import Domain, entry_head, keccak
from walras.wire import Hash, HouseInfo, Receipt

__all__ = ["ChainedReceipt", "body_hash", "check_chained", "head_after"]


class ChainedReceipt(Place):
    """An intent's place in the log, and all that shows that the house has signed for it.

    ``body`` is the text of the entry, of which ``head`` is the hash. ``between`` are the SHA-256 hashes of the entries
    after it and before that of ``last``, in order; ``last`` is the receipt that the house signed.
    """

    body: str
    between: tuple[Hash, ...]
    last: Receipt


def body_hash(body: bytes) -> str:
    """What a chained receipt holds of the entries between its own and the signed one."""
    return "0x" + sha256(body).hexdigest()


def head_after(head: str, hashes: Iterable[str]) -> str:
    """The head of the log after entries whose bodies have these hashes, from the ``head`` before them."""
    word = _word(head)
    for one in hashes:
        word = keccak(word + _word(one))
    return "0x" + word.hex()


def check_chained(receipt: ChainedReceipt, info: HouseInfo) -> ChainedReceipt:
    """The receipt, if the house's signature covers it; else :class:`~walras.calls.UntrustedHouseError`."""
    calls.check_receipt(receipt.last, receipt.last.uid, info)
    body = receipt.body.encode()
    if "0x" + entry_head(_word(receipt.previous), body).hex() != receipt.head:
        raise UntrustedHouseError(f"the head of entry {receipt.sequence} is not the hash of its body")
    _check_place(receipt, calls.domain_of(info))
    follows = receipt.last.epoch, receipt.last.sequence
    if follows != (receipt.epoch, receipt.sequence + len(receipt.between) + 1):
        raise UntrustedHouseError(f"the signed entry {receipt.last.sequence} is not the one after those in between")
    if head_after(receipt.head, receipt.between) != receipt.last.previous:
        raise UntrustedHouseError(f"the head that was signed does not follow from entry {receipt.sequence}")
    return receipt


def _check_place(receipt: ChainedReceipt, domain: Domain) -> None:
    """The body has to be that of this intent at this place."""
    try:
        said: Any = from_json(receipt.body)
    except ValueError as error:
        raise UntrustedHouseError(f"the body of entry {receipt.sequence} is no JSON") from error
    place = receipt.model_dump(include={"kind", "epoch", "sequence", "time", "uid"})
    if not isinstance(said, dict) or {name: said.get(name) for name in place} != place:
        raise UntrustedHouseError(f"the body of entry {receipt.sequence} is another entry's")
    for _, detail in KINDS["intent"](receipt.uid, said.get("payload"), domain).faults:
        raise UntrustedHouseError(f"the body of entry {receipt.sequence} is not that intent's: {detail}")


def _word(text: str) -> bytes:
    return bytes.fromhex(text[2:])
