"""EIP-712 digests, written out for the house's own message types.

The generic encoders are some fifty times slower (see ``make bench ONLY=digest``) and the intent's digest sits on
the hot path of intake. The tests compare every digest here with ``eth_account``'s encoder and with the contract's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from sha3 import keccak_256

from walras.intent import FillRule, Intent, Kind, Leg

LEG_TYPE = "Leg(address token,uint256 start,uint256 end)"
INTENT_TYPE = (
    "Intent(address owner,address receiver,Leg[] gives,Leg[] wants,string kind,string fill,uint256 minFill,"
    "uint48 validFrom,uint48 decayTo,uint48 validTo,uint256 nonce,bytes32 terms)" + LEG_TYPE
)
CANCEL_TYPE = "Cancel(address owner,bytes32 uid)"
CANCEL_WORD_TYPE = "CancelWord(address owner,uint256 word)"
CANCEL_EPOCH_TYPE = "CancelEpoch(address owner,uint64 epoch)"
RECEIPT_TYPE = "Receipt(uint64 epoch,uint64 sequence,uint64 time,bytes32 uid,bytes32 previous,bytes32 head)"
AWARD_TYPE = "Award(uint256 round,address solver,bytes32 solution,uint256 gasLimit,uint256 deadline)"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def keccak(data: bytes | memoryview) -> bytes:
    """Keccak-256 of ``data`` (the Ethereum hash, not NIST SHA-3)."""
    digest: bytes = keccak_256(data).digest()
    return digest


def entry_head(previous: bytes, body: bytes) -> bytes:
    """The log's head after an entry: ``keccak(previous head ‖ sha256(body))``.

    SHA-256 for the body, which is long, because processors have instructions for it; keccak around it, so that a head
    costs a contract one word's hash.
    """
    return keccak(previous + sha256(body).digest())


_LEG_HASH = keccak(LEG_TYPE.encode())
INTENT_HASH = keccak(INTENT_TYPE.encode())
_CANCEL_HASH = keccak(CANCEL_TYPE.encode())
_CANCEL_WORD_HASH = keccak(CANCEL_WORD_TYPE.encode())
_CANCEL_EPOCH_HASH = keccak(CANCEL_EPOCH_TYPE.encode())
_RECEIPT_HASH = keccak(RECEIPT_TYPE.encode())
_AWARD_HASH = keccak(AWARD_TYPE.encode())
KINDS = {(kind, fill): keccak(kind.encode()) + keccak(fill.encode()) for kind in Kind for fill in FillRule}
_PAD = bytes(12)


@dataclass(frozen=True)
class Domain:
    """The EIP-712 domain of one deployment: (``Walras``, ``1``, chain id, settlement contract)."""

    chain_id: int
    settlement: str

    @cached_property
    def separator(self) -> bytes:
        parts = (
            keccak(DOMAIN_TYPE.encode()),
            keccak(b"Walras"),
            keccak(b"1"),
            _uint(self.chain_id),
            _address(self.settlement),
        )
        return keccak(b"".join(parts))

    def digest(self, struct_hash: bytes) -> bytes:
        """The bytes that are signed for a struct of this domain (EIP-712, ``encode``)."""
        return keccak(self._prefix + struct_hash)

    @cached_property
    def _prefix(self) -> bytes:
        return b"\x19\x01" + self.separator


def _uint(value: int) -> bytes:
    return value.to_bytes(32, "big")


@lru_cache(maxsize=4096)
def _address(address: str) -> bytes:
    return _PAD + bytes.fromhex(address[2:])


@lru_cache(maxsize=4096)
def leg_prefix(token: str) -> bytes:
    """How a leg's encoding begins. Few tokens, many legs."""
    return _LEG_HASH + _address(token)


def leg_hash(token: str, start: int, end: int) -> bytes:
    """The struct hash of one leg."""
    return keccak_256(leg_prefix(token) + start.to_bytes(32, "big") + end.to_bytes(32, "big")).digest()  # type: ignore[no-any-return]


def _legs(legs: Sequence[Leg]) -> bytes:
    return keccak(b"".join([leg_hash(leg.token, leg.start, leg.end) for leg in legs]))


def intent_digest(intent: Intent, domain: Domain) -> bytes:
    """The intent's uid: its EIP-712 digest, 32 bytes."""
    return domain.digest(intent_hash(intent))


def intent_hash(intent: Intent) -> bytes:
    """The intent's struct hash (EIP-712 ``hashStruct``), of no domain: what Permit2 carries as its witness."""
    times = (intent.valid_from << 512) | (intent.decay_to << 256) | intent.valid_to
    body = b"".join(
        (
            INTENT_HASH,
            _PAD,
            bytes.fromhex(intent.owner[2:]),
            _address(intent.receiver),
            _legs(intent.gives),
            _legs(intent.wants),
            KINDS[intent.kind, intent.fill],
            intent.min_fill.to_bytes(32, "big"),
            times.to_bytes(96, "big"),
            intent.nonce.to_bytes(32, "big"),
            bytes.fromhex(intent.terms[2:]),
        )
    )
    return keccak(body)


def intent_uid(intent: Intent, domain: Domain) -> str:
    """The uid as it travels: ``0x`` and 64 hexadecimal digits."""
    return "0x" + intent_digest(intent, domain).hex()


def cancel_digest(owner: str, uid: str, domain: Domain) -> bytes:
    """What an owner signs to withdraw the intent ``uid`` from the house."""
    return domain.digest(keccak(_CANCEL_HASH + _address(owner) + bytes.fromhex(uid[2:])))


def cancel_word_digest(owner: str, word: int, domain: Domain) -> bytes:
    """What an owner signs to withdraw its intents with the nonces ``word * 256`` to ``word * 256 + 255``."""
    return domain.digest(keccak(_CANCEL_WORD_HASH + _address(owner) + _uint(word)))


def cancel_epoch_digest(owner: str, epoch: int, domain: Domain) -> bytes:
    """What an owner signs to withdraw all its intents of ``epoch`` and of those before."""
    return domain.digest(keccak(_CANCEL_EPOCH_HASH + _address(owner) + _uint(epoch)))


def receipt_digest(epoch: int, sequence: int, time: int, uid: str, previous: str, head: str, domain: Domain) -> bytes:
    """What the house signs when it has given a log entry its place."""
    words = b"".join(bytes.fromhex(word[2:]) for word in (uid, previous, head))
    return domain.digest(keccak(_RECEIPT_HASH + _uint(epoch) + _uint(sequence) + _uint(time) + words))


def award_digest(
    round_id: int, solver: str, solution_hash: bytes, gas_limit: int, deadline: int, domain: Domain
) -> bytes:
    """What the house signs to let ``solver`` settle one solution, once."""
    body = _AWARD_HASH + _uint(round_id) + _address(solver) + solution_hash + _uint(gas_limit) + _uint(deadline)
    return domain.digest(keccak(body))


def typed_data(intent: Intent, domain: Domain) -> dict[str, Any]:
    """The intent as the JSON document that wallets show and sign (``eth_signTypedData_v4``)."""
    leg_fields = [
        {"name": "token", "type": "address"},
        {"name": "start", "type": "uint256"},
        {"name": "end", "type": "uint256"},
    ]
    fields = [
        {"name": name, "type": kind}
        for kind, name in (part.split(" ") for part in INTENT_TYPE[len("Intent(") :].split(")")[0].split(","))
    ]

    def legs(side: tuple[Leg, ...]) -> list[dict[str, str]]:
        return [{"token": leg.token, "start": str(leg.start), "end": str(leg.end)} for leg in side]

    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Leg": leg_fields,
            "Intent": fields,
        },
        "primaryType": "Intent",
        "domain": {
            "name": "Walras",
            "version": "1",
            "chainId": domain.chain_id,
            "verifyingContract": domain.settlement,
        },
        "message": {
            "owner": intent.owner,
            "receiver": intent.receiver,
            "gives": legs(intent.gives),
            "wants": legs(intent.wants),
            "kind": str(intent.kind),
            "fill": str(intent.fill),
            "minFill": str(intent.min_fill),
            "validFrom": str(intent.valid_from),
            "decayTo": str(intent.decay_to),
            "validTo": str(intent.valid_to),
            "nonce": str(intent.nonce),
            "terms": intent.terms,
        },
    }
