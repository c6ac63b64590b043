"""The short way of the most common submission: a fraction of the time, and nothing else.

One give, one want, at bounds that do not move, without terms, permits or a contract's signature, signed by the owner's
key with 65 bytes, and written as the SDK writes it (lower case, decimal strings). Whatever is not so, or not right,
comes out as None and is left to the general way, which also has the words for what is wrong. What is taken here the
general way would take likewise: the differential tests hold the two together.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

import msgspec
from sha3 import keccak_256
from walras.digest import INTENT_HASH, KINDS, Domain, leg_prefix
from walras.intent import NATIVE, NO_TERMS, ZERO_ADDRESS, FillRule, Kind
from walras.signing import HALF_ORDER, recover_account

from walras_auction.ports import Contracts, NewEntry

_ADDRESS = re.compile(r"0x[0-9a-f]{40}\Z")
_SIGNATURE_LENGTH = 2 + 2 * 65
_ZERO = bytes(32)
_HALF_ORDER = HALF_ORDER.to_bytes(32, "big")
_U256_MAX: Final = 2**256 - 1
_U256_DIGITS: Final = len(str(_U256_MAX))
_PAD = bytes(12)
_HEAD = INTENT_HASH + _PAD
#: Tokens that are remembered as well-formed.
_TOKENS: Final = 100_000
_Time = Annotated[int, msgspec.Meta(ge=0, lt=2**48)]


# The fields of all structures stand in the order of canonical JSON, so that they are written as they are to be hashed.
class LegText(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A leg as it travels."""

    end: str
    start: str
    token: str


class IntentText(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    """An intent as it travels; the documented defaults are written out."""

    decay_to: _Time
    fill: Literal["partial", "whole"]
    gives: tuple[LegText]
    kind: Literal["buy", "sell"]
    min_fill: str
    nonce: str
    owner: str
    valid_from: _Time
    valid_to: _Time
    wants: tuple[LegText]
    receiver: str = ZERO_ADDRESS
    terms: str = NO_TERMS


class Submission(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    """The body of a request."""

    chain_id: int
    settlement: str
    intent: IntentText
    signature: str
    scheme: Literal["ecdsa"] = "ecdsa"
    permits: tuple[()] = ()  # so that nothing in it is read: a list of anything could nest until the stack ends


class Bound(msgspec.Struct, frozen=True, gc=False):
    """A leg that does not move."""

    token: str
    end: int


class Quick(msgspec.Struct, frozen=True, gc=False):
    """A good submission: what the checks that follow look at, and its entry. ``gives`` and ``wants`` have one leg."""

    uid: str
    owner: str
    nonce: int
    gives: tuple[Bound]
    wants: tuple[Bound]
    valid_from: int
    valid_to: int
    entry: NewEntry

    @property
    def epoch(self) -> int:
        return self.nonce >> 192


class Batch(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The body of a batch: its intents are read one by one."""

    intents: Annotated[list[msgspec.Raw], msgspec.Meta(min_length=1, max_length=5000)]
    receipts: Literal["each", "last"] = "each"


_submission = msgspec.json.Decoder(Submission)
_batch = msgspec.json.Decoder(Batch)
#: What decoding raises. A name that is no UTF-8 and a value nested too deep are no errors of msgspec's own.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_WORDS = {(kind.value, fill.value): words for (kind, fill), words in KINDS.items()}
assert len(_WORDS) == len(Kind) * len(FillRule)


def split_batch(body: bytes) -> Batch | None:
    """A batch's body, its submissions unread; None if it is for the general way to say what is wrong with it."""
    try:
        return _batch.decode(body)
    except UNREADABLE:
        return None


class Express:
    """The short way into one house."""

    def __init__(self, domain: Domain, contracts: Contracts) -> None:
        self._chain_id = domain.chain_id
        self._settlement = domain.settlement.lower()
        self._prefix = b"\x19\x01" + domain.separator
        self._house = contracts.forbidden_receivers
        self._wrapped = contracts.wrapped_native
        self._addresses: set[str] = set()

    def read(self, body: bytes | msgspec.Raw) -> Quick | None:
        """The submission in ``body``, its structure and its signature checked; None if it is for the general way."""
        try:
            sent = _submission.decode(body)
        except UNREADABLE:
            return None
        intent = sent.intent
        if sent.chain_id != self._chain_id or sent.settlement != self._settlement or intent.terms != NO_TERMS:
            return None
        (give,), (want,) = intent.gives, intent.wants
        given, wanted = _fixed(give), _fixed(want)
        nonce, least = _number(intent.nonce), _number(intent.min_fill)
        if not given or not wanted or nonce is None or not least or not self._tokens(give.token, want.token):
            return None
        full = given if intent.kind == "sell" else wanted
        if least > full or (least != full and intent.fill == "whole"):
            return None
        if intent.decay_to != intent.valid_from or intent.valid_to < intent.valid_from:
            return None
        owner, receiver = intent.owner, intent.receiver
        if not _ADDRESS.match(owner) or owner == ZERO_ADDRESS:
            return None
        if receiver != ZERO_ADDRESS and (not _ADDRESS.match(receiver) or receiver in self._house):
            return None
        account = bytes.fromhex(owner[2:])
        digest = self._digest(intent, account, given, wanted, least, nonce)
        if not _signed(digest, sent.signature, account):
            return None
        uid = "0x" + digest.hex()
        entry = NewEntry("intent", uid, _payload(intent, sent.signature), owner, nonce)
        sides = (Bound(give.token, given),), (Bound(want.token, wanted),)
        return Quick(uid, owner, nonce, *sides, intent.valid_from, intent.valid_to, entry)

    def _tokens(self, give: str, want: str) -> bool:
        """Whether the two can be given and wanted; there are few tokens, so most have been looked at before."""
        known = self._addresses
        for token in (give, want):
            if token not in known:
                if not _ADDRESS.match(token) or token == ZERO_ADDRESS:
                    return False
                if len(known) >= _TOKENS:  # made up by somebody
                    known.clear()
                known.add(token)
        return give not in (want, NATIVE) and not (want == NATIVE and give == self._wrapped)

    def _digest(self, intent: IntentText, owner: bytes, given: int, wanted: int, least: int, nonce: int) -> bytes:
        """The EIP-712 digest, as ``walras.digest.intent_digest``."""
        (give,), (want,) = intent.gives, intent.wants
        since, amount, bound = intent.valid_from, given.to_bytes(32, "big"), wanted.to_bytes(32, "big")
        receiver = intent.receiver
        struct = keccak_256(
            b"".join(
                (
                    _HEAD,
                    owner,
                    _ZERO if receiver == ZERO_ADDRESS else _PAD + bytes.fromhex(receiver[2:]),
                    keccak_256(keccak_256(leg_prefix(give.token) + amount + amount).digest()).digest(),
                    keccak_256(keccak_256(leg_prefix(want.token) + bound + bound).digest()).digest(),
                    _WORDS[intent.kind, intent.fill],
                    least.to_bytes(32, "big"),
                    since.to_bytes(32, "big") * 2,
                    intent.valid_to.to_bytes(32, "big"),
                    nonce.to_bytes(32, "big"),
                    _ZERO,  # no terms
                )
            )
        )
        return keccak_256(self._prefix + struct.digest()).digest()  # type: ignore[no-any-return]


def _payload(intent: IntentText, signature: str) -> bytes:
    """The canonical JSON of ``walras.entries.intent_payload``. All texts are digits or words of ours."""
    (give,), (want,) = intent.gives, intent.wants
    return (
        f'{{"intent":{{"decayTo":{intent.decay_to},"fill":"{intent.fill}",'
        f'"gives":[{{"end":"{give.end}","start":"{give.start}","token":"{give.token}"}}],'
        f'"kind":"{intent.kind}","minFill":"{intent.min_fill}","nonce":"{intent.nonce}","owner":"{intent.owner}",'
        f'"receiver":"{intent.receiver}","terms":"{NO_TERMS}","validFrom":{intent.valid_from},'
        f'"validTo":{intent.valid_to},'
        f'"wants":[{{"end":"{want.end}","start":"{want.start}","token":"{want.token}"}}]}},'
        f'"permits":[],"scheme":"ecdsa","signature":"{signature}"}}'
    ).encode()


def _number(text: str) -> int | None:
    """A decimal string without sign, leading zero or exponent, up to 2^256-1; None if it is none."""
    if len(text) > _U256_DIGITS or not (text.isdigit() and text.isascii()) or (text[0] == "0" and text != "0"):
        return None
    value = int(text)
    return value if value <= _U256_MAX else None


def _fixed(leg: LegText) -> int | None:
    return _number(leg.start) if leg.start == leg.end else None


def _signed(digest: bytes, signature: str, account: bytes) -> bool:
    """Whether the key of ``account`` made the 65-byte signature, in its one form with a low s."""
    if len(signature) != _SIGNATURE_LENGTH:
        return False
    try:
        raw = bytes.fromhex(signature[2:])
    except ValueError:
        return False
    if "0x" + raw.hex() != signature or not _ZERO < raw[32:64] <= _HALF_ORDER:
        return False
    return recover_account(digest, raw) == account
