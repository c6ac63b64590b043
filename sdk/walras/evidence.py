"""What to send to the ``Ledger`` contract: roots, proofs of lies, answers. Calldata only; the caller sends it.

Two receipts for one place are proof by themselves. A receipt whose entry is missing is a claim, which the operator
answers with a proof of inclusion (:mod:`walras.merkle`) under a root that it has posted, or pays for.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import encode

from walras.digest import keccak
from walras.wire import Receipt

__all__ = [
    "answer_call",
    "collect_call",
    "contradicts",
    "equivocation_call",
    "omission_call",
    "post_call",
    "resolve_call",
]

_RECEIPT = "(uint64,uint64,uint64,bytes32,bytes32,bytes32)"


def contradicts(one: Receipt, other: Receipt) -> bool:
    """Whether the two receipts give one place to different entries, so that whoever signed both has lied.

    Neither signature is checked here: see ``walras.digest.receipt_digest``.
    """
    return _place(one) == _place(other) and _signed(one) != _signed(other)


def post_call(epoch: int, size: int, log_root: bytes, state_root: bytes) -> bytes:
    """Post the roots (32 bytes each) after the first ``size`` entries of an epoch's log. For the operator."""
    return _call("post", ["uint64", "uint64", "bytes32", "bytes32"], [epoch, size, log_root, state_root])


def equivocation_call(one: Receipt, other: Receipt) -> bytes:
    """Show two receipts for one place. Raises ``ValueError`` if they do not contradict each other."""
    if not contradicts(one, other):
        raise ValueError(f"the receipts for places {_place(one)} and {_place(other)} do not contradict each other")
    values = [_signed(one), _signature(one), _signed(other), _signature(other)]
    return _call("proveEquivocation", [_RECEIPT, "bytes", _RECEIPT, "bytes"], values)


def omission_call(receipt: Receipt) -> bytes:
    """Claim that the entry of ``receipt`` is missing. The contract takes a stake, which it must be allowed to take."""
    return _call("challengeOmission", [_RECEIPT, "bytes"], [_signed(receipt), _signature(receipt)])


def answer_call(challenge: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Answer a claim with ``MerkleTree.inclusion_proof(leaf_index(sequence), size)``, for a posted ``size``."""
    return _call("answerOmission", ["uint256", "uint64", "bytes32[]"], [challenge, size, list(proof)])


def resolve_call(challenge: int) -> bytes:
    """Close a claim that was not answered in time, in favour of the challenger."""
    return _call("resolve", ["uint256"], [challenge])


def collect_call(to: str) -> bytes:
    """Have what the sender is owed paid to the address ``to``."""
    return _call("collect", ["address"], [to])


def _call(name: str, types: Sequence[str], values: Sequence[object]) -> bytes:
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(list(types), list(values))


def _place(receipt: Receipt) -> tuple[int, int]:
    return receipt.epoch, receipt.sequence


def _signed(receipt: Receipt) -> tuple[int, int, int, bytes, bytes, bytes]:
    """What the house signs of a receipt, in the contract's order."""
    words = (receipt.uid, receipt.previous, receipt.head)
    uid, previous, head = (bytes.fromhex(word[2:]) for word in words)
    return receipt.epoch, receipt.sequence, receipt.time, uid, previous, head


def _signature(receipt: Receipt) -> bytes:
    return bytes.fromhex(receipt.signature[2:])
