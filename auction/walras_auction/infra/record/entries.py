"""Intents read from the bytes of their log entries, without the detours of a general parser: the log is our own."""

from __future__ import annotations

from typing import Any

import msgspec
from walras.intent import FillRule, Intent, Kind, Leg
from walras.signing import Scheme
from walras.wire import PermitMessage

from walras_auction.ports import State, StoredIntent

Standing = tuple[State | None, str | None, str | None, str | None]


class _Leg(msgspec.Struct, gc=False):
    end: str
    start: str
    token: str


class _Intent(msgspec.Struct, rename="camel", gc=False):
    decay_to: int
    fill: str
    gives: tuple[_Leg, ...]
    kind: str
    min_fill: str
    nonce: str
    owner: str
    receiver: str
    terms: str
    valid_from: int
    valid_to: int
    wants: tuple[_Leg, ...]


class _Payload(msgspec.Struct, rename="camel", gc=False):
    intent: _Intent
    signature: str
    permits: list[Any] = []
    scheme: str = "ecdsa"
    terms_data: str | None = None


class _Entry(msgspec.Struct, gc=False):
    payload: _Payload
    time: int
    uid: str


class _Give(msgspec.Struct, gc=False):
    end: str
    token: str


class _Needs(msgspec.Struct, rename="camel", gc=False):
    gives: tuple[_Give, ...]
    owner: str
    valid_to: int


class _NeedsPayload(msgspec.Struct, gc=False):
    intent: _Needs


class _NeedsEntry(msgspec.Struct, gc=False):
    payload: _NeedsPayload


_entry = msgspec.json.Decoder(_Entry)
_needs = msgspec.json.Decoder(_NeedsEntry)
_KINDS = {kind.value: kind for kind in Kind}
_FILLS = {fill.value: fill for fill in FillRule}
_SCHEMES = {scheme.value: scheme for scheme in Scheme}


def needs(body: bytes) -> tuple[str, int, int]:
    """Token and greatest amount of the first give, and the second in which the intent ends."""
    intent = _needs.decode(body).payload.intent
    return intent.gives[0].token, int(intent.gives[0].end), intent.valid_to


def stored_intent(sequence: int, body: bytes, standing: Standing) -> StoredIntent:
    """An intent from its entry and from what became of it: state, executed, reason, detail, or Nones."""
    entry = _entry.decode(body)
    payload = entry.payload
    state, executed, reason, detail = standing
    return StoredIntent(
        uid=entry.uid,
        sequence=sequence,
        intent=_intent(payload.intent),
        signature=payload.signature,
        permits=tuple(PermitMessage.model_validate(permit) for permit in payload.permits),
        state=state or "open",
        executed=int(executed or 0),
        reason=reason,
        detail=detail or "",
        scheme=_SCHEMES[payload.scheme],
        terms_data=payload.terms_data,
        time=entry.time,
    )


def _intent(said: _Intent) -> Intent:
    return Intent(
        owner=said.owner,
        receiver=said.receiver,
        gives=tuple(Leg(leg.token, int(leg.start), int(leg.end)) for leg in said.gives),
        wants=tuple(Leg(leg.token, int(leg.start), int(leg.end)) for leg in said.wants),
        kind=_KINDS[said.kind],
        fill=_FILLS[said.fill],
        min_fill=int(said.min_fill),
        valid_from=said.valid_from,
        decay_to=said.decay_to,
        valid_to=said.valid_to,
        nonce=int(said.nonce),
        terms=said.terms,
    )
