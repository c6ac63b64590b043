"""Packed solutions: what goes in comes out, and nothing but the one form of it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi.abi import decode
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import NOW, intents, token
from walras.atoms import U128_MAX, U256_MAX
from walras.digest import keccak
from walras.intent import NATIVE, NO_TERMS, FillRule, Intent, Leg
from walras.signing import Signer, recover
from walras_auction.infra.chain import encoding, packing
from walras_auction.infra.chain.encoding import encode_solution_plain
from walras_auction.infra.chain.packing import UnpackableError, compact, number, pack
from walras_auction.infra.chain.solution import (
    ECDSA,
    ERC1271,
    PERMIT2,
    PRESIGNED,
    DecodedFill,
    DecodedInteraction,
    DecodedSolution,
)
from walras_auction.infra.chain.unpacking import SolutionMalformedError, unpack

WRAPPED = token(99)
TOKENS = sorted([*(token(place) for place in range(6)), WRAPPED])
OWNER = "0x" + "0a" * 20
KEY = Signer(b"\x07" * 32)
sized = st.one_of(st.integers(0, 300), st.integers(0, U128_MAX), st.sampled_from([0, 1, 255, 256, U256_MAX]))


@st.composite
def signatures(draw: st.DrawFn) -> tuple[int, bytes]:
    """(scheme, signature) in its packed form: low-s keys' signatures have 64 bytes."""
    scheme = draw(st.sampled_from([ECDSA, ERC1271, PRESIGNED, PERMIT2]))
    if scheme == ECDSA:
        return ECDSA, draw(st.one_of(st.binary(min_size=64, max_size=64), st.just(b"\xff" * 65)))
    return scheme, b"" if scheme == PRESIGNED else draw(st.binary(max_size=300))


@st.composite
def fills(draw: st.DrawFn) -> DecodedFill:
    intent = draw(intents())
    if draw(st.booleans()):
        last = intent.wants[-1]
        intent = replace(intent, wants=(*intent.wants[:-1], Leg(NATIVE, last.start, last.end)))
    terms = draw(st.one_of(st.just(b""), st.binary(min_size=1, max_size=100)))
    intent = replace(intent, terms="0x" + keccak(terms).hex() if terms else NO_TERMS)
    executed = intent.full_amount if intent.fill is FillRule.WHOLE else draw(sized)
    scheme, signature = draw(signatures())
    return DecodedFill(intent, executed, draw(sized), draw(st.integers(0, 255)), scheme, signature, terms)


flows = st.lists(st.tuples(st.sampled_from(TOKENS), sized), max_size=3).map(tuple)
interactions = st.builds(
    DecodedInteraction,
    st.integers(0, 2**160 - 1).map(lambda value: f"0x{value:040x}"),
    st.binary(max_size=80),
    st.lists(st.tuples(st.sampled_from(TOKENS), st.just(OWNER), sized), max_size=2).map(tuple),
    flows,
    flows,
)
solutions = st.builds(
    DecodedSolution,
    st.lists(sized, min_size=len(TOKENS), max_size=len(TOKENS)).map(lambda p: dict(zip(TOKENS, p, strict=True))),
    st.lists(fills(), max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(TOKENS), st.integers(1, U128_MAX), max_size=2),
    st.lists(interactions, max_size=2).map(tuple),
)


def read(data: bytes) -> DecodedSolution | int:
    """The solution, or where reading failed."""
    try:
        return unpack(data, WRAPPED)
    except SolutionMalformedError as error:
        return error.position


@settings(max_examples=300, deadline=None)
@given(solutions)
def test_what_is_packed_unpacks_to_the_same(solution: DecodedSolution) -> None:
    assert unpack(pack(solution, WRAPPED)) == unpack(pack(solution, WRAPPED), WRAPPED) == solution


@settings(max_examples=100, deadline=None)
@given(solutions, st.data())
def test_no_shorter_and_no_longer_bytes_are_a_solution(solution: DecodedSolution, data: st.DataObject) -> None:
    packed = pack(solution, WRAPPED)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(SolutionMalformedError) as short:
        unpack(packed[:cut])
    assert short.value.position <= cut
    with pytest.raises(SolutionMalformedError) as long:
        unpack(packed + data.draw(st.binary(min_size=1, max_size=40)))
    assert long.value.position == len(packed)


@settings(max_examples=300, deadline=None)
@given(solutions, st.data())
def test_changed_bytes_are_another_solution_or_none(solution: DecodedSolution, data: st.DataObject) -> None:
    """No bit is overlooked."""
    packed = bytearray(pack(solution, WRAPPED))
    place = data.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= data.draw(st.integers(1, 255))
    assert read(bytes(packed)) != solution


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_fail_by_name_or_not_at_all(data: bytes) -> None:
    found = read(b"\x01" + data)
    assert isinstance(found, DecodedSolution) or 0 <= found <= len(data) + 1


# ------------------------------------------------------------------ the format, byte by byte

SELL = Intent.sell(OWNER, (TOKENS[0], 1_000), (TOKENS[1], 256), valid_to=NOW, nonce=3, fill=FillRule.WHOLE)
SIGNED = DecodedFill(SELL, 1_000, 5, 0, ECDSA, b"\x11" * 64)
ONE = DecodedSolution({TOKENS[0]: 2, TOKENS[1]: 0}, (SIGNED,), {TOKENS[0]: 7})


def test_an_ordinary_sale_byte_by_byte() -> None:
    parts = [
        "01",  # format
        "02",  # tokens
        *(TOKENS[0][2:], "0102", "0107"),  # price 2, cover 7
        *(TOKENS[1][2:], "00", "00"),  # zero has no bytes
        "0001",  # fills
        "0000",  # flags: a whole sale, one leg each, signed by a key in 64 bytes
        OWNER[2:],
        *("00", "0203e8"),  # gives 1,000 of token 0
        *("01", "020100"),  # wants 256 of token 1
        "04" + NOW.to_bytes(4, "big").hex(),
        *("00", "0103"),  # epoch 0, place 3
        "0105",  # fee
        "11" * 64,
        "00",  # interactions
    ]
    assert pack(ONE, WRAPPED).hex() == "".join(parts)


AT_FLAGS = 2 + 2 * 20 + 2 + 2 + 1 + 1 + 2  # where the flags of ONE's fill begin
AT_GIVES = AT_FLAGS + 2 + 20


def changed(place: int, new: bytes, size: int | None = None) -> bytes:
    packed = pack(ONE, WRAPPED)
    return packed[:place] + new + packed[place + (len(new) if size is None else size) :]


@pytest.mark.parametrize(
    ("data", "position"),
    [
        (changed(0, b"\x02"), 0),  # another format
        (changed(1, b"\x81"), 1),  # too many tokens
        (changed(2, bytes.fromhex(TOKENS[2][2:])), 26),  # tokens descend
        (changed(22, b"\x02\x00\x02", 2), 22),  # a number with a leading zero
        (changed(22, b"\x21"), 22),  # a number longer than a word
        *((changed(AT_FLAGS, (1 << bit).to_bytes(2, "big")), AT_FLAGS) for bit in range(11, 16)),
        *((changed(AT_FLAGS, (code << 8).to_bytes(2, "big")), AT_FLAGS) for code in (5, 6, 7)),
        (changed(AT_FLAGS, b"\x00\x04" + bytes.fromhex(OWNER[2:]) + bytes(20), 22), AT_GIVES),  # receiver zero
        (changed(AT_FLAGS, b"\x00\x20" + bytes.fromhex(OWNER[2:]) + b"\x00", 22), AT_GIVES),  # a basket of one each
        (changed(AT_FLAGS, b"\x00\x20" + bytes.fromhex(OWNER[2:]) + b"\x80", 22), AT_GIVES),  # nine legs
        (changed(AT_GIVES, b"\x02"), AT_GIVES),  # no such token
        (changed(AT_GIVES, b"\x80"), AT_GIVES),  # native given
    ],
)
def test_what_breaks_the_format_is_named_with_its_place(data: bytes, position: int) -> None:
    with pytest.raises(SolutionMalformedError, match="SolutionMalformed at byte") as error:
        unpack(data)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("flag", "tail"),
    [
        (packing.VALID_FROM, "00" + "04" + NOW.to_bytes(4, "big").hex() + "00" + "0103" + "0105"),
        (packing.ROUND_UP, "04" + NOW.to_bytes(4, "big").hex() + "00" + "0103" + "0105" + "00"),
        (packing.TERMS, "04" + NOW.to_bytes(4, "big").hex() + "00" + "0103" + "0105" + "0000"),
    ],
)
def test_a_part_that_says_nothing_is_left_out(flag: int, tail: str) -> None:
    packed = pack(ONE, WRAPPED)
    start = packed.index(b"\x04" + NOW.to_bytes(4, "big"))
    before = packed[:AT_FLAGS] + flag.to_bytes(2, "big") + packed[AT_FLAGS + 2 : start]
    with pytest.raises(SolutionMalformedError, match="says nothing"):
        unpack(before + bytes.fromhex(tail) + b"\x11" * 64 + b"\x00")


def with_intent(**changes: int) -> DecodedSolution:
    return DecodedSolution(ONE.prices, (replace(SIGNED, intent=replace(SELL, **changes)),))


def test_times_have_48_bits_and_nonces_256() -> None:
    widest = with_intent(valid_to=2**48 - 1, nonce=2**256 - 1)
    assert unpack(pack(widest, WRAPPED)) == widest
    for beyond in (with_intent(valid_to=2**48), with_intent(nonce=2**256)):
        with pytest.raises(SolutionMalformedError, match="does not fit"):
            unpack(pack(beyond, WRAPPED))


# ------------------------------------------------------------------ signatures

HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@pytest.mark.parametrize("number", range(8))
def test_keys_signatures_travel_in_64_bytes_and_recover_to_the_same(number: int) -> None:
    digest = keccak(bytes([number]))
    long = bytes.fromhex(KEY.sign(digest)[2:])
    fill = replace(SIGNED, signature=long)
    (decoded,) = unpack(pack(DecodedSolution(ONE.prices, (fill,)), WRAPPED)).fills
    assert (decoded.scheme, len(decoded.signature)) == (ECDSA, 64)
    assert recover(digest, "0x" + decoded.signature.hex()) == KEY.address
    assert decoded.signature == compact(long)


@pytest.mark.parametrize("signature", [bytes(32) + (HALF + 1).to_bytes(32, "big") + b"\x1b", bytes(64) + b"\x02"])
def test_what_has_no_short_form_travels_as_it_is(signature: bytes) -> None:
    """The contract refuses it by name; that is not the packer's business."""
    solution = DecodedSolution(ONE.prices, (replace(SIGNED, signature=signature),))
    assert unpack(pack(solution, WRAPPED)) == solution


# ------------------------------------------------------------------ what has no packed form

MOVING = replace(SELL, wants=(Leg(TOKENS[1], 300, 256),), valid_from=5, decay_to=9)


@pytest.mark.parametrize(
    ("solution", "problem"),
    [
        (DecodedSolution({TOKENS[1]: 1, TOKENS[0]: 1}, ()), "ascending"),
        (DecodedSolution({token(place): 1 for place in range(129)}, ()), "129 tokens"),
        (DecodedSolution({TOKENS[0]: 1}, (SIGNED,)), "has no price"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, executed=999),)), "full amount"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, intent=replace(SELL, decay_to=9)),)), "decayTo"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, intent=replace(SELL, gives=MOVING.wants)),)), "moves|full"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, terms=b"x"),)), "terms"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, intent=replace(SELL, terms="0x" + "01" * 32)),)), "terms"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, round_up=256),)), "no byte"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, fee=2**256),)), "2\\^256-1"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, signature=b"\x11" * 63),)), "63 bytes"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, scheme=PRESIGNED),)), "64 bytes under scheme 2"),
        (DecodedSolution(ONE.prices, (replace(SIGNED, scheme=ERC1271, signature=bytes(2**16)),)), "blob"),
        (DecodedSolution(ONE.prices, (), {}, (DecodedInteraction(OWNER, bytes(2**16)),)), "blob"),
        (DecodedSolution(ONE.prices, (), {}, (DecodedInteraction(OWNER, b"", (), ((WRAPPED, 1),)),)), "no price"),
        (DecodedSolution(ONE.prices, (), {}, (DecodedInteraction(OWNER, b""),) * 256), "256 interactions"),
        (DecodedSolution({WRAPPED: 1}, (), {}, (DecodedInteraction(OWNER, b"", (), ((NATIVE, 1),)),)), "wrapped"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(solution: DecodedSolution, problem: str) -> None:
    with pytest.raises(UnpackableError, match=problem):
        pack(solution, WRAPPED)


def test_numbers_are_minimal() -> None:
    assert number(0) == b"\x00"
    assert number(255) == b"\x01\xff"
    assert number(256) == b"\x02\x01\x00"
    assert number(U256_MAX) == b"\x20" + b"\xff" * 32


@settings(max_examples=50, deadline=None)
@given(solutions)
def test_the_plain_twin_says_the_same(solution: DecodedSolution) -> None:
    """``abi.encode`` of the same solution, field by field, as the plain settlement reads it."""
    ((tokens, prices, cover, plain, calls),) = decode([encoding._SOLUTION], encode_solution_plain(solution, WRAPPED))
    assert (list(tokens), list(prices)) == (list(solution.prices), list(solution.prices.values()))
    assert list(cover) == [solution.cover.get(name, 0) for name in tokens]
    for row, fill in zip(plain, solution.fills, strict=True):
        intent = fill.intent
        legs = tuple(tuple((leg.token, leg.start, leg.end) for leg in side) for side in (intent.gives, intent.wants))
        assert (row[0][0], row[0][2], row[0][3], row[0][10]) == (intent.owner, *legs, intent.nonce)
        assert row[1:6] == (fill.scheme, fill.signature, fill.executed, fill.fee, fill.round_up)
        named = [tokens[place] for place in (*row[6], *row[7])]
        assert named == [WRAPPED if leg.token == NATIVE else leg.token for leg in intent.gives + intent.wants]
        assert row[8] == fill.terms
    assert [call[0] for call in calls] == [item.target for item in solution.interactions]
