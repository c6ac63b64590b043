"""Packed solutions: what ``settle`` takes, in as few bytes as it gets (the format is in ``contracts/README.md``).

All numbers are big endian. A *number* is a length byte and so many bytes, the first of them not zero; a *blob* is two
bytes of length and so many bytes. One solution has exactly one packed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from walras.intent import EPOCH_SHIFT, NATIVE, NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg

from walras_auction.infra.chain.solution import (
    ECDSA,
    ERC1271,
    PERMIT2,
    PRESIGNED,
    DecodedFill,
    DecodedInteraction,
    DecodedSolution,
)

FORMAT = 1
MAX_TOKENS = 128
MAX_BLOB = 0xFFFF
#: Set in a leg's place if the leg names the native coin.
NATIVE_BIT = 0x80
BUY, PARTIAL, RECEIVER, VALID_FROM, MOVES, BASKET, ROUND_UP, TERMS = (1 << bit for bit in range(8))
SCHEME_SHIFT = 8
#: Bits 8 to 10 of a fill's flags: how its signature follows.
CODE_ECDSA_64, CODE_ECDSA_65, CODE_ERC1271, CODE_PRESIGNED, CODE_PERMIT2 = range(5)
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_PLACE_MASK = (1 << EPOCH_SHIFT) - 1


class UnpackableError(ValueError):
    """A solution that has no packed form: the message says what of it does not fit."""


def number(value: int) -> bytes:
    """Length byte and minimal bytes."""
    size = (value.bit_length() + 7) >> 3
    if size > 32:
        raise UnpackableError(f"{value} is above 2^256-1")
    return size.to_bytes(1, "big") + value.to_bytes(size, "big")


def blob(data: bytes) -> bytes:
    """Two bytes of length, then the bytes."""
    if len(data) > MAX_BLOB:
        raise UnpackableError(f"{len(data)} bytes; a blob has at most {MAX_BLOB}")
    return len(data).to_bytes(2, "big") + data


def pack(solution: DecodedSolution, wrapped_native: str) -> bytes:
    """The packed form. Raises :class:`UnpackableError` for what breaks the rules of intents or is too large."""
    tokens = list(solution.prices)
    if tokens != sorted(tokens) or len(tokens) > MAX_TOKENS:
        raise UnpackableError(f"{len(tokens)} tokens; at most {MAX_TOKENS}, in ascending order")
    places = {token: place.to_bytes(1, "big") for place, token in enumerate(tokens)}
    if wrapped_native in places:
        places[NATIVE] = (places[wrapped_native][0] | NATIVE_BIT).to_bytes(1, "big")
    parts = [bytes((FORMAT, len(tokens)))]
    for token, price in solution.prices.items():
        parts += (_address(token), number(price), number(solution.cover.get(token, 0)))
    parts.append(_count(len(solution.fills), 2, "fills"))
    for fill in solution.fills:
        _pack_fill(fill, places, parts)
    parts.append(_count(len(solution.interactions), 1, "interactions"))
    for interaction in solution.interactions:
        _pack_interaction(interaction, places, parts)
    return b"".join(parts)


def _count(value: int, size: int, what: str) -> bytes:
    if value >= 1 << 8 * size:
        raise UnpackableError(f"{value} {what}; at most {(1 << 8 * size) - 1}")
    return value.to_bytes(size, "big")


@lru_cache(maxsize=8192)
def _address(address: str) -> bytes:
    return bytes.fromhex(address[2:])


def _pack_fill(fill: DecodedFill, places: Mapping[str, bytes], parts: list[bytes]) -> None:
    intent = fill.intent
    moves = any(leg.start != leg.end for leg in intent.moving_side)
    _check_packable(fill, moves)
    flags, signature = _signature(fill)
    optional = _optional(intent, fill, moves)
    for flag, present in optional:
        flags |= flag if present else 0
    parts += (flags.to_bytes(2, "big"), _address(intent.owner))
    if flags & RECEIVER:
        parts.append(_address(intent.receiver))
    if flags & BASKET:
        parts.append(bytes(((len(intent.gives) - 1) << 4 | (len(intent.wants) - 1),)))
    sell = intent.kind is Kind.SELL
    _pack_legs(intent.gives, moves and not sell, places, parts)
    _pack_legs(intent.wants, moves and sell, places, parts)
    if flags & VALID_FROM:
        parts.append(number(intent.valid_from))
    if moves:
        parts.append(number(intent.decay_to))
    parts += (number(intent.valid_to), number(intent.nonce >> EPOCH_SHIFT), number(intent.nonce & _PLACE_MASK))
    if flags & PARTIAL:
        parts += (number(intent.min_fill), number(fill.executed))
    parts.append(number(fill.fee))
    if flags & ROUND_UP:
        parts.append(fill.round_up.to_bytes(1, "big"))
    if flags & TERMS:
        parts.append(blob(fill.terms))
    parts.append(signature)


def _optional(intent: Intent, fill: DecodedFill, moves: bool) -> tuple[tuple[int, bool], ...]:
    return (
        (BUY, intent.kind is Kind.BUY),
        (PARTIAL, intent.fill is FillRule.PARTIAL),
        (RECEIVER, intent.receiver != ZERO_ADDRESS),
        (VALID_FROM, intent.valid_from != 0),
        (MOVES, moves),
        (BASKET, len(intent.gives) + len(intent.wants) > 2),
        (ROUND_UP, fill.round_up != 0),
        (TERMS, bool(fill.terms)),
    )


def _check_packable(fill: DecodedFill, moves: bool) -> None:
    """The format leaves out what the rules of intents imply, so an intent that breaks them has no packed form."""
    intent = fill.intent
    if not moves and intent.decay_to != intent.valid_from:
        raise UnpackableError("without moving bounds decayTo equals validFrom")
    if intent.fill is FillRule.WHOLE and not intent.min_fill == fill.executed == intent.full_amount:
        raise UnpackableError("a whole intent executes its full amount, which is its minFill too")
    if bool(fill.terms) is (intent.terms == NO_TERMS):
        raise UnpackableError("terms are given exactly when the intent names their hash")
    if not 0 <= fill.round_up < 256:
        raise UnpackableError(f"roundUp {fill.round_up} is no byte")


def _pack_legs(legs: tuple[Leg, ...], moving: bool, places: Mapping[str, bytes], parts: list[bytes]) -> None:
    if not 1 <= len(legs) <= 8:
        raise UnpackableError(f"{len(legs)} legs; a side has 1 to 8")
    for leg in legs:
        place = places.get(leg.token)
        if place is None:
            raise UnpackableError(f"token {leg.token} has no price")
        parts += (place, number(leg.start))
        if moving:
            parts.append(number(leg.end))
        elif leg.start != leg.end:
            raise UnpackableError("a leg of the exact side moves")


def _signature(fill: DecodedFill) -> tuple[int, bytes]:
    """(flags of the scheme, the bytes that follow)."""
    code, data = _coded(fill.scheme, fill.signature)
    return code << SCHEME_SHIFT, data


def _coded(scheme: int, signature: bytes) -> tuple[int, bytes]:
    if scheme == ECDSA and len(signature) == 64:
        return CODE_ECDSA_64, signature
    if scheme == ECDSA and len(signature) == 65:
        short = compact(signature)
        return (CODE_ECDSA_65, signature) if short is None else (CODE_ECDSA_64, short)
    if scheme == ERC1271:
        return CODE_ERC1271, blob(signature)
    if scheme == PRESIGNED and not signature:
        return CODE_PRESIGNED, b""
    if scheme == PERMIT2:
        return CODE_PERMIT2, blob(signature)
    raise UnpackableError(f"a signature of {len(signature)} bytes under scheme {scheme}")


def compact(signature: bytes) -> bytes | None:
    """The 64 bytes of EIP-2098 for a 65-byte signature; None if s is high or v odd, so that it has no such form."""
    if signature[64] not in (27, 28) or int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        return None
    top = signature[32] | (0x80 if signature[64] == 28 else 0)
    return signature[:32] + bytes((top,)) + signature[33:64]


def _pack_interaction(item: DecodedInteraction, places: Mapping[str, bytes], parts: list[bytes]) -> None:
    parts += (_address(item.target), blob(item.data), _count(len(item.allowances), 1, "allowances"))
    try:
        for token, spender, amount in item.allowances:
            parts += (places[token], _address(spender), number(amount))
        for flows in (item.inputs, item.outputs):
            parts.append(_count(len(flows), 1, "flows"))
            for token, amount in flows:
                parts += (places[token], number(amount))
    except KeyError as missing:
        raise UnpackableError(f"token {missing.args[0]} has no price") from None
    if any(token == NATIVE for token, *_ in (*item.allowances, *item.inputs, *item.outputs)):
        raise UnpackableError("interactions name the wrapped token, not the native coin")
