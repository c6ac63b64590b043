"""What a choice among a million open intents looks at, in arrays: a row of 29 bytes each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_FIRST = 1024


class Columns:
    """Sequence, end of validity, first give's token and amount, and how much of it is funded, of held intents.

    Amounts are floats: they say which intents are worth looking at, and nothing else.
    """

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._free: list[int] = []
        self._tokens: dict[str, int] = {}
        self._end = 0
        self._sequence = np.zeros(_FIRST, np.int64)  # 0: nobody
        self._valid_to = np.zeros(_FIRST, np.int64)
        self._token = np.zeros(_FIRST, np.int32)
        self._amount = np.zeros(_FIRST, np.float64)
        self._funded = np.zeros(_FIRST, np.float32)

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, sequence: int, token: str, amount: int, valid_to: int) -> None:
        """Add an intent; it counts as wholly funded, as intake found it, until :meth:`learn` says otherwise."""
        row = self._rows.get(sequence)
        if row is None:
            row = self._rows[sequence] = self._free.pop() if self._free else self._grown()
        self._sequence[row] = sequence
        self._valid_to[row] = valid_to
        self._token[row] = self._tokens.setdefault(token, len(self._tokens))
        self._amount[row] = float(amount)
        self._funded[row] = 1.0

    def drop(self, sequence: int) -> None:
        row = self._rows.pop(sequence, None)
        if row is not None:
            self._sequence[row] = 0
            self._free.append(row)

    def learn(self, funded: Mapping[int, float]) -> None:
        """Which part of its amount each intent could give when it was last looked at."""
        for sequence, part in funded.items():
            row = self._rows.get(sequence)
            if row is not None:
                self._funded[row] = part

    def best(self, limit: int, prices: Mapping[str, float]) -> list[int]:
        """The ``limit`` intents whose owners could give most, at these prices of an atom, by sequence.

        Of equal ones the earlier. An intent in a token without a price comes after all that have one.
        """
        by_token = np.array([prices.get(token, 0.0) for token in self._tokens], np.float64)
        end = self._end
        held = np.flatnonzero(self._sequence[:end])
        if len(held) <= limit:
            return sorted(self._sequence[held].tolist())
        worth = self._amount[held] * self._funded[held] * by_token[self._token[held]]
        least = np.partition(worth, len(worth) - limit)[len(worth) - limit]
        above = held[worth > least]
        ties = np.sort(self._sequence[held[worth == least]])[: limit - len(above)]
        return sorted([*self._sequence[above].tolist(), *ties.tolist()])

    def ended(self, before: int) -> list[int]:
        """Intents whose validity ends before that second."""
        end = self._end
        found = self._sequence[:end][(self._valid_to[:end] < before) & (self._sequence[:end] > 0)]
        return sorted(found.tolist())

    def still(self, sequences: Sequence[int]) -> list[int]:
        """Those of ``sequences`` that are held."""
        return [sequence for sequence in sequences if sequence in self._rows]

    def after(self, sequence: int, limit: int) -> list[int]:
        """The ``limit`` intents that follow ``sequence``, from the start again after the last one."""
        held = np.sort(_held(self._sequence[: self._end]))
        at = int(np.searchsorted(held, sequence, side="right"))
        return list(dict.fromkeys([*held[at : at + limit].tolist(), *held[: max(0, limit - len(held) + at)].tolist()]))

    def _grown(self) -> int:
        if self._end == len(self._sequence):
            for name in ("_sequence", "_valid_to", "_token", "_amount", "_funded"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros(len(old), old.dtype)]))
        self._end += 1
        return self._end - 1


def _held(sequences: NDArray[np.int64]) -> NDArray[np.int64]:
    return sequences[sequences > 0]
