"""Digest and recovery, the two costs of an intent that no house can avoid; the peer is ``eth_account``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coincurve import PublicKey
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_keys.main import KeyAPI
from eth_typing import Hash32
from walras.digest import intent_digest, typed_data
from walras.intent import Intent
from walras.signing import Signer, recover

from .fakes import DOMAIN
from .measure import BenchError, a_core, interleaved, on_core, per_second
from .orders import generate
from .rows import Row, row
from .sizes import Sizes

VALID_TO = 2**40
_ONCE = "every intent is new to the process, so an owner's first one is not in the digest's address cache"


def digest(sizes: Sizes) -> Row:
    """EIP-712 digests of one-leg intents a second."""
    intents = _intents(sizes)
    documents = [[typed_data(intent, DOMAIN) for intent in part] for part in intents]
    if _generic(documents[0][0]) != intent_digest(intents[0][0], DOMAIN):
        raise BenchError("the two digests differ")
    with on_core(a_core()):
        ours, peer = interleaved(
            lambda n: per_second(lambda: [intent_digest(intent, DOMAIN) for intent in intents[n]], sizes.crypto),
            lambda n: per_second(lambda: [_generic(document) for document in documents[n]], sizes.crypto),
            sizes.passes,
        )
    detail = f"{ours}; peer {peer}; one core; {_ONCE}; the peer's JSON documents are built beforehand"
    name = "eth_account encode_typed_data + hash"
    return row("digest.per_second", ours.median, "digests/s", name, peer.median, detail, better="more")


def recovery(sizes: Sizes) -> Row:
    """Signer's addresses recovered from digest and signature a second."""
    signed = _signed(sizes)
    if _account_recover(*signed[0][0]) != recover(*signed[0][0]):
        raise BenchError("the two recoveries differ")
    with on_core(a_core()):
        ours, peer = interleaved(
            lambda n: per_second(lambda: [recover(d, s) for d, s in signed[n]], sizes.crypto),
            lambda n: per_second(lambda: [_account_recover(d, s) for d, s in signed[n]], sizes.crypto),
            sizes.passes,
        )
    backend = type(KeyAPI().backend).__name__
    detail = f"{ours}; peer {peer}; one core; hex signature to address; the peer's eth_keys backend is {backend}"
    name = "eth_account Account._recover_hash"
    return row("recover.per_second", ours.median, "recoveries/s", name, peer.median, detail, better="more")


def bare_recovery(pairs: list[tuple[bytes, bytes]]) -> Callable[[], float]:
    """The floor of intake: coincurve's public key recovery and nothing else, on (digest, compact signature)."""

    def work() -> None:
        for digest, signature in pairs:
            PublicKey.from_signature_and_message(signature, digest, hasher=None)

    return lambda: per_second(work, len(pairs))


def _generic(document: dict[str, Any]) -> bytes:
    return bytes(_hash_eip191_message(encode_typed_data(full_message=document)))


def _account_recover(digest: bytes, signature: str) -> str:
    return str(Account._recover_hash(Hash32(digest), signature=bytes.fromhex(signature[2:]))).lower()


def compact(signature: str) -> bytes:
    """coincurve's own form: r ‖ s ‖ recovery id."""
    raw = bytes.fromhex(signature[2:])
    return raw[:64] + bytes([raw[64] - 27])


def sign_all(intents: list[tuple[Signer, Intent]]) -> list[tuple[bytes, str]]:
    """(digest, signature) of each intent."""
    digests = [(signer, intent_digest(intent, DOMAIN)) for signer, intent in intents]
    return [(one, signer.sign(one)) for signer, one in digests]


def _intents(sizes: Sizes) -> list[list[Intent]]:
    """A part for each pass, no intent in two."""
    generated = [intent for _, intent in generate(sizes.crypto * sizes.passes, VALID_TO).intents]
    return [generated[n * sizes.crypto : (n + 1) * sizes.crypto] for n in range(sizes.passes)]


def _signed(sizes: Sizes) -> list[list[tuple[bytes, str]]]:
    intents = list(generate(sizes.crypto * sizes.passes, VALID_TO).intents)
    signed = sign_all(intents)
    return [signed[n * sizes.crypto : (n + 1) * sizes.crypto] for n in range(sizes.passes)]
