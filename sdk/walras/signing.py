"""Keys, signatures and recovery on secp256k1, through ``coincurve`` (libsecp256k1)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum

from coincurve import PrivateKey, PublicKey
from coincurve._libsecp256k1 import ffi, lib  # type: ignore[import-not-found]
from coincurve.context import GLOBAL_CONTEXT

from walras.digest import keccak
from walras.rejections import Reason, Rejection

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_CONTEXT = GLOBAL_CONTEXT.ctx


class Scheme(StrEnum):
    """How an owner says yes to an intent."""

    ECDSA = "ecdsa"  # its key signed the intent's digest: 65 bytes, or 64 (EIP-2098)
    ERC1271 = "erc1271"  # the owner is a contract that confirms the signature
    PRESIGNED = "presigned"  # the owner called ``preSign`` on the settlement; there is no signature
    PERMIT2 = "permit2"  # its key signed a Permit2 transfer with the intent as witness


@dataclass(frozen=True, slots=True)
class Signature:
    """A finished signature and how it is to be read; ``data`` is ``0x`` hex. ``permit2.sign_permit2`` makes one too."""

    scheme: Scheme
    data: str = "0x"

    @classmethod
    def of_contract(cls, data: str) -> Signature:
        """What the owner's contract takes for its signature (ERC-1271)."""
        return cls(Scheme.ERC1271, data)

    @classmethod
    def presigned(cls) -> Signature:
        """For an owner that has signed on chain (``funds.pre_sign``)."""
        return cls(Scheme.PRESIGNED)


class Signer:
    """A private key that signs digests. Its ``repr`` shows the address only."""

    def __init__(self, secret: bytes) -> None:
        self._key = PrivateKey(secret)
        self.address = public_address(self._key.public_key)

    @classmethod
    def from_hex(cls, secret: str) -> Signer:
        return cls(bytes.fromhex(secret.removeprefix("0x")))

    def sign(self, digest: bytes) -> str:
        """65 bytes ``r ‖ s ‖ v`` over a 32-byte digest, as ``0x`` hex; s is low, v is 27 or 28."""
        raw = self._key.sign_recoverable(digest, hasher=None)
        return "0x" + (raw[:64] + bytes([raw[64] + 27])).hex()

    @property
    def secret(self) -> bytes:
        """The 32 secret bytes, for libraries that build transactions. Never log them."""
        return self._key.secret

    def __repr__(self) -> str:
        return f"Signer({self.address})"


def public_address(key: PublicKey) -> str:
    """The lower-case account address of a public key."""
    return "0x" + keccak(key.format(compressed=False)[1:])[12:].hex()


def recover(digest: bytes, signature: str) -> str:
    """The address that signed ``digest``: 65-byte or EIP-2098 64-byte form, low s only.

    Raises :class:`Rejection` (``bad_signature``) for any other form.
    """
    compact = _compact(signature)
    try:
        return public_address(PublicKey.from_signature_and_message(compact, digest, hasher=None))
    except Exception as error:  # coincurve raises bare Exception when recovery fails
        raise Rejection(Reason.BAD_SIGNATURE, "signature", f"no key recovers from it: {error}") from error


class _Recovery(threading.local):
    """libsecp256k1's structures, allocated once a thread; coincurve's objects cost a tenth of what a recovery does."""

    def __init__(self) -> None:
        self.signature = ffi.new("secp256k1_ecdsa_recoverable_signature *")
        self.key = ffi.new("secp256k1_pubkey *")
        self.length = ffi.new("size_t *")
        self.point = ffi.new("unsigned char[65]")
        self.coordinates = memoryview(ffi.buffer(self.point))[1:]


_recovery = _Recovery()
_UNCOMPRESSED = 2  # SECP256K1_EC_UNCOMPRESSED


def recover_account(digest: bytes, signature: bytes) -> bytes | None:
    """The 20 bytes of the account that made ``signature`` (r ‖ s ‖ v, 65 bytes, v 27 or 28) over ``digest``, or None.

    For hot paths: the same recovery as :func:`recover`, without its errors. The caller checks that s is low.
    """
    here = _recovery
    parity = signature[64] - 27
    if len(signature) != 65 or len(digest) != 32 or parity not in (0, 1):
        return None
    if not lib.secp256k1_ecdsa_recoverable_signature_parse_compact(_CONTEXT, here.signature, signature, parity):
        return None
    if not lib.secp256k1_ecdsa_recover(_CONTEXT, here.key, here.signature, digest):
        return None
    here.length[0] = 65
    lib.secp256k1_ec_pubkey_serialize(_CONTEXT, here.point, here.length, here.key, _UNCOMPRESSED)
    return keccak(here.coordinates)[12:]


def _compact(signature: str) -> bytes:
    try:
        if not signature.startswith("0x"):
            raise ValueError("a signature starts with 0x")
        raw = bytes.fromhex(signature[2:])
    except ValueError as error:
        raise Rejection(Reason.BAD_SIGNATURE, "signature", str(error)) from error
    if len(raw) == 64:  # EIP-2098: the parity bit is the top bit of s
        s_word = int.from_bytes(raw[32:], "big")
        parity, s_value = s_word >> 255, s_word & (2**255 - 1)
        raw = raw[:32] + s_value.to_bytes(32, "big") + bytes([27 + parity])
    if len(raw) != 65:
        raise Rejection(Reason.BAD_SIGNATURE, "signature", f"{len(raw)} bytes; a signature has 65, or 64 (EIP-2098)")
    if raw[64] not in (27, 28):
        raise Rejection(Reason.BAD_SIGNATURE, "signature", f"recovery byte {raw[64]}; expected 27 or 28")
    if not 0 < int.from_bytes(raw[32:64], "big") <= HALF_ORDER:
        raise Rejection(Reason.BAD_SIGNATURE, "signature", "s is zero or in the upper half of the curve's order")
    return raw[:64] + bytes([raw[64] - 27])
