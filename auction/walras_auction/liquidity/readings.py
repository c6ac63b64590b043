"""Many readings in step: each asks for some calls, all calls of a step travel together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Protocol, TypeVar

from pydantic import ValidationError
from walras.digest import keccak

from walras_auction.liquidity.drops import Drop, Dropped

#: (contract, calldata)
Call = tuple[str, bytes]
#: What each call returned; None where it reverted or there is no contract.
Answers = Sequence[bytes | None]
#: (contract, topics) of a log.
Event = tuple[str, Sequence[int]]
Key = TypeVar("Key")
Result = TypeVar("Result")
#: Yields calls, is sent their answers, returns what it was about. Raises :class:`Dropped`.
Reading = Generator[Sequence[Call], Answers, Result]


class BlockReader(Protocol):
    """The chain as liquidity is read from it. Methods raise ``ChainError`` if the node does not answer."""

    def latest(self) -> tuple[int, str, int]:
        """(number, hash, Unix seconds) of the latest block."""
        ...

    def hash_of(self, block: int) -> str:
        """The hash that the block of that number has now."""
        ...

    def read(self, calls: Sequence[Call], block: int) -> Answers:
        """The answers of all calls at one block, in order."""
        ...

    def events(self, addresses: Sequence[str], kinds: Sequence[str], first: int, last: int) -> Sequence[Event]:
        """What the contracts logged in those blocks, of events whose first topic is one of ``kinds``."""
        ...


def ask(to: str, function: str, *arguments: int) -> Call:
    """A call of ``function`` (its signature) with static arguments: a word each."""
    return to, keccak(function.encode())[:4] + b"".join((value % 2**256).to_bytes(32) for value in arguments)


def in_step(
    readings: Mapping[Key, Reading[Result]], read: Callable[[Sequence[Call]], Answers]
) -> tuple[dict[Key, Result], dict[Key, Dropped]]:
    """Run all readings to their end; (results, those dropped)."""
    done: dict[Key, Result] = {}
    dropped: dict[Key, Dropped] = {}
    waiting: dict[Key, Sequence[Call]] = {}

    def advance(key: Key, answers: Answers | None) -> None:
        waiting.pop(key, None)
        try:
            waiting[key] = next(readings[key]) if answers is None else readings[key].send(answers)
        except StopIteration as end:
            done[key] = end.value
        except Dropped as error:
            dropped[key] = error
        except ValidationError as error:
            dropped[key] = Dropped(Drop.ABSURD, error.errors(include_url=False)[0]["msg"])

    for key in readings:
        advance(key, None)
    while waiting:
        step = list(waiting.items())
        answers = read([call for _, calls in step for call in calls])
        at = 0
        for key, calls in step:
            advance(key, answers[at : at + len(calls)])
            at += len(calls)
    return done, dropped
