"""Which intents a log holds, in 60 bytes each, so that a million of them are judged in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["IntentIndex"]

#: (place, earlier place) of an intent.
Twice = tuple[int, int]
#: (place, what is wrong) of a cancel.
Stranger = tuple[int, str]


class IntentIndex:
    """Remembers every intent's uid, owner and place, and the cancels; tells at the end what does not fit."""

    def __init__(self) -> None:
        self._uids = bytearray()
        self._owners = bytearray()
        self._places = array("Q")
        self._cancels: list[tuple[bytes, bytes, int]] = []

    def intent(self, uid: str, owner: str, sequence: int) -> None:
        """An intent of ``owner`` stands at ``sequence``."""
        self._uids += bytes.fromhex(uid[2:])
        self._owners += bytes.fromhex(owner[2:])
        self._places.append(sequence)

    def cancel(self, uid: str, owner: str, sequence: int) -> None:
        """``owner`` cancelled ``uid`` at ``sequence``."""
        self._cancels.append((bytes.fromhex(uid[2:]), bytes.fromhex(owner[2:]), sequence))

    def judge(self) -> tuple[list[Twice], list[Stranger]]:
        """(second places of intents logged twice, cancels by others than the intent's owner), by sequence."""
        order, uids = self._sorted()
        return sorted(self._twice(order, uids)), sorted(self._strangers(order, uids))

    def _sorted(self) -> tuple[NDArray[Any], NDArray[Any]]:
        # A fixed width of 32 bytes: numpy compares them padded with zeros, which changes nothing.
        uids = np.frombuffer(bytes(self._uids), dtype="S32")
        order = np.argsort(uids, kind="stable")
        return order, uids[order]

    def _twice(self, order: NDArray[Any], uids: NDArray[Any]) -> Iterator[Twice]:
        for at in np.flatnonzero(uids[1:] == uids[:-1]):
            yield self._places[order[at + 1]], self._places[order[at]]

    def _strangers(self, order: NDArray[Any], uids: NDArray[Any]) -> Iterator[Stranger]:
        """Cancels of intents that stood before them. One that came first binds nobody but its signer's intent."""
        for uid, owner, sequence in self._cancels:
            at = int(np.searchsorted(uids, np.bytes_(uid)))
            if at == len(uids) or uids[at].ljust(32, b"\0") != uid:
                continue
            first = int(order[at])
            held = bytes(self._owners[20 * first : 20 * first + 20])
            if self._places[first] < sequence and held != owner:
                yield sequence, f"the intent at {self._places[first]} belongs to 0x{held.hex()}, not to 0x{owner.hex()}"
