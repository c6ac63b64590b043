"""The short way of a submission and the general one are one: what the first takes, the second would take likewise.

Bodies are submissions of every shape, well and badly spelt, mutated and damaged (``support.submissions``).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any

from house_fakes import (
    CONTRACTS,
    DOMAIN,
    FUNDS,
    HOUSE_SIGNER,
    NO_PAGES,
    NOW,
    A,
    B,
    FakeChain,
    ManualClock,
    key,
    open_house,
)
from hypothesis import given
from hypothesis import strategies as st
from support.asgi import Reply, ask
from support.effort import examples
from support.submissions import bodies, documents, spelt
from walras.answers import BatchRequest
from walras.digest import intent_uid
from walras.intent import check_structure
from walras.rejections import Rejection
from walras.wire import canonical
from walras_auction.api.admitting import admit_batch, parse_submission
from walras_auction.api.app import create_app
from walras_auction.api.bodies import parse
from walras_auction.api.house import ApiConfig, House
from walras_auction.api.problems import problem_of
from walras_auction.express import Express
from walras_auction.intake import Accepted, Intake, IntakeConfig
from walras_auction.log import GENESIS, Notary, chain_entry, intent_entry
from walras_auction.ports import LogEntry, NewEntry, Place, Placed, TokenFacts

many, few = examples(100), examples(15)


class Shelf:
    """The part of a store that intake needs, in memory: entries are chained as the real one chains them."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self._places: dict[str, Place] = {}

    def accept(self, entries: Sequence[NewEntry], time: int) -> list[Placed]:
        placed = []
        for entry in entries:
            new = entry.uid not in self._places
            if new:
                previous = bytes.fromhex(self.entries[-1].head[2:]) if self.entries else GENESIS
                made = chain_entry(entry, 1, len(self.entries) + 1, time, previous)
                self.entries.append(made)
                self._places[entry.uid] = Place(
                    made.kind, made.epoch, made.sequence, made.time, made.uid, made.previous, made.head
                )
            placed.append(Placed(self._places[entry.uid], new))
        return placed

    def places(self, uids: Sequence[str]) -> dict[str, Place]:
        return {uid: self._places[uid] for uid in uids if uid in self._places}


class Door:
    """An intake over a shelf, and what it announced."""

    def __init__(self, chain: FakeChain, clock: ManualClock) -> None:
        self.shelf = Shelf()
        self.announced: list[dict[str, Any]] = []
        notary = Notary(HOUSE_SIGNER, DOMAIN)
        self.intake = Intake(self.shelf, chain, clock, self, IntakeConfig(), notary)  # type: ignore[arg-type]

    def announce(self, kind: str, data: dict[str, Any]) -> Future[None]:
        self.announced.append({"kind": kind, **data})
        return Future()

    def general(self, sent: Sequence[bytes]) -> list[Any]:
        """What the general way says to each."""
        return [self._general(body) for body in sent]

    def _general(self, body: bytes) -> Accepted | Rejection:
        try:
            request = parse_submission(body)
        except Rejection as rejection:
            self.intake.refused(rejection)
            return rejection
        return self.intake.admit([request])[0]


@st.composite
def chains(draw: st.DrawFn) -> FakeChain:
    """Mostly a chain that has nothing against anybody; sometimes funds, nonces or code are not there."""
    chain, owner = FakeChain(), key(1).address
    if not draw(st.integers(0, 3)):
        return chain
    for token in (A, B):
        amounts = draw(st.lists(st.sampled_from([0, 1_000, FUNDS, 2**256 - 1]), min_size=4, max_size=4))
        chain.funds[owner, token] = TokenFacts(*amounts[:2], deposited=amounts[2], permit2=amounts[3])
    chain.epochs[owner] = draw(st.sampled_from([0, 0, 0, 1]))
    for group in (chain.taken, chain.dead):
        group.update((owner, nonce) for nonce in draw(st.sets(st.integers(0, 3), max_size=1)))
    chain.keepers = draw(st.sampled_from([set(), set(), {owner}]))
    chain.codeless = draw(st.sampled_from([set(), set(), {A}, {B}]))
    chain.down = not draw(st.integers(0, 15))
    return chain


clocks = st.sampled_from([NOW, NOW, NOW + 4, NOW + 61]).map(ManualClock)


@many
@given(spelt(documents()) | bodies)
def test_what_is_read_is_what_the_general_way_reads(body: bytes) -> None:
    quick = Express(DOMAIN, CONTRACTS).read(body)
    if quick is None:
        return
    request = parse_submission(body)
    intent = request.intent.intent()
    check_structure(intent, wrapped_native=CONTRACTS.wrapped_native, house_contracts=CONTRACTS.forbidden_receivers)
    assert (request.permits, request.terms_data) == ((), None)
    assert quick.entry == intent_entry(intent_uid(intent, DOMAIN), intent, request.signature, (), request.scheme)
    assert canonical(json.loads(quick.entry.payload)) == quick.entry.payload
    assert (quick.uid, quick.owner, quick.nonce) == (quick.entry.uid, intent.owner, intent.nonce)
    assert [(leg.token, leg.end) for leg in quick.gives] == [(leg.token, leg.end) for leg in intent.gives]
    assert [(leg.token, leg.end) for leg in quick.wants] == [(leg.token, leg.end) for leg in intent.wants]
    assert (quick.valid_from, quick.valid_to) == (intent.valid_from, intent.valid_to)


@many
@given(documents())
def test_what_is_common_takes_the_short_way(document: dict[str, Any]) -> None:
    """Or else the short way could take nothing at all and no test here would mind."""
    request = parse_submission(json.dumps({**document, "scheme": "ecdsa"}).encode())
    intent = request.intent.intent()
    try:
        check_structure(intent, wrapped_native=CONTRACTS.wrapped_native, house_contracts=CONTRACTS.forbidden_receivers)
    except Rejection:
        return
    common = len(intent.gives) == len(intent.wants) == 1 and not any(leg.moves for leg in intent.gives + intent.wants)
    bare = not request.permits and request.terms_data is None and "termsData" not in document
    signed = {**document, "scheme": "ecdsa", "signature": key(1).sign(bytes.fromhex(intent_uid(intent, DOMAIN)[2:]))}
    read = Express(DOMAIN, CONTRACTS).read(json.dumps(signed).encode())
    assert (read is not None) == (common and bare and intent.terms == "0x" + "00" * 32)


@many
@given(st.lists(bodies, min_size=1, max_size=3), chains(), clocks)
def test_both_ways_come_to_the_same(sent: list[bytes], chain: FakeChain, clock: ManualClock) -> None:
    short, general = Door(chain, clock), Door(chain, clock)
    again = [*sent, sent[0]]
    found = [short.intake.admit_bodies([body], parse_submission)[0] for body in again]
    expected = general.general(again)
    assert [_plain(outcome) for outcome in found] == [_plain(outcome) for outcome in expected]
    assert short.shelf.entries == general.shelf.entries
    assert short.announced == general.announced


@many
@given(st.lists(bodies, min_size=1, max_size=4), chains(), clocks)
def test_a_group_comes_to_the_same_but_for_its_order(sent: list[bytes], chain: FakeChain, clock: ManualClock) -> None:
    """In a group those of the short way are logged first."""
    short, general = Door(chain, clock), Door(chain, clock)
    found = short.intake.admit_bodies(sent, parse_submission)
    expected = general.general(sent)
    assert [_placeless(outcome) for outcome in found] == [_placeless(outcome) for outcome in expected]
    assert sorted(map(_payload, short.shelf.entries)) == sorted(map(_payload, general.shelf.entries))


@many
@given(st.lists(bodies, max_size=3), st.sampled_from([b"", b" ", b",", b"}", b"\x00"]), st.booleans(), chains(), clocks)
def test_a_batch_comes_to_the_same(
    sent: list[bytes], tail: bytes, twice: bool, chain: FakeChain, clock: ManualClock
) -> None:
    """The batch's parts are read one by one; the framework's parser reads them all at once."""
    body = b'{"intents":[' + b",".join(sent) + b"]" + (b',"intents":[]' if twice else b"") + b"}" + tail
    short, general = Door(chain, clock), Door(chain, clock)
    assert _short_items(short, body) == _general_items(general, body)
    assert sorted(map(_payload, short.shelf.entries)) == sorted(map(_payload, general.shelf.entries))


def _short_items(door: Door, body: bytes) -> object:
    try:
        items = json.loads(admit_batch(door.intake, body))["items"]
    except Rejection as rejection:
        return _plain(rejection)
    return [(item["status"], item["problem"]) for item in items]


def _general_items(door: Door, body: bytes) -> object:
    try:
        message = parse(BatchRequest, body)
    except Rejection as rejection:
        return _plain(rejection)
    return [_item(outcome) for outcome in door.intake.admit(message.intents)]


def _item(outcome: Accepted | Rejection) -> tuple[int, object]:
    if isinstance(outcome, Rejection):
        problem = problem_of(outcome)
        return problem.status, problem.to_json()
    return (201 if outcome.new else 200), None


def _plain(outcome: Accepted | Rejection) -> object:
    if isinstance(outcome, Rejection):
        return outcome.reason, outcome.field, outcome.detail, outcome.extra
    return outcome


def _placeless(outcome: Accepted | Rejection) -> object:
    return (outcome.place.uid, outcome.place.time) if isinstance(outcome, Accepted) else _plain(outcome)


def _payload(entry: LogEntry) -> bytes:
    return canonical(json.loads(entry.body)["payload"])


# ---------------------------------------------------------------- the two routes of each address

LIMITS = ApiConfig(max_body_bytes=8_192, max_batch_bytes=16_384, cors_origins=("https://dash.example",))
#: What only an answer to another origin carries.
CORS = {"vary", "access-control-expose-headers"}
_long = st.sampled_from([b" " * 8_193, b" " * 16_385, b"1" * 20_000])
_words = st.sampled_from(
    [b"", b"", b',"receipts":"last"', b',"receipts":"each"', b',"receipts":"none"', b',"receipt":1']
)
_batches = st.builds(
    lambda parts, word: b'{"intents":[' + b",".join(parts) + b"]" + word + b"}", st.lists(bodies, max_size=3), _words
)
_requests = st.one_of(
    st.tuples(st.just("/v1/intents"), bodies | _long),
    st.tuples(st.just("/v1/intents/batch"), _batches | bodies | _long),
)


@few
@given(st.lists(_requests, min_size=1, max_size=5), st.integers(1, 3))
def test_the_hot_routes_answer_as_the_documented_ones(sent: list[tuple[str, bytes]], chunks: int) -> None:
    """A request of another origin is served by the framework's route, all others by the bare one."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_house(Path(folder) / "hot", config=LIMITS)) as hot,
        closing(open_house(Path(folder) / "documented", config=LIMITS)) as documented,
    ):
        found = asyncio.run(_answers(hot, sent, chunks, {}))
        expected = asyncio.run(_answers(documented, sent, chunks, {"origin": "https://elsewhere.example"}))
        for ours, theirs in zip(found, expected, strict=True):
            assert (ours.status, ours.body) == (theirs.status, theirs.body)
            assert ours.headers == {name: theirs.headers[name] for name in theirs.headers.keys() - CORS}
        assert hot.store.log(1, 100) == documented.store.log(1, 100)
        assert hot.store.refusals() == documented.store.refusals()


async def _answers(
    house: House, sent: Sequence[tuple[str, bytes]], chunks: int, headers: dict[str, str]
) -> list[Reply]:
    app = create_app(house, NO_PAGES)
    answers = [await ask(app, "POST", path, body, headers, chunks) for path, body in sent]
    await asyncio.wrap_future(house.feed.announce("done", {}))
    return answers
