"""The auditors' routes: proofs that hold, roots on chain, refusals by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from house_fakes import NO_PAGES, ManualClock, a_request, open_house, served
from support.ledgers import FakeLedger
from walras.log_proofs import ConsistencyProof, InclusionProof, LogRoot, RootPage
from walras.merkle import EMPTY_ROOT, leaf_hash, leaf_index, verify_consistency, verify_inclusion
from walras.rejections import Reason
from walras_auction.api.app import create_app
from walras_auction.api.house import House
from walras_auction.proofs import LogProofs
from walras_auction.rootposts import RootPosts
from walras_auction.server import serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db")) as house:
        yield house


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def posts(house: House, ledger: FakeLedger) -> RootPosts:
    proofs = LogProofs(house.store, house.store.log_epoch())
    return RootPosts(proofs, ledger, lambda: None, ManualClock(), lambda _: None)


@pytest.fixture
def http(house: House, posts: RootPosts) -> Iterator[httpx.Client]:
    with serving(create_app(house, NO_PAGES, posts), "127.0.0.1", 0) as url, httpx.Client(base_url=url) as http:
        yield http
        house.feed.close()


def submit(house: House, count: int) -> list[Any]:
    start = house.store.snapshot(0).log_length
    return [house.intake.submit(a_request(1, nonce=start + number)) for number in range(count)]


def words(proof: tuple[str, ...]) -> list[bytes]:
    return [bytes.fromhex(word[2:]) for word in proof]


def word(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def test_the_root_of_a_log_that_is_empty(http: httpx.Client, ledger: FakeLedger) -> None:
    answer = LogRoot.model_validate_json(http.get("/v1/log/root").content)
    assert (answer.size, word(answer.root), answer.ledger, answer.posted) == (0, EMPTY_ROOT, ledger.address, None)


def test_inclusion_and_consistency_hold(http: httpx.Client, house: House) -> None:
    receipts = submit(house, 7)
    for sequence in range(1, 8):
        proof = InclusionProof.model_validate_json(http.get(f"/v1/log/inclusion?sequence={sequence}").content)
        leaf = leaf_hash(word(receipts[sequence - 1].head))
        assert (proof.size, proof.head) == (7, receipts[sequence - 1].head)
        assert verify_inclusion(word(proof.root), 7, leaf_index(sequence), leaf, words(proof.proof))
        grown = ConsistencyProof.model_validate_json(http.get(f"/v1/log/consistency?from={sequence}").content)
        assert grown.root == proof.root
        assert verify_consistency(word(grown.from_root), sequence, word(grown.root), 7, words(grown.proof))
    older = InclusionProof.model_validate_json(http.get("/v1/log/inclusion?sequence=2&size=5").content)
    assert older.root == http.get("/v1/log/consistency?from=5&size=6").json()["fromRoot"]


def test_the_roots_on_chain_are_shown_by_size(http: httpx.Client, house: House, posts: RootPosts) -> None:
    for _ in range(3):
        submit(house, 2)
        posts.post()
    submit(house, 1)
    root = LogRoot.model_validate_json(http.get("/v1/log/root").content)
    assert root.size == 7
    assert root.posted is not None
    assert root.posted.size == 6
    page = RootPage.model_validate_json(http.get("/v1/log/roots?limit=2").content)
    assert ([posted.size for posted in page.roots], page.next) == ([2, 4], 4)
    rest = RootPage.model_validate_json(http.get(f"/v1/log/roots?limit=2&after={page.next}").content)
    assert ([posted.size for posted in rest.roots], rest.next) == ([6], None)
    assert page.roots[0].log_root == http.get("/v1/log/consistency?from=2").json()["fromRoot"]


@pytest.mark.parametrize(
    ("path", "status", "reason", "field"),
    [
        ("inclusion?sequence=4", 404, Reason.NOT_IN_LOG, "sequence"),
        ("inclusion?sequence=3&size=2", 404, Reason.NOT_IN_LOG, "sequence"),
        ("inclusion?sequence=1&size=4", 404, Reason.NOT_IN_LOG, "size"),
        ("consistency?from=3&size=2", 404, Reason.NOT_IN_LOG, "from"),
        ("consistency?from=1&size=9", 404, Reason.NOT_IN_LOG, "size"),
        ("inclusion?sequence=0", 422, Reason.MALFORMED, "sequence"),
        ("inclusion", 422, Reason.MALFORMED, "sequence"),
        ("inclusion?sequence=1&size=0", 422, Reason.MALFORMED, "size"),
        (f"inclusion?sequence={2**63}", 422, Reason.MALFORMED, "sequence"),
        ("consistency?from=-1", 422, Reason.MALFORMED, "from"),
        ("roots?limit=0", 422, Reason.MALFORMED, "limit"),
        ("roots?after=x", 422, Reason.MALFORMED, "after"),
    ],
)
def test_what_the_log_never_was_is_refused_by_name(
    http: httpx.Client, house: House, path: str, status: int, reason: Reason, field: str
) -> None:
    submit(house, 3)
    answer = http.get(f"/v1/log/{path}")
    assert (answer.status_code, answer.json()["reason"], answer.json()["field"]) == (status, reason.value, field)
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_document_describes_the_routes(http: httpx.Client) -> None:
    paths = http.get("/v1/openapi.json").json()["paths"]
    for name in ("inclusion", "consistency"):
        responses = paths[f"/v1/log/{name}"]["get"]["responses"]
        assert "`not_in_log`" in responses["404"]["description"]
        assert "422" in responses
    assert {"/v1/log/root", "/v1/log/roots"} <= paths.keys()


def test_a_house_without_a_ledger_proves_all_the_same(house: House) -> None:
    submit(house, 3)
    with served(house) as url, httpx.Client(base_url=url) as http:
        root = http.get("/v1/log/root").json()
        assert (root["size"], root["ledger"], root["posted"]) == (3, None, None)
        assert http.get("/v1/log/roots").json() == {"roots": [], "next": None}
        assert http.get("/v1/log/inclusion?sequence=2").json()["root"] == root["root"]
