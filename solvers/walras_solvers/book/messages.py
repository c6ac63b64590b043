"""What goes into an order book and what comes out of it: one flat record each, integers only.

A message or an event is a tuple that names its fields, so it explains itself wherever it is printed, stored or
compared; the same numbers, in the same order, are the rows that the compiled book reads and writes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

#: The largest quantity, price and id. A book's numbers are signed 64-bit ones.
MOST = 2**63 - 1


class Side(IntEnum):
    """Which way an order trades."""

    BUY = 0
    SELL = 1


class Kind(IntEnum):
    """What a message asks for."""

    LIMIT = 0
    """Trade at ``price`` or better; what is left rests in the book."""
    MARKET = 1
    """Trade at any price; what is left expires. ``price`` means nothing."""
    IOC = 2
    """Immediate or cancel: as a limit order, but what is left expires."""
    FOK = 3
    """Fill or kill: the whole quantity at ``price`` or better at once, or nothing."""
    POST_ONLY = 4
    """Rest in the book; refused if it would trade on arrival, or when amended."""
    CANCEL = 5
    """Take the resting order ``order`` out of the book."""
    AMEND = 6
    """Give a resting order a new ``price`` and a new open ``quantity``.

    Less at the same price, or as much, keeps the order's place in time. Another price, or more, loses it: the order
    enters again as a limit order, and trades if it now crosses. (The rule of CME Globex.)
    """


class Happened(IntEnum):
    """What an event tells."""

    RESTED = 0
    """``quantity`` of the order waits in the book at ``price``."""
    TRADED = 1
    """``order`` took ``quantity`` from ``maker``, at its ``price``; ``left`` and ``maker_left`` are still open."""
    CANCELLED = 2
    """``quantity`` was open and is out of the book."""
    EXPIRED = 3
    """``quantity`` could not trade at once, and its order does not rest."""
    AMENDED = 4
    """Price and open quantity are now these; the order kept its place."""
    REQUEUED = 5
    """Price and open quantity are now these; the order lost its place and enters again."""
    REFUSED = 6
    """Nothing changed, because of ``refusal``; the other fields repeat the message."""


class Refusal(IntEnum):
    """Why a message was refused, in the order in which it is looked at."""

    NONE = 0
    UNKNOWN_KIND = 1
    """``kind`` is none of :class:`Kind`."""
    BAD_SIDE = 2
    """A new order neither buys nor sells."""
    BAD_QUANTITY = 3
    """The quantity is not between 1 and 2^63-1."""
    BAD_PRICE = 4
    """The price is not between 1 and 2^63-1."""
    DUPLICATE_ID = 5
    """An order of this id rests in the book. The id of one that is gone may be used again."""
    UNKNOWN_ID = 6
    """No order of this id rests in the book."""
    WOULD_CROSS = 7
    """A post-only order would have traded on arrival."""
    LEVEL_FULL = 8
    """The orders at one price would add up to more than 2^63-1."""


class Rule(IntEnum):
    """How what arrives is shared among the orders at one price."""

    PRICE_TIME = 0
    """The first in time first."""
    PRO_RATA = 1
    """By size, rounded down, and what rounding leaves by time.

    CME Globex's algorithm C (pro rata without top order, then FIFO), without its least allocation of two lots; as
    there, whoever takes the whole level fills it in the order of time.
    """


class Message(NamedTuple):
    """One request to a book."""

    kind: int
    order: int
    side: int = 0
    price: int = 0
    quantity: int = 0

    def __str__(self) -> str:
        return _named(Kind(self.kind), self)


class Event(NamedTuple):
    """One thing that happened in a book. Fields that the kind does not speak of are 0."""

    kind: int
    order: int
    side: int = 0
    price: int = 0
    quantity: int = 0
    left: int = 0
    maker: int = 0
    maker_left: int = 0
    refusal: int = 0

    def __str__(self) -> str:
        why = f" because of {Refusal(self.refusal).name}" if self.refusal else ""
        return _named(Happened(self.kind), self) + why


def _named(kind: IntEnum, record: Message | Event) -> str:
    """``TRADED order=7 side=BUY price=100 …`` without what is 0."""
    side = [f"side={Side(record.side).name}"] if record.side in (0, 1) else []
    fields = record._asdict().items()
    rest = [f"{name}={value}" for name, value in fields if value and name not in ("kind", "side", "refusal", "order")]
    return " ".join([kind.name, f"order={record.order}", *side, *rest])
