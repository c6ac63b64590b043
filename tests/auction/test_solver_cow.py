"""The door to an engine of CoW: whatever its server does, an answer or a named reason comes in time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from support.cow import schema
from support.desk import ONE_GWEI, Desk, row_of
from support.hostile import Script, Scripted, reply, scripted
from support.offence import assert_the_honest_bid_won, honest
from support.world import person
from walras.rejections import Reason
from walras.testing.market import a_market
from walras.wire import Answer, Notice
from walras_auction.bids import SolverIdentity
from walras_auction.config import SolverSection
from walras_auction.infra.solver_cow import CowDoor
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.invite import DoorError
from walras_auction.roles import door_to

IDENTITY = SolverIdentity("rival", person("rival").address)
BATCH = (
    a_market()
    .with_token("WETH", price=1)
    .with_token("USDC", decimals=6, price="0.0005")
    .with_sell("alice", give=("WETH", 1), want=("USDC", 1_900))
    .batch()
)
QUESTION = b'{"method":"solve","batch":' + BATCH.model_dump_json(by_alias=True).encode() + b"}\n"
GENEROUS = 60_000
NOTHING = b'{"solutions":[]}'


def door_of(server: Scripted, **rest: Any) -> CowDoor:
    return CowDoor(IDENTITY, server.url, **rest)


def refusal(script: Script, deadline_ms: int = GENEROUS, **rest: Any) -> DoorError:
    with scripted(script) as server, pytest.raises(DoorError) as caught:
        door_of(server, **rest).ask(QUESTION, deadline_ms)
    return caught.value


def test_a_question_conforms_and_its_answer_comes_back() -> None:
    with scripted(reply(NOTHING)) as server:
        door = door_of(server)
        assert door.standing().state == "starting"
        answer = Answer.model_validate_json(door.ask(QUESTION, GENEROUS))
        path, body = server.sent.get()
    schema("SolveRequest").validate(json.loads(body))
    assert (path, answer.round, answer.solutions) == ("/solve", BATCH.round, ())
    assert door.standing().state == "ready"


def test_gas_is_told_at_the_configured_part_of_its_price() -> None:
    batch = BATCH.model_copy(update={"gas": BATCH.gas.model_copy(update={"price": 3})})
    with scripted(reply(NOTHING)) as server:
        message = b'{"method":"solve","batch":' + batch.model_dump_json(by_alias=True).encode() + b"}\n"
        door_of(server, gas_percent=150).ask(message, GENEROUS)
        assert json.loads(server.sent.get()[1])["effectiveGasPrice"] == "5"


def test_a_batch_that_holds_nothing_for_it_is_not_sent() -> None:
    empty = BATCH.model_copy(update={"intents": ()})
    with scripted(reply(NOTHING)) as server:
        message = b'{"method":"solve","batch":' + empty.model_dump_json(by_alias=True).encode() + b"}\n"
        assert Answer.model_validate_json(door_of(server).ask(message, GENEROUS)).solutions == ()
        assert server.sent.empty()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (reply(b"{nonsense"), Reason.ANSWER_MALFORMED),
        (reply(b"[" * 90_000), Reason.ANSWER_MALFORMED),
        (reply(b'{"solutions":[{"id":-1}]}'), Reason.ANSWER_MALFORMED),
        (reply(b"\x1f\x8b\x08", content_encoding="gzip"), Reason.ANSWER_MALFORMED),
        (reply(NOTHING, 500), Reason.ANSWER_MALFORMED),
        (reply(b"", 307, location="/solve"), Reason.ANSWER_MALFORMED),
        (reply(b" " * 100_001), Reason.ANSWER_TOO_LARGE),
        (lambda handler: handler.connection.close(), Reason.SOLVER_CRASHED),
        (lambda handler: handler.wfile.write(b"nothing like HTTP\r\n\r\n"), Reason.SOLVER_CRASHED),
    ],
)
def test_what_a_server_may_do_wrong_has_a_name(script: Script, reason: Reason) -> None:
    assert refusal(script, answer_bytes=100_000).reason is reason


def test_a_server_that_is_not_there_is_named() -> None:
    with scripted(reply(NOTHING)) as server:
        door = door_of(server)
    with pytest.raises(DoorError) as caught:
        door.ask(QUESTION, GENEROUS)
    assert caught.value.reason is Reason.SOLVER_CRASHED
    standing = door.standing()
    assert (standing.state, standing.reason) == ("failing", "solver_crashed")


def _waits(handler: BaseHTTPRequestHandler) -> None:
    handler.server.released.wait()  # type: ignore[attr-defined]


def _drips(handler: BaseHTTPRequestHandler) -> None:
    """A header without end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
    while not handler.server.released.wait(0.02):  # type: ignore[attr-defined]
        handler.wfile.write(b"x")


@pytest.mark.parametrize("script", [_waits, _drips])
def test_a_server_that_is_late_is_left_behind(script: Script) -> None:
    assert refusal(script, 200).reason is Reason.SOLVER_TIMEOUT


def test_one_that_holds_many_questions_is_not_asked_more() -> None:
    with scripted(_drips) as server:
        door = door_of(server)
        details = []
        for _ in range(6):
            with pytest.raises(DoorError) as caught:
                door.ask(QUESTION, 100)
            details.append(caught.value.detail)
        assert details[-1] == "earlier questions are still open"


def test_the_engine_hears_of_its_solutions_under_its_own_numbers() -> None:
    odd = {"id": 41, "prices": {}, "trades": [], "interactions": [], "wrappers": [1]}
    with scripted(reply(json.dumps({"solutions": [{**odd, "wrappers": []}, {**odd, "id": 42}]}).encode())) as server:
        door = door_of(server)
        door.ask(QUESTION, GENEROUS)
        server.sent.get()
        first = json.loads(server.sent.get(timeout=30)[1])
        assert (first["solutionId"], first["kind"]) == (42, "deserializationError")
        refused = Reason.EMPTY_SOLUTION.value
        door.tell([Notice(round=BATCH.round, solution=0, status="refused", reason=refused)])
        path, body = server.sent.get(timeout=30)
    assert (path, json.loads(body)["solutionId"], json.loads(body)["kind"]) == ("/notify", 41, "emptySolution")


def test_a_hostile_engine_costs_the_round_nothing(desk: Desk, market: tuple[str, str]) -> None:
    with scripted(reply(b'{"solutions":[{"id":1,"prices":{"0x":1}}]}')) as server:
        outcome = desk.round(honest(market), door_of(server))
    assert_the_honest_bid_won(desk, market, outcome)
    (failure,) = outcome.record["inputs"]["failures"]
    assert (failure["solver"], failure["reason"]) == ("rival", "answer_malformed")


@contextmanager
def served(engine: str, *options: str) -> Iterator[str]:
    """``walras solver serve`` on loopback; its address."""
    command = [
        sys.executable,
        "-m",
        "walras.cli",
        "solver",
        "serve",
        engine,
        "--protocol",
        "cow",
        "--port",
        "0",
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1].removesuffix("/solve")
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def test_a_round_settles_with_the_bid_of_our_own_engine_served_as_one_of_cow(
    desk: Desk, market: tuple[str, str]
) -> None:
    desk.terms = replace(desk.terms, gas=ONE_GWEI)
    before = desk.world.held(person("alice").address, "USDC")
    native = desk.world.token("WETH")
    with served("router", "--wrapped-native", native, "--processes", "1") as url:
        outcome = desk.round(CowDoor(IDENTITY, url))
    rows = [row for row in outcome.record["verdict"]["bids"] if row["status"] == "won"]
    assert [row["solver"] for row in rows] == ["rival"], outcome.record["verdict"]["bids"]
    assert desk.stored(market[0]).state == "filled"
    assert desk.world.held(person("alice").address, "USDC") - before > 1_900 * 10**6
    assert row_of(outcome.record, "rival", rows[0]["solution"])["reason"] is None


def test_an_engine_at_a_url_is_configured_with_its_account() -> None:
    section = SolverSection(name="far", address=IDENTITY.address, cow_url="http://127.0.0.1:9/")
    assert isinstance(door_to(section), CowDoor)
    assert door_to(section).identity == SolverIdentity("far", IDENTITY.address)
    assert isinstance(door_to(SolverSection(name="router", address=IDENTITY.address)), SolverProcess)
    with pytest.raises(ValueError, match="cow_url"):
        SolverSection(name="far", address=IDENTITY.address, cow_url="file:///etc/passwd")
