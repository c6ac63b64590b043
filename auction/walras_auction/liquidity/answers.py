"""Reading what contracts answer, as strictly as if it were a stranger's request."""

from __future__ import annotations

from collections.abc import Sequence

from walras_auction.liquidity.drops import Drop, Dropped

_WORD = 32
#: No function that is read here returns as much.
MOST_BYTES = 4_096


def words(answer: bytes | None, least: int, what: str) -> list[int]:
    """The 32-byte words of an answer. Raises :class:`Dropped` unless there are at least ``least``."""
    if answer is None:
        raise Dropped(Drop.NO_ANSWER, f"{what} did not answer")
    if len(answer) > MOST_BYTES:
        raise Dropped(Drop.LONG_ANSWER, f"{what} answered {len(answer)} bytes; at most {MOST_BYTES} are read")
    if len(answer) % _WORD or len(answer) < least * _WORD:
        raise Dropped(Drop.SHORT_ANSWER, f"{what} answered {len(answer)} bytes, not {least * _WORD}")
    return [int.from_bytes(answer[at : at + _WORD]) for at in range(0, len(answer), _WORD)]


def unsigned(word: int, bits: int, what: str) -> int:
    """The word as ``uint<bits>``."""
    if word >> bits:
        raise Dropped(Drop.ABSURD, f"{what} is no uint{bits}")
    return word


def signed(word: int, bits: int, what: str) -> int:
    """The word as ``int<bits>``, sign-extended as the ABI wants it."""
    value = word - 2**256 if word >> 255 else word
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise Dropped(Drop.ABSURD, f"{what} is no int{bits}")
    return value


def address(word: int, what: str) -> str:
    """The word as an address, in lower case."""
    return f"0x{unsigned(word, 160, what):040x}"


def array(answer: Sequence[int], head: int, most: int, what: str) -> list[int]:
    """The dynamic array whose offset stands in word ``head``; at most ``most`` entries."""
    offset, odd = divmod(answer[head], _WORD)
    if odd or offset >= len(answer):
        raise Dropped(Drop.SHORT_ANSWER, f"{what} lies outside the answer")
    count = answer[offset]
    if count > most:
        raise Dropped(Drop.ABSURD, f"{what} has {count} entries; at most {most} are read")
    if offset + 1 + count > len(answer):
        raise Dropped(Drop.SHORT_ANSWER, f"{what} ends outside the answer")
    return list(answer[offset + 1 : offset + 1 + count])
