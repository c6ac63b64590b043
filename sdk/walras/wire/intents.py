"""What owners send, and the house's first answer: intents, permits, cancels, receipts, problems."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from walras.intent import NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.wire.base import Address, Atoms, Bytes, Hash, Seconds, Wire


class LegMessage(Wire):
    token: Address
    start: Atoms
    end: Atoms


class IntentMessage(Wire):
    """An :class:`~walras.intent.Intent` on the wire; field names are those of the signed EIP-712 struct."""

    owner: Address
    receiver: Address = ZERO_ADDRESS
    gives: Annotated[tuple[LegMessage, ...], Field(max_length=64)]
    wants: Annotated[tuple[LegMessage, ...], Field(max_length=64)]
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
    """An EIP-2612 permit for the vault, sent beside an intent; the house relays it."""

    token: Address
    value: Atoms
    deadline: Atoms
    signature: Bytes


class SubmitRequest(Wire):
    """A signed intent as submitted. ``chainId`` and ``settlement`` name the domain it was signed for."""

    chain_id: Annotated[int, Field(strict=True, ge=0)]
    settlement: Address
    intent: IntentMessage
    signature: Bytes
    permits: Annotated[tuple[PermitMessage, ...], Field(max_length=8)] = ()


class CancelRequest(Wire):
    """An owner's signed wish to withdraw one intent (EIP-712 ``Cancel(address owner,bytes32 uid)``)."""

    owner: Address
    uid: Hash
    signature: Bytes


class Receipt(Wire):
    """The house's signed word that a log entry has this place (EIP-712 ``Receipt``, see ``walras.digest``)."""

    kind: Literal["intent", "cancel"]
    epoch: int
    sequence: int
    time: Seconds
    uid: Hash
    previous: Hash
    head: Hash
    signature: Bytes


class Problem(Wire):
    """RFC 9457 problem document; ``reason`` is a member of ``walras.rejections.Reason``."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel, validate_by_name=True)

    type: str
    title: str
    status: int
    detail: str
    reason: str
    field: str = ""
