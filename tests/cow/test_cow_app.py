"""The service over HTTP: statuses, sizes, names of requests."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from support.asgi import Reply, ask
from support.cow import E6, E18, NOW, POOLS, USDC, WETH, InProcess, auction, order, schema
from walras.cow.app import create_app
from walras.cow.service import CowService
from walras.solver import load

ASKED = auction(order(1, (WETH, E18), (USDC, 1_900 * E6)))


def post(path: str, body: Any, name: str = "", **rest: Any) -> Reply:
    """Send it to an engine; ``rest`` goes to the application."""
    app = create_app(CowService([InProcess(load("naive"))], now=lambda: NOW), **rest)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return asyncio.run(ask(app, "POST", path, content, {"X-Request-Id".lower(): name} if name else {}, chunks=3))


def test_an_auction_is_answered_under_its_name() -> None:
    reply = post("/solve", ASKED, "a-17")
    assert (reply.status, reply.headers["x-request-id"]) == (200, "a-17")
    answer = json.loads(reply.body)
    schema("SolveResponse").validate(answer)
    assert answer["solutions"]


def test_a_body_of_more_than_ten_million_bytes_is_read() -> None:
    body = json.dumps({**ASKED, "liquidity": [*POOLS, *[{"kind": "else", "more": "x" * 1_000}] * 11_000]}).encode()
    assert len(body) > 11_000_000
    assert json.loads(post("/solve", body).body)["solutions"]


@pytest.mark.parametrize("path", ["/solve", "/notify"])
def test_a_body_above_the_bound_is_not_read(path: str) -> None:
    reply = post(path, b" " * 1_001, most_body=1_000)
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (413, "other")


@pytest.mark.parametrize("path", ["/solve", "/notify"])
def test_nonsense_is_refused(path: str) -> None:
    reply = post(path, b"{nonsense", "b")
    assert (reply.status, reply.headers["x-request-id"]) == (400, "b")


def test_a_name_that_does_not_fit_a_log_is_left_out() -> None:
    assert "x-request-id" not in post("/solve", ASKED, "a" * 129).headers


@pytest.mark.parametrize("kind", ["timeout", "success", "somethingNew"])
def test_notifications_are_taken(kind: str) -> None:
    told = {"auctionId": "17", "solutionId": 0, "kind": kind, "transaction": "0x" + "00" * 32}
    assert post("/notify", told).status == 200


def test_it_says_that_it_is_there() -> None:
    app = create_app(CowService([InProcess(None)]))
    assert asyncio.run(ask(app, "GET", "/healthz")).body == b"ok"
