"""Cancels that hold for intents which have not arrived yet: a filter in memory, the truth in the table ``cancels``.

The filter holds short keys only and may name an intent too many (a job that was undone, two owners with one key), never
one too few: what it names is looked up in the table. So whoever has no such cancel pays a look into a set.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from walras.cancels import Scope
from walras.intent import EPOCH_SHIFT

from walras_auction.infra.record import rows
from walras_auction.infra.record.dialect import Connection
from walras_auction.infra.record.tail import Tail
from walras_auction.ports import NewEntry

_NEW = "SELECT owner, scope, value, sequence FROM cancels WHERE ahead = 1 AND sequence > ? ORDER BY sequence"
_COVERING = (
    "SELECT sequence, scope, first_round FROM cancels WHERE owner = ? AND (scope = 'uid' AND value = ?"
    " OR scope = 'word' AND value = ? OR scope = 'epoch' AND value >= ?) ORDER BY sequence LIMIT 1"
)
_WORD_SHIFT = 8


class Covering(NamedTuple):
    """The first cancel that covers an intent: its place in the log, its scope, the first round without."""

    sequence: int
    scope: str
    first_round: int


class _Holder(msgspec.Struct, gc=False):
    owner: str
    nonce: str


class _Payload(msgspec.Struct, gc=False):
    intent: _Holder


class _Entry(msgspec.Struct, gc=False):
    payload: _Payload


_entry = msgspec.json.Decoder(_Entry)


def holder(body: bytes) -> tuple[str, int]:
    """Owner and nonce of the intent in an entry's bytes."""
    intent = _entry.decode(body).payload.intent
    return intent.owner, int(intent.nonce)


def value_bytes(scope: Scope, value: str) -> bytes:
    """A cancel's value as the table has it: uid or word in 32 bytes, epoch in 8, so that bytes compare as numbers."""
    match scope:
        case Scope.UID | Scope.AMEND:
            return bytes.fromhex(value[2:])
        case Scope.WORD:
            return int(value).to_bytes(32, "big")
        case Scope.EPOCH:
            return int(value).to_bytes(8, "big")


def covers(scope: Scope, value: str, nonce: int) -> bool:
    """Whether a cancel by word or epoch withdraws intents with this nonce."""
    return nonce >> _WORD_SHIFT == int(value) if scope is Scope.WORD else nonce >> EPOCH_SHIFT <= int(value)


def covering(connection: Connection, owner: str, uid: str, nonce: int) -> Covering | None:
    """The first cancel that withdraws this intent."""
    word, epoch = (nonce >> _WORD_SHIFT).to_bytes(32, "big"), (nonce >> EPOCH_SHIFT).to_bytes(8, "big")
    values = (bytes.fromhex(owner[2:]), bytes.fromhex(uid[2:]), word, epoch)
    row = connection.execute(_COVERING, values).fetchone()
    return None if row is None else Covering(*row)


class Ahead:
    """Which new intents may be covered by a cancel. Only the thread that writes asks."""

    def __init__(self) -> None:
        self._uids: set[int] = set()
        self._words: set[tuple[int, int]] = set()
        self._epochs: dict[int, int] = {}
        self._owners: set[int] = set()  # of the words and epochs
        self._cancel = 0
        self._sequence = 0

    def sync(self, connection: Connection, tail: Tail) -> None:
        """Learn what others cancelled ahead."""
        if tail.cancel != self._cancel:
            for owner, scope, value, _ in connection.execute(_NEW, (self._sequence,)).fetchall():
                self._note(bytes(owner), scope, bytes(value))
            self.learn(tail)

    def learn(self, tail: Tail) -> None:
        """All up to here is known; :meth:`sync` was called in the same transaction."""
        self._cancel, self._sequence = tail.cancel, tail.sequence

    def note(self, owner: str, scope: Scope, value: str) -> None:
        """This process cancelled ahead; harmless if that is undone."""
        self._note(bytes.fromhex(owner[2:]), scope.value, value_bytes(scope, value))

    def suspects(self, entries: Sequence[NewEntry], keys: Sequence[int]) -> list[int]:
        """Places in ``entries``, whose uids have these ``keys``, of intents that may be covered."""
        uids, owners = self._uids, self._owners
        if not uids and not owners:
            return []
        return [
            place
            for place, (entry, key) in enumerate(zip(entries, keys, strict=True))
            if key in uids or (owners and self._owner_covers(rows.owner_key(entry.owner), entry.nonce))
        ]

    def _owner_covers(self, owner: int, nonce: int) -> bool:
        if owner not in self._owners:
            return False
        return (owner, nonce >> _WORD_SHIFT) in self._words or nonce >> EPOCH_SHIFT <= self._epochs.get(owner, -1)

    def _note(self, owner: bytes, scope: str, value: bytes) -> None:
        if scope == Scope.UID:
            self._uids.add(rows.uid_key("0x" + value.hex()))
            return
        key, number = rows.owner_key("0x" + owner.hex()), int.from_bytes(value, "big")
        self._owners.add(key)
        if scope == Scope.WORD:
            self._words.add((key, number))
        else:
            self._epochs[key] = max(number, self._epochs.get(key, -1))
