"""The short way on its own: what it can not read it leaves alone. (What it takes: ``tests/properties``.)"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from house_fakes import CONTRACTS, DOMAIN, a_request
from walras_auction import express
from walras_auction.express import Express, split_batch

GOOD = a_request().model_dump_json(by_alias=True, exclude_none=True).encode()
NESTS = [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")]


@pytest.fixture
def short() -> Express:
    return Express(DOMAIN, CONTRACTS)


@pytest.fixture
def _deep_stack() -> Iterator[None]:
    """Libraries of the EVM raise the interpreter's limit so far that it no longer guards the real stack."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 100_000))
    yield
    sys.setrecursionlimit(before)


def test_a_plain_submission_is_read(short: Express) -> None:
    assert short.read(GOOD) is not None


@pytest.mark.usefixtures("_deep_stack")
@pytest.mark.parametrize(("start", "end"), NESTS)
@pytest.mark.parametrize("name", [b"permits", b"intent", b"chainId", b"signature", b"other"])
def test_no_nesting_reaches_the_end_of_the_stack(short: Express, name: bytes, start: bytes, end: bytes) -> None:
    """As deep as a body can be, in a thread as requests are."""
    nest = start * (60_000 // len(start + end)) + b"1" + end * (60_000 // len(start + end))
    spoilt = GOOD[:-1] + b',"' + name + b'":' + nest + b"}"
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.extend((short.read(spoilt), short.read(nest))))
    thread.start()
    thread.join()
    assert found == [None, None]


@pytest.mark.usefixtures("_deep_stack")
@pytest.mark.parametrize(("start", "end"), NESTS)
@pytest.mark.parametrize("depth", [10_000, 600_000])
def test_a_batch_of_one_deep_part_is_split_or_left(short: Express, start: bytes, end: bytes, depth: int) -> None:
    batch = split_batch(b'{"intents":[' + start * depth + b"1" + end * depth + b"]}")
    assert batch is None or [short.read(part) for part in batch.intents] == [None]


@pytest.mark.parametrize("body", [b'{"\xff":1}', b'{"intents":[1],"\xed\xa0\x80":2}', b"\xff", b""])
def test_names_that_are_no_text_are_left_alone(short: Express, body: bytes) -> None:
    assert split_batch(body) is None
    assert short.read(body) is None


def test_a_batch_says_which_receipts_it_is_for() -> None:
    plain, last, each, *others = [
        split_batch(b'{"intents":[1]' + more + b"}")
        for more in (b"", b',"receipts":"last"', b',"receipts":"each"', b',"receipts":"none"', b',"receipts":null')
    ]
    assert [one and one.receipts for one in (plain, last, each)] == ["each", "last", "each"]
    assert others == [None, None]


def test_made_up_tokens_do_not_close_the_short_way(short: Express, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that were looked at are remembered, but not without end."""
    monkeypatch.setattr(express, "_TOKENS", 4)
    for number in range(1, 20):
        other = a_request(1, want=(f"0x{number:040x}", 5), nonce=number)
        assert short.read(other.model_dump_json(by_alias=True, exclude_none=True).encode()) is not None
    assert short.read(GOOD) is not None
