"""Limits: who sends too much waits, is told how long, and costs the store nothing."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from house_fakes import (
    HOUSE_SIGNER,
    NO_PAGES,
    A,
    Desk,
    FakeChain,
    ManualClock,
    a_cancel,
    a_request,
    an_intent,
    key,
    served,
)
from support.asgi import Reply, ask
from walras import Client
from walras.rejections import Reason
from walras_auction.api.app import create_app
from walras_auction.api.house import ApiConfig, House
from walras_auction.api.limits import AddressLimits
from walras_auction.api.throttle import client_key, client_of
from walras_auction.intake import IntakeConfig

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@contextmanager
def a_desk(path: Path, api: ApiConfig | None = None, intake: IntakeConfig | None = None) -> Iterator[Desk]:
    chain, clock = FakeChain(), ManualClock()
    house = House.open(path / "store.db", chain, clock, HOUSE_SIGNER, api_config=api, intake_config=intake)
    with closing(house), served(house) as url, httpx.Client(base_url=url) as http:
        yield Desk(house, chain, clock, url, http)


def addresses(per_second: float, burst: int) -> ApiConfig:
    return ApiConfig(addresses=AddressLimits(per_second, burst))


def body(number: int = 1, **changes: Any) -> str:
    return a_request(number, **changes).model_dump_json(by_alias=True)


def refused(answer: httpx.Response | Reply, seconds: str) -> None:
    assert (answer.status_code if isinstance(answer, httpx.Response) else answer.status) == 429
    assert answer.headers["retry-after"] == seconds
    problem = json.loads(answer.content if isinstance(answer, httpx.Response) else answer.body)
    assert (problem["reason"], problem["retryAfter"]) == (Reason.RATE_LIMITED.value, seconds)
    assert problem["title"] == Reason.RATE_LIMITED.sentence


# ---------------------------------------------------------------- owners


def test_an_owner_waits_and_others_do_not(tmp_path: Path) -> None:
    with a_desk(tmp_path, intake=IntakeConfig(owner_per_second=0.5, owner_burst=2)) as desk:
        for nonce in (1, 2):
            assert desk.post("/v1/intents", body(nonce=nonce)).status_code == 201
        refused(desk.post("/v1/intents", body(nonce=3)), "2")
        assert desk.post("/v1/intents", body(2)).status_code == 201
        assert desk.post("/v1/intents", body(nonce=2)).status_code == 200  # held already
        desk.clock.time += 2
        assert desk.post("/v1/intents", body(nonce=3)).status_code == 201
        assert desk.held() == (4, 4)


def test_nobody_uses_up_anothers_tokens(tmp_path: Path) -> None:
    """Only a signature says whose intent it is."""
    with a_desk(tmp_path, intake=IntakeConfig(owner_per_second=1, owner_burst=1)) as desk:
        forged = json.loads(body())
        forged["intent"]["nonce"] = "77"
        for _ in range(5):
            assert desk.post("/v1/intents", json.dumps(forged)).json()["reason"] == "bad_signature"
        assert desk.post("/v1/intents", body()).status_code == 201


def test_the_general_way_counts_as_well(tmp_path: Path) -> None:
    """64-byte signatures, say, or intents that the chain refuses."""
    with a_desk(tmp_path, intake=IntakeConfig(owner_per_second=1, owner_burst=2)) as desk:
        desk.chain.set_funds(key(1).address, A, 5)
        answers = [desk.post("/v1/intents", body(nonce=nonce)) for nonce in range(4)]
        assert [answer.json()["reason"] for answer in answers[:2]] == ["insufficient_balance"] * 2
        for answer in answers[2:]:
            refused(answer, "1")


def test_in_a_batch_the_rest_is_told_when(tmp_path: Path) -> None:
    with a_desk(tmp_path, intake=IntakeConfig(owner_per_second=1, owner_burst=3)) as desk:
        items = [json.loads(body(nonce=nonce)) for nonce in range(5)]
        answer = desk.post("/v1/intents/batch", json.dumps({"intents": items})).json()["items"]
        assert [item["status"] for item in answer] == [201] * 3 + [429] * 2
        assert answer[4]["problem"]["retryAfter"] == "1"


def test_cancels_are_not_held_up(tmp_path: Path) -> None:
    with a_desk(tmp_path, intake=IntakeConfig(owner_per_second=1, owner_burst=1)) as desk:
        uid = desk.post("/v1/intents", body()).json()["uid"]
        refused(desk.post("/v1/intents", body(nonce=2)), "1")
        answer = desk.post("/v1/cancels", a_cancel(uid, key(1)).model_dump_json(by_alias=True))
        assert answer.status_code == 200


def test_an_owner_without_the_funds_for_more_is_told_the_sums(tmp_path: Path) -> None:
    with a_desk(tmp_path, intake=IntakeConfig(backing=2)) as desk:
        desk.chain.set_funds(key(1).address, A, 1_000)
        answers = [desk.post("/v1/intents", body(nonce=nonce)) for nonce in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, Reason.TOO_MANY_OPEN.status]
        problem = answers[2].json()
        assert (problem["reason"], problem["field"]) == (Reason.TOO_MANY_OPEN.value, "gives[0]")
        assert "2000 atoms" in problem["detail"]
        assert desk.held() == (2, 2)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("path", ["/v1/house", "/v1/intents", "/v1/log", "/healthz", "/v1/nothing"])
def test_any_request_of_the_api_counts(tmp_path: Path, path: str) -> None:
    with a_desk(tmp_path, addresses(1, 2)) as desk:
        answers = [desk.http.get(path) for _ in range(3)]
        assert 429 not in [answer.status_code for answer in answers[:2]]
        refused(answers[2], "1")
        assert answers[2].headers["x-content-type-options"] == "nosniff"
        desk.clock.time += 1
        assert desk.http.get(path).status_code == answers[0].status_code


def test_a_long_body_is_paid_for_afterwards(tmp_path: Path) -> None:
    with a_desk(tmp_path, addresses(1, 2)) as desk:
        assert desk.post("/v1/intents/batch", b" " * 9 * 1024).status_code == 400
        refused(desk.http.get("/v1/house"), "9")


def test_a_flood_writes_one_event(tmp_path: Path) -> None:
    with a_desk(tmp_path, addresses(1, 1)) as desk:
        desk.post("/v1/intents", body())
        for nonce in range(50):
            refused(desk.post("/v1/intents", body(nonce=nonce)), "1")
        desk.house.intake.flush()
        desk.house.feed.announce("done", {}).result()
        assert desk.held() == (1, 1)
        assert desk.house.store.refusals() == {"rate_limited": 50}
        kinds = [event.kind for event in desk.house.store.events(0, 100)]
        assert 1 <= kinds.count("refused") <= 3  # a sum a second, however long this took


def test_what_is_counted_is_written_at_the_end(tmp_path: Path) -> None:
    with a_desk(tmp_path, addresses(1, 1)) as desk:
        for _ in range(3):
            desk.http.get("/v1/house")
    with a_desk(tmp_path) as desk:
        assert desk.house.store.refusals() == {"rate_limited": 2}


def test_the_client_waits_as_it_is_told(tmp_path: Path) -> None:
    with a_desk(tmp_path, addresses(0.5, 1)) as desk:

        def sleep(seconds: float) -> None:
            desk.clock.time += int(seconds)

        with Client(desk.url, sleep=sleep) as client:
            assert client.submit(an_intent(key(1)), key(1)).sequence == 1
        assert desk.clock.time > ManualClock().time


async def _statuses(house: House, sent: list[tuple[str, str | None]]) -> list[int]:
    app = create_app(house, NO_PAGES)
    return [
        (await ask(app, "GET", "/v1/house", headers={"x-forwarded-for": said} if said else {}, client=peer)).status
        for peer, said in sent
    ]


def test_clients_behind_a_trusted_proxy_are_told_apart(tmp_path: Path) -> None:
    import asyncio

    limits = ApiConfig(addresses=AddressLimits(1, 1, PROXIES))
    house = House.open(tmp_path / "store.db", FakeChain(), ManualClock(), HOUSE_SIGNER, api_config=limits)
    with closing(house):
        sent = [("10.0.0.1", "198.51.100.1"), ("10.0.0.1", "198.51.100.2"), ("10.0.0.2", "9.9.9.9, 198.51.100.1")]
        assert asyncio.run(_statuses(house, sent)) == [200, 200, 429]


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # no proxy of ours: its word counts nothing
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what a client wrote before its proxy's word
        ("10.0.0.1", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, junk", "10.0.0.1"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", None, "203.0.113.5"),
        ("", "198.51.100.1", "?"),
    ],
)
def test_who_the_client_is(peer: str, said: str | None, client: str) -> None:
    headers = [] if said is None else [(b"x-forwarded-for", said.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    assert client_of(scope, PROXIES) == client


def test_a_client_without_an_address_has_a_key_too() -> None:
    assert client_of({"type": "http", "client": None, "headers": []}, ()) == "?"
    assert client_key("not an address") == "?"
