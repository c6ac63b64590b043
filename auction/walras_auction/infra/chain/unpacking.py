"""Packed solutions, read back as strictly as the contract reads them: one solution, one form, nothing left over."""

from __future__ import annotations

from typing import TypeVar

from walras.digest import keccak
from walras.intent import EPOCH_SHIFT, NATIVE, NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg

from walras_auction.infra.chain import packing as form
from walras_auction.infra.chain.solution import (
    ECDSA,
    ERC1271,
    PERMIT2,
    PRESIGNED,
    DecodedFill,
    DecodedInteraction,
    DecodedSolution,
)

Value = TypeVar("Value")

_FLAGS = 1 << 11
_SCHEMES = {
    form.CODE_ECDSA_64: ECDSA,
    form.CODE_ECDSA_65: ECDSA,
    form.CODE_ERC1271: ERC1271,
    form.CODE_PRESIGNED: PRESIGNED,
    form.CODE_PERMIT2: PERMIT2,
}


class SolutionMalformedError(ValueError):
    """Bytes that are no packed solution. ``position`` is where the first part that breaks the format begins."""

    def __init__(self, position: int, problem: str) -> None:
        super().__init__(f"SolutionMalformed at byte {position}: {problem}")
        self.position = position


class Cursor:
    """Reads from the left; every read checks that the bytes are there."""

    def __init__(self, data: bytes, wrapped: str | None = None) -> None:
        self.data = data
        self.wrapped = wrapped
        self.at = 0
        #: Where the last part began.
        self.start = 0

    def take(self, size: int) -> bytes:
        self.start, end = self.at, self.at + size
        if end > len(self.data):
            raise SolutionMalformedError(self.start, f"{size} bytes are expected, {len(self.data) - self.start} left")
        self.at = end
        return self.data[self.start : end]

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def address(self) -> str:
        return "0x" + self.take(20).hex()

    def number(self, bits: int = 256) -> int:
        begin = self.at
        size = self.uint(1)
        data = self.take(size) if size <= 32 else b""
        self.start = begin
        if size > 32:
            raise SolutionMalformedError(begin, f"a number of {size} bytes; at most 32")
        if size and data[0] == 0:
            raise SolutionMalformedError(begin, "a number begins with a zero byte")
        value = int.from_bytes(data, "big")
        if value >> bits:
            raise SolutionMalformedError(begin, f"{value} does not fit {bits} bits")
        return value

    def blob(self) -> bytes:
        begin = self.at
        data = self.take(self.uint(2))
        self.start = begin
        return data

    def fail(self, problem: str) -> SolutionMalformedError:
        """The error that the part read last deserves."""
        return SolutionMalformedError(self.start, problem)


def unpack(data: bytes, wrapped: str | None = None) -> DecodedSolution:
    """What ``data`` says. Raises :class:`SolutionMalformedError`.

    ``wrapped`` is the wrapped native token: who names it has the native coin's legs checked for standing in its place.
    """
    cursor = Cursor(data, wrapped)
    if cursor.uint(1) != form.FORMAT:
        raise cursor.fail("an unknown format")
    prices, cover = _tokens(cursor)
    tokens = list(prices)
    fills = tuple(_fill(cursor, tokens) for _ in range(cursor.uint(2)))
    interactions = tuple(_interaction(cursor, tokens) for _ in range(cursor.uint(1)))
    if cursor.at != len(data):
        raise SolutionMalformedError(cursor.at, f"{len(data) - cursor.at} bytes follow the solution")
    return DecodedSolution(prices, fills, cover, interactions)


def _tokens(cursor: Cursor) -> tuple[dict[str, int], dict[str, int]]:
    count = cursor.uint(1)
    if count > form.MAX_TOKENS:
        raise cursor.fail(f"{count} tokens; at most {form.MAX_TOKENS}")
    prices: dict[str, int] = {}
    cover: dict[str, int] = {}
    last = ""
    for _ in range(count):
        token = cursor.address()
        if token <= last:
            raise cursor.fail("the tokens do not ascend")
        prices[token], covered, last = cursor.number(), cursor.number(), token
        if covered:
            cover[token] = covered
    return prices, cover


def _fill(cursor: Cursor, tokens: list[str]) -> DecodedFill:
    flags = cursor.uint(2)
    scheme = flags >> form.SCHEME_SHIFT
    if flags >= _FLAGS or scheme not in _SCHEMES:
        raise cursor.fail(f"unknown flags {flags:#06x}")
    owner = cursor.address()
    receiver = _given(cursor.address(), ZERO_ADDRESS, cursor) if flags & form.RECEIVER else ZERO_ADDRESS
    give_count, want_count = _counts(cursor) if flags & form.BASKET else (1, 1)
    buy, moves = bool(flags & form.BUY), bool(flags & form.MOVES)
    gives = tuple(_leg(cursor, tokens, moves and buy, want=False) for _ in range(give_count))
    wants = tuple(_leg(cursor, tokens, moves and not buy, want=True) for _ in range(want_count))
    valid_from = _given(cursor.number(48), 0, cursor) if flags & form.VALID_FROM else 0
    decay_to = cursor.number(48) if moves else valid_from
    valid_to, epoch = cursor.number(48), cursor.number(64)
    nonce = epoch << EPOCH_SHIFT | cursor.number(EPOCH_SHIFT)
    first = (wants if buy else gives)[0].start
    min_fill, executed = (cursor.number(), cursor.number()) if flags & form.PARTIAL else (first, first)
    fee = cursor.number()
    round_up = _given(cursor.uint(1), 0, cursor) if flags & form.ROUND_UP else 0
    terms = _given(cursor.blob(), b"", cursor) if flags & form.TERMS else b""
    intent = Intent(
        owner,
        receiver,
        gives,
        wants,
        Kind.BUY if buy else Kind.SELL,
        FillRule.PARTIAL if flags & form.PARTIAL else FillRule.WHOLE,
        min_fill,
        valid_from,
        decay_to,
        valid_to,
        nonce,
        "0x" + keccak(terms).hex() if terms else NO_TERMS,
    )
    return DecodedFill(intent, executed, fee, round_up, _SCHEMES[scheme], _signature(cursor, scheme), terms)


def _given(value: Value, absent: Value, cursor: Cursor) -> Value:
    """A part that is only given where it says something."""
    if value == absent:
        raise cursor.fail("a part is given that says nothing")
    return value


def _counts(cursor: Cursor) -> tuple[int, int]:
    counts = cursor.uint(1)
    if counts & 0x88 or counts == 0:
        raise cursor.fail(f"leg counts {counts:#04x}; each nibble is at most 7, and not both are 0")
    return (counts >> 4) + 1, (counts & 15) + 1


def _leg(cursor: Cursor, tokens: list[str], moving: bool, *, want: bool) -> Leg:
    place = cursor.uint(1)
    native, index = place & form.NATIVE_BIT, place & ~form.NATIVE_BIT
    if index >= len(tokens) or (native and not want):
        raise cursor.fail(f"place {place:#04x} names no token that this side may have")
    if native and cursor.wrapped not in (None, tokens[index]):
        raise cursor.fail(f"the native coin stands in the place of {tokens[index]}, not of {cursor.wrapped}")
    start = cursor.number()
    return Leg(NATIVE if native else tokens[index], start, cursor.number() if moving else start)


def _signature(cursor: Cursor, scheme: int) -> bytes:
    if scheme in (form.CODE_ECDSA_64, form.CODE_ECDSA_65):
        return cursor.take(64 if scheme == form.CODE_ECDSA_64 else 65)
    return b"" if scheme == form.CODE_PRESIGNED else cursor.blob()


def _interaction(cursor: Cursor, tokens: list[str]) -> DecodedInteraction:
    target, data = cursor.address(), cursor.blob()
    allowances = tuple((_token(cursor, tokens), cursor.address(), cursor.number()) for _ in range(cursor.uint(1)))
    inputs, outputs = (
        tuple((_token(cursor, tokens), cursor.number()) for _ in range(cursor.uint(1))) for _ in range(2)
    )
    return DecodedInteraction(target, data, allowances, inputs, outputs)


def _token(cursor: Cursor, tokens: list[str]) -> str:
    index = cursor.uint(1)
    if index >= len(tokens):
        raise cursor.fail(f"index {index} of {len(tokens)} tokens")
    return tokens[index]
