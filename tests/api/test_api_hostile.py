"""Hostile HTTP against the served house: a problem document, a bare 400 or a hang-up, and nothing half-done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from house_fakes import NO_PAGES, Desk, FakeChain, ManualClock, a_cancel, a_request, key, open_house
from support.rawhttp import Answer, Wire, chunked, post
from walras_auction.api.app import create_app
from walras_auction.server import serving

CLOSE = "Connection: close"
PATHS = ("/v1/intents", "/v1/intents/batch", "/v1/cancels", "/v1/cancels/batch")
MEGABYTES = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One house for all: each test shows that the ones before have done it no harm."""
    path: Path = tmp_path_factory.mktemp("hostile") / "store.db"
    with (
        closing(open_house(path, FakeChain(), ManualClock())) as house,
        serving(create_app(house, NO_PAGES)) as url,
        httpx.Client(base_url=url, timeout=30) as http,
    ):
        yield Desk(house, FakeChain(), ManualClock(), url, http)


@pytest.fixture(autouse=True)
def _goes_on(desk: Desk) -> Iterator[None]:
    """Whatever a test did: the house takes the next intent, its log hashes, and each entry is one that stands."""
    yield
    assert desk.post("/v1/intents", good()).status_code == 201  # and what came before it has been dealt with
    assert desk.http.get("/healthz").json()["status"] == "ok"
    desk.house.store.verify_chain()
    length, standing = desk.held()
    assert length == standing


numbers = iter(range(1, 1_000_000))


def good() -> bytes:
    """A submission that nobody has sent before."""
    return a_request(1, nonce=next(numbers)).model_dump_json(by_alias=True).encode()


def held(desk: Desk) -> int:
    return desk.held()[0]


def say(desk: Desk, *pieces: bytes, cut: bool = False) -> list[Answer]:
    """What the house answers to these bytes; every answer is a proper one.

    ``cut``: nothing more can come, and the house is told so at once instead of after its first answer.
    """
    with Wire(desk.url) as wire:
        wire.send(*pieces)
        first = None if cut else wire.answer()
        wire.finish()
        found = ([first] if first is not None else []) + wire.answers()
    for answer in found:
        proper(answer)
    return found


def proper(answer: Answer) -> None:
    assert answer.status < 500, answer
    if answer.status < 400:
        return
    if answer.headers["content-type"] == "application/problem+json":
        assert json.loads(answer.body)["status"] == answer.status
    else:  # the server itself, of what is no HTTP; it closes the connection
        assert (answer.status, answer.headers["connection"]) == (400, "close")


# ---------------------------------------------------------------- lengths


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_ends_too_early_is_no_body(desk: Desk, path: str) -> None:
    before, body = held(desk), good()
    for sent in (0, 1, len(body) // 2, len(body) - 1):
        assert say(desk, post(path, body[:sent], length=len(body)), cut=True) == []
    assert held(desk) == before


@pytest.mark.parametrize("path", PATHS)
def test_a_whole_body_that_promised_more_is_not_taken(desk: Desk, path: str) -> None:
    before, body = held(desk), good()
    assert say(desk, post(path, body, length=len(body) + 1), cut=True) == []
    assert held(desk) == before


def test_a_body_that_is_longer_than_it_says_is_cut(desk: Desk) -> None:
    before, body = held(desk), good()
    found = say(desk, post("/v1/intents", body, length=len(body) - 1))
    assert {answer.status for answer in found} == {400}  # of the body, of the rest as a request, or of both
    assert held(desk) == before


@pytest.mark.parametrize("length", ["-1", "+5", "0x10", "1e3", "5, 6", "", "9" * 30, "five", "²"])
def test_a_length_that_is_no_length_is_refused(desk: Desk, length: str) -> None:
    before = held(desk)
    assert [answer.status for answer in say(desk, post("/v1/intents", good(), length=length), cut=True)] in (
        [],
        [400],
        [413],
    )
    assert held(desk) == before


def test_two_lengths_are_not_two_requests(desk: Desk) -> None:
    """Request smuggling: what one reader takes for a body another may take for a request."""
    before, inner = held(desk), post("/v1/intents", good(), CLOSE)
    say(desk, post("/v1/intents", inner, "Transfer-Encoding: chunked"), cut=True)
    say(desk, post("/v1/intents", inner, "Content-Length: 0"), cut=True)
    say(desk, chunked("/v1/intents", [inner], b"0\r\n\r\n", "Content-Length: 3"), cut=True)
    say(desk, chunked("/v1/intents", [inner], b"0\r\n\r\n", "Transfer-Encoding: identity"), cut=True)
    say(desk, post("/v1/intents", inner, "Transfer-Encoding: xchunked"), cut=True)
    assert held(desk) == before


@pytest.mark.parametrize("path", PATHS)
def test_no_length_is_no_body(desk: Desk, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: house\r\n{CLOSE}\r\n\r\n".encode()
    (answer,) = say(desk, head)
    assert (answer.status, json.loads(answer.body)["reason"]) == (400, "malformed_json")


# ---------------------------------------------------------------- chunks


def test_chunks_of_a_byte_are_a_body(desk: Desk) -> None:
    body = good()
    (answer,) = say(desk, chunked("/v1/intents", [body[at : at + 1] for at in range(len(body))]))
    assert answer.status == 201


@pytest.mark.parametrize(
    "end", [b"", b"0\r\n", b"zz\r\n", b"-1\r\n\r\n", b"f" * 17 + b"\r\n", b"5\r\nab\r\n0\r\n\r\n", b"\r\n\r\n", b"\x00"]
)
def test_chunks_without_a_proper_end_are_no_body(desk: Desk, end: bytes) -> None:
    before = held(desk)
    assert [answer.status for answer in say(desk, chunked("/v1/intents", [good()], end), cut=True)] in ([], [400])
    assert held(desk) == before


def test_endless_chunks_are_refused_while_they_come(desk: Desk) -> None:
    before = held(desk)
    with Wire(desk.url) as wire:
        wire.send(chunked("/v1/intents", [b" " * 65_536], b""))
        wire.send(b"1\r\n \r\n")
        answer = wire.answer()
    assert answer is not None
    assert json.loads(answer.body)["reason"] == "body_too_large"
    assert held(desk) == before


def test_trailers_after_the_chunks_change_nothing(desk: Desk) -> None:
    (answer,) = say(desk, chunked("/v1/intents", [good()], b"0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"))
    assert answer.status == 201


# ---------------------------------------------------------------- the order of things


@pytest.mark.parametrize("path", ["/v1/intents", "/v1/log"])
def test_who_asks_first_is_told_to_continue(desk: Desk, path: str) -> None:
    body = good()
    with Wire(desk.url) as wire:
        head, _, _ = post(path, body, "Expect: 100-continue", CLOSE).partition(b"\r\n\r\n")
        wire.send(head + b"\r\n\r\n")
        first = wire.answer()
        assert first is not None
        if path == "/v1/intents":
            assert first.status == 100
            wire.send(body)
            second = wire.answer()
            assert second is not None
            assert second.status == 201
        else:
            assert first.status == 405  # nothing was read, and nothing needs to be sent


def test_requests_in_one_breath_are_answered_in_their_order(desk: Desk) -> None:
    before = held(desk)
    bodies = [good() for _ in range(20)]
    sent = [post("/v1/intents", body) for body in bodies]
    sent[7] = post("/v1/intents", b"{")
    sent[11] = post("/v1/nothing", good())
    with Wire(desk.url) as wire:
        wire.send(b"".join(sent), b"GET /v1/house HTTP/1.1\r\nHost: house\r\nConnection: close\r\n\r\n")
        found = wire.answers()
    statuses = [answer.status for answer in found]
    assert statuses == [201] * 7 + [400] + [201] * 3 + [404] + [201] * 8 + [200]
    sequences = [json.loads(answer.body)["sequence"] for answer in found if answer.status == 201]
    assert sequences == list(range(before + 1, before + 19))


def test_what_is_no_request_ends_the_breath(desk: Desk) -> None:
    before = held(desk)
    found = say(desk, post("/v1/intents", good()) + b"\x00\x01rubbish\r\n\r\n" + post("/v1/intents", good()))
    assert [answer.status for answer in found] in ([201, 400], [201], [400], [])
    assert before <= held(desk) <= before + 1


# ---------------------------------------------------------------- those who leave


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("part", [0, 10, 0.5, 0.99])
def test_those_who_leave_early_leave_nothing(desk: Desk, path: str, part: float) -> None:
    before, request = held(desk), post(path, good())
    sent = request[: int(part * len(request)) if part < 1 else int(part)]
    for _ in range(10):
        with Wire(desk.url) as wire:
            wire.send(sent)
            wire.hang_up()
    assert desk.http.get("/healthz").status_code == 200
    assert held(desk) == before


def test_those_who_do_not_wait_for_the_answer_are_logged_once_at_most(desk: Desk) -> None:
    before = held(desk)
    bodies = [good() for _ in range(20)]
    for body in bodies:
        with Wire(desk.url) as wire:
            wire.send(post("/v1/intents", body))
            wire.hang_up()
    again = [desk.post("/v1/intents", body) for body in bodies]
    assert {answer.status_code for answer in again} <= {200, 201}
    assert held(desk) == before + 20


def test_the_slow_hold_up_nobody(desk: Desk) -> None:
    """Two hundred clients in the middle of their requests, and one who is served."""
    before, request = held(desk), post("/v1/intents", good())
    waiting = [Wire(desk.url) for _ in range(200)]
    try:
        for number, wire in enumerate(waiting):
            wire.send(request[: 1 + number * len(request) // 250])
        assert desk.post("/v1/intents", good()).status_code == 201
    finally:
        for wire in waiting:
            wire.hang_up()
    assert held(desk) == before + 1


def test_one_byte_at_a_time_is_a_request(desk: Desk) -> None:
    request = post("/v1/intents", good(), CLOSE)
    (answer,) = say(desk, *[request[at : at + 1] for at in range(len(request))])
    assert answer.status == 201


# ---------------------------------------------------------------- large ones

_LEG = b'{"token":"x","start":1.5,"end":"-1","a":1}'
LARGE = {
    "spaces": b" " * MEGABYTES,
    "empty objects": b'{"NAME":[' + b",".join([b"{}"] * 1_398_000) + b"]}",
    "numbers": b'{"NAME":[' + b",".join([b"1"] * 2_097_000) + b"]}",
    "lists": b'{"NAME":' + b"[" * 2_000_000 + b"]" * 2_000_000 + b"}",
    "unknown names": b'{"' + b'":1,"'.join(b"%x" % number for number in range(400_000)) + b'":1}',
    "unknown names of one": b'{"NAME":[{"' + b'":1,"'.join(b"%x" % number for number in range(400_000)) + b'":1}]}',
    "many legs": b'{"NAME":[{"intent":{"gives":[' + b",".join([_LEG] * 90_000) + b"]}}]}",
    "a long string": b'{"NAME":"' + b"a" * 4_000_000 + b'"}',
    "a long number": b'{"NAME":' + b"9" * 4_000_000 + b"}",
    "escapes": b'{"NAME":"' + b"\\u0061" * 690_000 + b'"}',
    "the same name": b"{" + b",".join([b'"NAME":[]'] * 320_000) + b"}",
}


@pytest.mark.parametrize("path", ["/v1/intents/batch", "/v1/cancels/batch"])
@pytest.mark.parametrize("kind", LARGE)
def test_four_megabytes_of_rubbish_are_refused_soon(desk: Desk, path: str, kind: str) -> None:
    """The client's patience is 30 s; these take under two, and once took a minute and gigabytes."""
    before = held(desk)
    answer = desk.post(path, LARGE[kind].replace(b"NAME", path.split("/")[2].encode()))
    assert answer.status_code in (400, 413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 5_000
    assert held(desk) == before


def test_a_byte_too_many_is_too_many(desk: Desk) -> None:
    (answer,) = say(desk, post("/v1/intents/batch", b" " * (MEGABYTES + 1), CLOSE))
    assert (answer.status, json.loads(answer.body)["reason"]) == (413, "body_too_large")


def test_a_good_batch_of_four_megabytes_is_taken(desk: Desk) -> None:
    before, one = held(desk), good()
    body = b'{"intents":[' + b",".join([one] * 4_000) + b"]" + b" " * 100_000 + b"}"
    assert len(body) < MEGABYTES
    items = desk.post("/v1/intents/batch", body).json()["items"]
    assert [item["status"] for item in items] == [201] + [200] * 3_999
    assert held(desk) == before + 1


# ---------------------------------------------------------------- rubbish in good company


@pytest.mark.parametrize("depth", [150, 199, 201, 999, 1_001, 30_000])
@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_ones_do_not_spoil_a_group(desk: Desk, depth: int, start: bytes, end: bytes) -> None:
    """Requests that arrive together are checked together; one that can not be read concerns itself alone."""
    before, deep = held(desk), start * (depth // len(start)) + b"1" + end * (depth // len(start))
    spoilt = good()[:-1] + b',"permits":' + deep + b"}"
    bodies = [spoilt, *[good() for _ in range(10)], deep]
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda body: desk.post("/v1/intents", body), bodies))
    assert [answer.status_code for answer in found[1:11]] == [201] * 10
    assert {found[0].status_code, found[11].status_code} <= {400, 413, 422}
    assert held(desk) == before + 10


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("junk", [b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xef\xbb\xbf", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_no_text_are_refused(desk: Desk, path: str, junk: bytes) -> None:
    before, one = held(desk), good()
    cancel = a_cancel("0x" + "12" * 32, key(1)).model_dump_json(by_alias=True).encode()
    inner = cancel if "cancels" in path else one
    name = path.split("/")[2].encode()
    body = b'{"%b":[%b]}' % (name, inner) if path.endswith("batch") else inner
    for at in (0, 1, 5, len(body) // 2, len(body)):
        spoilt = body[:at] + junk + body[at:]
        answer = desk.post(path, spoilt)
        assert answer.status_code in (400, 422), (at, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert held(desk) == before


@pytest.mark.parametrize(
    "start",
    [
        b"GET /v1/\x00 HTTP/1.1",
        b"GET /v1/house\x00 HTTP/1.1",
        b"GET /v1/intents/%00 HTTP/1.1",
        b"GET /v1/intents/%ff%fe HTTP/1.1",
        b"GET /v1/intents?owner=%00 HTTP/1.1",
        b"GET /v1/intents?owner=%ff HTTP/1.1",
        b"GET /v1/log?from=%D9%A1 HTTP/1.1",
        b"GET /v1/log?from=" + b"9" * 5_000 + b" HTTP/1.1",
        b"GET /v1/rounds/" + b"9" * 5_000 + b"/record HTTP/1.1",
        b"GET /v1/intents?" + b"a=1&" * 10_000 + b" HTTP/1.1",
        b"GET //v1//house HTTP/1.1",
        b"GET /v1/../v1/house HTTP/1.1",
        b"GET http://elsewhere.example/v1/house HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"CONNECT house:443 HTTP/1.1",
        b"get /v1/house HTTP/1.1",
        b"DELETE /v1/intents HTTP/1.1",
        b"PROPFIND /v1/intents HTTP/1.1",
        b"GET /v1/house HTTP/0.9",
        b"GET /v1/house HTTP/9.9",
        b"GET /v1/house",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM",
    ],
    ids=repr,
)
def test_odd_requests_are_answered_or_closed(desk: Desk, start: bytes) -> None:
    before = held(desk)
    found = say(desk, start[:60_000] + b"\r\nHost: house\r\nConnection: close\r\n\r\n")
    assert len(found) <= 1
    assert held(desk) == before


@pytest.mark.parametrize(
    "header",
    [
        b"X: " + b"a" * 200_000,
        b"X" * 200_000 + b": a",
        b"\r\n".join(b"X-%d: a" % number for number in range(5_000)),
        b"X\x00: a",
        b"X: \x00",
        b"X: a\r\n b",
        b"X: \xff\xfe",
        b": a",
        b"no colon",
        b"Content-Encoding: gzip",
        b"Content-Type: text/\xff",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13",
        b"Upgrade: h2c\r\nHTTP2-Settings: AAAA\r\nConnection: Upgrade, HTTP2-Settings",
        b"Origin: null",
        b"X-Forwarded-For: " + b"1.2.3.4," * 500,
        b"Last-Event-ID: \xff",
    ],
    ids=lambda header: repr(header[:24]),
)
@pytest.mark.parametrize("path", ["/v1/house", "/v1/intents"])
def test_odd_headers_are_ignored_or_refused(desk: Desk, header: bytes, path: str) -> None:
    before, body = held(desk), good() if path == "/v1/intents" else b""
    method = b"POST" if body else b"GET"
    head = b"%b %b HTTP/1.1\r\nHost: house\r\nContent-Length: %d\r\n" % (method, path.encode(), len(body))
    # After an upgrade that is not granted the server waits for a body that it takes for the other protocol's.
    found = say(desk, head + header + b"\r\n\r\n" + body, cut=b"Upgrade: w" in header)
    accepted = [answer for answer in found if answer.status == 201]
    assert held(desk) == before + len(accepted)
