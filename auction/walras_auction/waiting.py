"""Before the close: whose terms keep an open intent out of the batch for now, because its condition does not hold.

A condition is read at the batch's block. Its times must hold both at the earliest and at the latest second at which a
settlement can land, so that waiting for the block does not undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from walras.conditions import Node, UnreadableError, evaluate
from walras.intent import NATIVE
from walras.rejections import Reason
from walras.terms import Terms, balance_data

from walras_auction.ports import StoredIntent


class ConditionChain(Protocol):
    """The part of the chain that conditions read."""

    def first_word(self, block: int, target: str, data: bytes) -> int | None:
        """The first 32 bytes that a call of ``target`` at ``block`` returns within ``READ_GAS``, or None."""
        ...

    def native_balance(self, block: int, account: str) -> int:
        """Wei of ``account`` at ``block``."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why an intent waits."""

    reason: Reason
    detail: str


@dataclass(slots=True)
class BlockReader:
    """Reads conditions at one block, each thing once."""

    chain: ConditionChain
    block: int
    now: int = 0
    _words: dict[tuple[str, bytes], int | None] = field(default_factory=dict)
    _natives: dict[str, int] = field(default_factory=dict)

    def time(self) -> int:
        return self.now

    def balance(self, token: str, account: str) -> int | None:
        if token != NATIVE:
            return self.call(token, balance_data(account))
        if account not in self._natives:
            self._natives[account] = self.chain.native_balance(self.block, account)
        return self._natives[account]

    def call(self, target: str, data: bytes) -> int | None:
        if (target, data) not in self._words:
            self._words[(target, data)] = self.chain.first_word(self.block, target, data)
        return self._words[(target, data)]


def waiting(
    intents: Sequence[StoredIntent], chain: ConditionChain, block: int, earliest: int, latest: int
) -> dict[str, Waiting]:
    """By uid, why intents cannot fill in a settlement between Unix seconds ``earliest`` and ``latest``.

    Raises :class:`~walras_auction.ports.ChainError`.
    """
    reader = BlockReader(chain, block)
    found: dict[str, Waiting] = {}
    for stored in intents:
        condition = Terms.decode(stored.terms_data).condition if stored.terms_data else None
        why = _why(condition, reader, (earliest, latest)) if condition is not None else None
        if why is not None:
            found[stored.uid] = why
    return found


def _why(condition: Node, reader: BlockReader, times: Sequence[int]) -> Waiting | None:
    for time in times:
        reader.now = time
        try:
            if not evaluate(condition, reader):
                return Waiting(Reason.CONDITION_NOT_MET, f"at {time} it does not hold that {condition}"[:500])
        except UnreadableError as error:
            return Waiting(Reason.CONDITION_UNREADABLE, str(error)[:500])
    return None
