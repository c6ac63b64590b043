"""Hypothesis strategies of submissions as bytes: good ones of every shape, spelt in odd ways, and spoilt ones.

The signature holds wherever a signature can: a document that was changed is signed again if anything can read it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from house_fakes import CONTRACTS, DOMAIN, NOW, WETH, A, B, C, key
from hypothesis import strategies as st
from pydantic import ValidationError
from walras.atoms import U256_MAX
from walras.digest import intent_digest
from walras.intent import NATIVE, NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.signing import Scheme
from walras.terms import Terms
from walras.wire import IntentMessage, SubmitRequest

from support.strategies import intents as shapes

Json = dict[str, Any]

_amounts = st.one_of(
    st.integers(1, 2_000), st.integers(1, U256_MAX), st.sampled_from([1, 2**64, 2**255, U256_MAX - 1, U256_MAX])
)
_times = st.one_of(
    st.just(0), st.integers(NOW - 5, NOW + 5), st.sampled_from([NOW + 3600, NOW + 3601, 2**48 - 1]), st.integers(0, NOW)
)
_receivers = st.sampled_from([ZERO_ADDRESS, "0x" + "0b" * 20, CONTRACTS.vault, CONTRACTS.settlement, NATIVE])
_nonces = st.one_of(st.integers(0, 300), st.sampled_from([1 << 192, (1 << 192) | 5, U256_MAX, 2**192 - 1]))


@st.composite
def simple(draw: st.DrawFn) -> Intent:
    """One leg a side, bounds that stand still: what the short way is for, and its near neighbours."""
    give, want = draw(st.permutations([A, B, C, WETH, NATIVE]).map(lambda found: found[:2]))
    amounts = draw(_amounts), draw(_amounts)
    kind, rule = draw(st.sampled_from(Kind)), draw(st.sampled_from(FillRule))
    full = amounts[0] if kind is Kind.SELL else amounts[1]
    least = full if rule is FillRule.WHOLE and draw(st.integers(0, 9)) else draw(st.integers(0, full))
    start = draw(_times)
    return Intent(
        owner=key(1).address,
        receiver=draw(_receivers),
        gives=(Leg.fixed(give, amounts[0]),),
        wants=(Leg.fixed(want, amounts[1]),),
        kind=kind,
        fill=rule,
        min_fill=least,
        valid_from=start,
        decay_to=start if draw(st.integers(0, 9)) else draw(_times),
        valid_to=draw(st.one_of(st.just(NOW + 60), _times)),
        nonce=draw(_nonces),
    )


@st.composite
def complex_ones(draw: st.DrawFn) -> Intent:
    """Baskets and bounds that move."""
    shift = draw(st.sampled_from([0, NOW - 1_800_000_000]))
    one = draw(shapes(most_legs=3))
    times = {name: max(getattr(one, name) + shift, 0) for name in ("valid_from", "decay_to", "valid_to")}
    return replace(one, owner=key(1).address, **times)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A submission as JSON values, signed, with terms, permits and other schemes now and then."""
    intent = draw(st.one_of(simple(), simple(), complex_ones()))
    document: Json = {
        "chainId": DOMAIN.chain_id,
        "settlement": DOMAIN.settlement,
        "intent": IntentMessage.of(intent).to_json(),
        "signature": "0x",
    }
    if draw(st.booleans()):
        document["scheme"] = draw(st.sampled_from(["ecdsa", "ecdsa", "presigned", "erc1271", "permit2", "none"]))
    extra = draw(st.integers(0, 11))
    if extra < 4:
        document["permits"] = [] if extra else [_permit(draw(st.sampled_from([A, B])))]
    elif extra == 4:
        terms = Terms(max_impact_bps=draw(st.integers(1, 9_999)))
        document["intent"]["terms"], document["termsData"] = terms.hash(), terms.data
    elif extra == 5:
        document["termsData"] = draw(st.sampled_from([None, "0x"]))
    for name, default in (("receiver", ZERO_ADDRESS), ("terms", NO_TERMS)):
        if document["intent"][name] == default and draw(st.booleans()):
            del document["intent"][name]
    return resigned(document)


def _permit(token: str) -> Json:
    return {"token": token, "value": "1000", "deadline": str(NOW + 60), "signature": "0x" + "11" * 65}


def resigned(document: Json) -> Json:
    """The document with the owner's signature over whatever its intent reads as; as it is if nobody can read it."""
    try:
        request = SubmitRequest.model_validate_json(json.dumps(document))
        digest = intent_digest(request.intent.intent(), DOMAIN)
    except (ValidationError, ValueError, OverflowError, KeyError):
        return document
    wanted = request.signature == "0x" and request.scheme is not Scheme.PRESIGNED
    return {**document, "signature": key(1).sign(digest)} if wanted else document


# ---------------------------------------------------------------- values that do not belong

_NUMBERS = ["", "0", "00", "01", "-0", "-1", "+1", "1.0", "1e3", "1_000", " 1", "1 ", "0x1", "١٢٣", "１", "²", "1\x00"]
_WORDS = [
    "0x",
    "0x" + "AB" * 20,
    "0X" + "ab" * 20,
    "0x" + "ab" * 20 + "\n",
    "\ud800",
    "\x00",
    "é",
    "9" * 78,
    "9" * 5000,
]
_KNOWN = [ZERO_ADDRESS, NATIVE, A, A.upper(), str(U256_MAX), str(U256_MAX + 1), "sell", "SELL", "whole", "ecdsa"]
_OTHERS = [2**48, 2**63, 2**64, 2**256, 10**400, -(2**63), 1.0, 1e300, [], {}, [[]], ["1"], {"start": "1"}]
_junk: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.sampled_from([*_NUMBERS, *_WORDS, *_KNOWN, *_OTHERS]),
    st.text(max_size=8),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all members of a document, inner ones included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[Any, ...]] = []
    for name, member in inner:
        found += [(*path, name), *_places(member, (*path, name))]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Json:
    """A submission of which one member was replaced, removed, added or doubled, before or after signing."""
    document = draw(documents())
    if draw(st.booleans()):
        document["signature"] = "0x"  # signed below, over what has changed
    place = draw(st.sampled_from(_places(document)))
    holder: Any = document
    for name in place[:-1]:
        holder = holder[name]
    match draw(st.integers(0, 3)):
        case 0:
            del holder[place[-1]]
        case 1 if isinstance(holder, dict):
            holder[draw(st.sampled_from(["tip", "chain_id", "minfill", "decay_to", "termsData", "", "\x00", "é"]))] = 1
        case 2 if isinstance(holder, list):
            holder.append(holder[place[-1]])
        case _:
            holder[place[-1]] = draw(_junk)
    return resigned(document)


# ---------------------------------------------------------------- other spellings

Spelling = Callable[[str], str]


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


@st.composite
def _objects(draw: st.DrawFn, value: Any) -> str:
    """JSON of ``value`` with members in any order, spaces, escapes and members that stand twice."""
    if isinstance(value, dict):
        members = draw(st.permutations(list(value.items())))
        parts = []
        for name, member in members:
            spelt = f'"{_escaped(name)}"' if not draw(st.integers(0, 15)) else json.dumps(name)
            if not draw(st.integers(0, 20)):
                parts.append(f"{spelt}:{json.dumps(draw(_junk))}")
            parts.append(f"{spelt}{draw(_spaces)}:{draw(_objects(member))}")
            if not draw(st.integers(0, 40)):
                parts.append(f"{spelt}:{json.dumps(draw(_junk))}")
        return "{" + ",".join(parts) + draw(_spaces) + "}"
    if isinstance(value, list):
        return "[" + draw(_spaces) + ",".join([draw(_objects(member)) for member in value]) + "]"
    if isinstance(value, str) and not draw(st.integers(0, 15)):
        return f'"{_escaped(value)}"' if value.isascii() else json.dumps(value)
    if isinstance(value, int) and not isinstance(value, bool) and not draw(st.integers(0, 15)):
        return draw(st.sampled_from([f"{value}.0", f"-{value}", f"{value}e0", f"0{value}", f'"{value}"']))
    return json.dumps(value)


_spaces = st.sampled_from(["", "", "", " ", "\n\t", "\r"])


def spelt(document: st.SearchStrategy[Json]) -> st.SearchStrategy[bytes]:
    """The documents as bytes: as the SDK writes them, or spelt oddly."""
    plain = document.map(lambda one: json.dumps(one, separators=(",", ":")).encode("utf-8", "surrogatepass"))
    odd = document.flatmap(_objects).map(lambda text: text.encode("utf-8", "surrogatepass"))
    return st.one_of(plain, plain, odd)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """The bytes of a submission with some of them cut, changed or added."""
    body = bytearray(draw(spelt(documents())))
    at = draw(st.integers(0, len(body)))
    match draw(st.integers(0, 4)):
        case 0:
            del body[at:]
        case 1:
            body[at:at] = draw(st.sampled_from([b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"//", b",", b"{"]))
        case 2:
            body += draw(st.sampled_from([b"\x00", b" ", b"{}", b"]", b"\xef\xbb\xbf", b"\n", b"x"]))
        case 3:
            body[at : at + 1] = bytes([draw(st.integers(0, 255))])
        case _:
            depth = draw(st.sampled_from([100, 199, 201, 500, 5_000]))
            nest = draw(st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]))
            name = draw(st.sampled_from([b"permits", b"intent", b"x"]))
            body[1:1] = b'"' + name + b'":' + nest[0] * depth + b"1" + nest[1] * depth + b","
    return bytes(body)


#: Bodies of every kind.
bodies = st.one_of(spelt(documents()), spelt(mutated()), spelt(mutated()), _damaged())
