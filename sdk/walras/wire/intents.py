"""What owners send, and the house's first answer: intents, permits, cancels, receipts, problems."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, FailFast, Field
from pydantic.alias_generators import to_camel

from walras.intent import NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.signing import Scheme
from walras.wire.base import Address, Atoms, Bytes, Hash, Seconds, TermsData, Wire

#: Characters of a signature: contracts may ask for many bytes, but settling pays for every one of them.
MAX_SIGNATURE = 2 + 2 * 8_192

#: Absent from the message where there is none.
_OPTIONAL = Field(exclude_if=lambda value: value is None)


class LegMessage(Wire):
    token: Address
    start: Atoms
    end: Atoms


class IntentMessage(Wire):
    """An :class:`~walras.intent.Intent` on the wire; field names are those of the signed EIP-712 struct."""

    owner: Address
    receiver: Address = ZERO_ADDRESS
    gives: Annotated[tuple[LegMessage, ...], FailFast(), Field(max_length=64)]
    wants: Annotated[tuple[LegMessage, ...], FailFast(), Field(max_length=64)]
    kind: Kind
    fill: FillRule
    min_fill: Atoms
    valid_from: Seconds
    decay_to: Seconds
    valid_to: Seconds
    nonce: Atoms
    terms: Hash = NO_TERMS

    @classmethod
    def of(cls, intent: Intent) -> IntentMessage:
        def legs(side: tuple[Leg, ...]) -> tuple[LegMessage, ...]:
            return tuple(LegMessage(token=leg.token, start=leg.start, end=leg.end) for leg in side)

        return cls(
            owner=intent.owner,
            receiver=intent.receiver,
            gives=legs(intent.gives),
            wants=legs(intent.wants),
            kind=intent.kind,
            fill=intent.fill,
            min_fill=intent.min_fill,
            valid_from=intent.valid_from,
            decay_to=intent.decay_to,
            valid_to=intent.valid_to,
            nonce=intent.nonce,
            terms=intent.terms,
        )

    def intent(self) -> Intent:
        def legs(side: tuple[LegMessage, ...]) -> tuple[Leg, ...]:
            return tuple(Leg(leg.token, leg.start, leg.end) for leg in side)

        return Intent(
            owner=self.owner,
            receiver=self.receiver,
            gives=legs(self.gives),
            wants=legs(self.wants),
            kind=self.kind,
            fill=self.fill,
            min_fill=self.min_fill,
            valid_from=self.valid_from,
            decay_to=self.decay_to,
            valid_to=self.valid_to,
            nonce=self.nonce,
            terms=self.terms,
        )


class PermitMessage(Wire):
    """A permit for the vault, sent beside an intent; the house relays it.

    ``style`` names the token's function: that of EIP-2612, or DAI's older one, which allows everything until
    ``deadline`` (``value`` is 2^256-1) and carries its ``nonce``.
    """

    token: Address
    value: Atoms
    deadline: Atoms
    signature: Bytes
    style: Literal["eip2612", "dai"] = "eip2612"
    nonce: Atoms = 0


class SubmitRequest(Wire):
    """A signed intent as submitted. ``chainId`` and ``settlement`` name the domain it was signed for.

    ``scheme`` says how ``signature`` is to be read; it is empty (``0x``) where the owner has signed on chain.
    ``termsData`` are the bytes that ``intent.terms`` is the hash of (see ``walras.terms``). ``replaces`` is the uid of
    an open intent of the same owner and nonce, in whose place this one comes: both happen, or neither does.
    """

    chain_id: Annotated[int, Field(strict=True, ge=0)]
    settlement: Address
    intent: IntentMessage
    signature: Annotated[Bytes, Field(max_length=MAX_SIGNATURE)]
    scheme: Scheme = Scheme.ECDSA
    permits: Annotated[tuple[PermitMessage, ...], FailFast(), Field(max_length=8)] = ()
    terms_data: TermsData = None
    replaces: Annotated[Hash | None, _OPTIONAL] = None


class CancelRequest(Wire):
    """An owner's signed wish to withdraw intents: the one ``uid``, or those of a ``word`` of 256 nonces, or those of
    ``epoch`` and before. Exactly one of the three is there; each has its EIP-712 type (see ``walras.cancels``).

    ``scheme``: the owner's key signed, or the owner is a contract that confirms the signature.
    """

    owner: Address
    uid: Annotated[Hash | None, _OPTIONAL] = None
    word: Annotated[Atoms | None, _OPTIONAL] = None
    epoch: Annotated[Atoms | None, _OPTIONAL] = None
    signature: Annotated[Bytes, Field(max_length=MAX_SIGNATURE)]
    scheme: Literal[Scheme.ECDSA, Scheme.ERC1271] = Scheme.ECDSA


class Receipt(Wire):
    """The house's signed word that a log entry has this place (EIP-712 ``Receipt``, see ``walras.digest``).

    A cancel's says besides in which round what it withdraws is missing for the first time, and holds the entry's text
    (``body``), which says the same and is what ``head`` is the hash of. ``uid`` is the intent's, or the digest of a
    cancel by word or by epoch.
    """

    kind: Literal["intent", "cancel"]
    epoch: int
    sequence: int
    time: Seconds
    uid: Hash
    previous: Hash
    head: Hash
    signature: Bytes
    first_round: Annotated[int | None, _OPTIONAL] = None
    body: Annotated[str | None, _OPTIONAL] = None


class Amended(Receipt):
    """The receipt of an intent that came in the place of another; ``replaced`` is that of the other's cancel."""

    replaced: Annotated[Receipt | None, _OPTIONAL] = None


class Problem(Wire):
    """RFC 9457 problem document; ``reason`` is a member of ``walras.rejections.Reason``."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel, validate_by_name=True)

    type: str
    title: str
    status: int
    detail: str
    reason: str
    field: str = ""
