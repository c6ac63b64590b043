"""One answer of Redis to a reader, taken apart without trusting it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from walras_auction.ports_bus import BusError, BusReset, Message, Position, decode


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of a topic after the id ``at``, as the script ``READ`` returned them.

    ``last_id`` is the last entry's, empty if there are none; then ``bell_id`` is where to wait for more.
    """

    topic: str
    generation: str
    entries: tuple[tuple[str, bytes], ...]
    bell_id: str

    @property
    def last_id(self) -> str:
        return self.entries[-1][0] if self.entries else ""

    @classmethod
    def parse(cls, topic: str, at: str, answer: list[Any]) -> Page:
        """Raises :class:`BusReset` if the topic does not end at ``at`` and yet nothing follows it."""
        try:
            generation, flat = answer[0].decode(), answer[1]
            entries = tuple((flat[i].decode(), bytes(flat[i + 1])) for i in range(0, len(flat), 2))
            end, bell = (at, "") if entries else (answer[2].decode(), answer[3].decode())
        except (AttributeError, IndexError, TypeError, ValueError) as error:
            raise BusError("Redis answered something else than was asked") from error
        if end != at:
            raise BusReset(f"{topic} no longer has what follows {generation}:{at}")
        return cls(topic, generation, entries, bell)

    def after(self, position: Position, max_bytes: int) -> tuple[list[Message], int]:
        """The messages that follow ``position`` without a gap, and how many malformed ones were passed over."""
        if position.generation != self.generation:
            raise BusReset(f"{self.topic} began anew")
        messages: list[Message] = []
        skipped = 0
        for entry_id, data in self.entries:
            number = _number(entry_id)
            if number is not None and number != position.number + 1:
                if messages:
                    break
                raise BusReset(f"{self.topic} no longer has what follows {position}")
            payload = None if number is None else decode(data, max_bytes)
            position = position if number is None else position._replace(number=number)
            if payload is None:
                skipped += 1
            else:
                messages.append(Message(str(position), payload))
        return messages, skipped

    def position_at_end(self, position: Position) -> Position:
        """``position`` moved behind every entry; those with ids that are not ours do not count."""
        numbers = [number for entry_id, _ in self.entries if (number := _number(entry_id)) is not None]
        return position._replace(number=max(numbers, default=position.number))


def _number(entry_id: str) -> int | None:
    """The n of an id 0-n; None for an id that the bus does not issue."""
    milliseconds, _, digits = entry_id.partition("-")
    return int(digits) if milliseconds == "0" and digits.isdecimal() and len(digits) < 16 else None
