"""The waiting client against a real house, and against houses that lie or stumble."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import walras
from house_fakes import DOMAIN, HOUSE_SIGNER, NOW, A, B, FakeChain, an_intent, key, open_house, served
from walras import ChainedReceipt, Client, Order, Reason, Receipt, WalrasError, intent_uid
from walras.audit_outcome import Outcome
from walras.calls import UntrustedHouseError, backoff
from walras.digest import Domain
from walras.wire import Amended
from walras_auction.api.house import House
from walras_auction.ports import IntentUpdate

ALICE = key(1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db", FakeChain())) as house:
        yield house


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    with served(house) as url, Client(url) as client:
        yield client


class Flaky(httpx.HTTPTransport):
    """Sends every request, then loses the answers of the first ``losses``."""

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.losses = losses
        self.requests: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        self.requests.append(f"{request.method} {request.url.path}")
        if self.losses:
            self.losses -= 1
            response.close()
            raise httpx.ReadError("connection reset")
        return response


class Lying(httpx.HTTPTransport):
    """Changes the house's answers on the way."""

    def __init__(self, path: str, change: Callable[[dict[str, object]], None]) -> None:
        super().__init__()
        self._path, self._change = path, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path != self._path:
            return response
        answer = json.loads(response.read())
        self._change(answer)
        return httpx.Response(response.status_code, json=answer)


def test_the_public_names_load() -> None:
    for name in walras.__all__:
        assert getattr(walras, name) is not None
    with pytest.raises(AttributeError):
        walras.nothing  # noqa: B018


def test_submit_gives_a_checked_receipt(client: Client, house: House) -> None:
    intent = an_intent(ALICE)
    receipt = client.submit(intent, ALICE)
    assert receipt.uid == intent_uid(intent, DOMAIN)
    assert client.submit(intent, ALICE) == receipt
    assert client.receipt(receipt.uid) == receipt
    assert [stored.intent for stored in house.store.open_intents()] == [intent]


def test_a_finished_signature_does_as_well_as_a_key(client: Client) -> None:
    intent = an_intent(ALICE)
    signature = ALICE.sign(bytes.fromhex(intent_uid(intent, DOMAIN)[2:]))
    assert client.submit(intent, signature).sequence == 1


def test_a_refusal_raises_with_its_problem(client: Client) -> None:
    with pytest.raises(WalrasError, match="422 expired") as refused:
        client.submit(an_intent(ALICE, valid_to=NOW - 1), ALICE)
    assert refused.value.reason is Reason.EXPIRED
    assert refused.value.problem.field == "validTo"


def test_many_orders_get_receipts_and_errors_in_their_places(client: Client) -> None:
    orders = [Order(an_intent(ALICE, nonce=nonce, valid_to=NOW - (nonce == 2)), ALICE) for nonce in (1, 2, 3)]
    first, second, third = client.submit_many(orders)
    assert isinstance(second, WalrasError)
    assert second.reason is Reason.EXPIRED
    assert not isinstance(first, WalrasError)
    assert not isinstance(third, WalrasError)
    assert (first.sequence, third.sequence) == (1, 2)


def test_more_orders_than_a_request_holds_are_split(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walras.client_batch.BATCH_SIZE", 2)
    outcomes = client.submit_many([Order(an_intent(ALICE, nonce=nonce), ALICE) for nonce in range(5)])
    assert [outcome.sequence for outcome in outcomes if not isinstance(outcome, WalrasError)] == [1, 2, 3, 4, 5]


def test_many_orders_under_one_signature(client: Client, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walras.client_batch.BATCH_SIZE", 3)
    orders = [Order(an_intent(ALICE, nonce=nonce, valid_to=NOW - (nonce == 1)), ALICE) for nonce in range(5)]
    outcomes = client.submit_many(orders, receipts="last")
    assert [type(one) for one in outcomes] == [ChainedReceipt, WalrasError, Receipt, ChainedReceipt, Receipt]
    for one in outcomes:
        if isinstance(one, ChainedReceipt):
            assert client.receipt(one.uid).head == one.head
            assert client.audit(one).outcome is Outcome.PROVEN


def test_a_lie_in_a_batch_is_found_out(house: House) -> None:
    lying = Lying("/v1/intents/batch", lambda answer: answer["items"][0]["place"].update(sequence=9))  # type: ignore[index]
    orders = [Order(an_intent(ALICE, nonce=nonce), ALICE) for nonce in range(3)]
    with (
        served(house) as url,
        Client(url, transport=lying) as client,
        pytest.raises(UntrustedHouseError, match="entry 9 is not the hash of what was sent"),
    ):
        client.submit_many(orders, receipts="last")


def test_cancel_and_status(client: Client) -> None:
    uid = client.submit(an_intent(ALICE), ALICE).uid
    assert client.status(uid).state == "open"
    receipt = client.cancel(uid, ALICE)
    assert (receipt.kind, receipt.uid) == ("cancel", uid)
    assert client.status(uid).state == "cancelled"


def test_wait_returns_when_the_intent_is_no_longer_open(house: House) -> None:
    def settle(_: float) -> None:
        house.store.update_intents([IntentUpdate(uid, "filled", 1000, None, "")])

    with served(house) as url, Client(url, sleep=settle) as client:
        uid = client.submit(an_intent(ALICE), ALICE).uid
        assert client.wait(uid).state == "filled"


def test_wait_gives_up_in_the_end(house: House) -> None:
    waited: list[float] = []
    with served(house) as url, Client(url, sleep=waited.append) as client:
        uid = client.submit(an_intent(ALICE), ALICE).uid
        assert client.wait(uid, timeout=5, interval=1).state == "open"
    assert waited == [1] * 5


def test_nonces_go_on_after_the_last_one_known(client: Client) -> None:
    client.submit(an_intent(ALICE, nonce=41), ALICE)
    assert [client.next_nonce(ALICE.address) for _ in range(2)] == [42, 43]
    assert client.next_nonce(key(2).address) == 0
    assert client.next_nonce(key(2).address, epoch=1) == 1 << 192


def test_a_lost_answer_is_asked_for_again_and_counts_once(house: House) -> None:
    flaky, waited = Flaky(losses=2), []
    with served(house) as url, Client(url, transport=flaky, sleep=waited.append) as client:
        flaky.losses = 0
        client.house()
        flaky.losses = 2
        receipt = client.submit(an_intent(ALICE), ALICE)
    assert receipt.sequence == 1
    assert flaky.requests.count("POST /v1/intents") == 3
    assert waited == [backoff(0), backoff(1)]
    assert house.store.snapshot(0).log_length == 1


def test_a_house_that_stays_away_raises(house: House) -> None:
    lost, patient = Flaky(losses=99), lambda _: None
    with served(house) as url, Client(url, transport=lost, sleep=patient) as client, pytest.raises(httpx.ReadError):
        client.house()
    assert len(lost.requests) == 4


@pytest.mark.parametrize(
    ("field", "value"), [("sequence", 7), ("uid", "0x" + "12" * 32), ("head", "0x" + "34" * 32), ("signature", "0x12")]
)
def test_a_receipt_that_was_tampered_with_is_not_believed(house: House, field: str, value: object) -> None:
    lying = Lying("/v1/intents", lambda answer: answer.update({field: value}))
    with served(house) as url, Client(url, transport=lying) as client, pytest.raises(UntrustedHouseError):
        client.submit(an_intent(ALICE), ALICE)


def test_a_pinned_house_must_be_that_house(house: House) -> None:
    with served(house) as url:
        with Client(url, domain=DOMAIN, house_signer=HOUSE_SIGNER.address) as client:
            assert client.house().house_signer == HOUSE_SIGNER.address
        with Client(url, house_signer=ALICE.address) as client, pytest.raises(UntrustedHouseError):
            client.house()
        with Client(url, domain=Domain(1, DOMAIN.settlement)) as client, pytest.raises(UntrustedHouseError):
            client.house()


def test_an_answer_that_is_no_problem_document_still_raises_plainly() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(502, text="<html>bad gateway"))
    with Client("http://proxy", transport=transport) as client, pytest.raises(WalrasError, match="502 http: <html>"):
        client.house()


def test_watch_yields_events_and_filters_by_intent(client: Client) -> None:
    mine = client.submit(an_intent(ALICE), ALICE).uid
    other = client.submit(an_intent(key(2)), key(2)).uid
    client.cancel(mine, ALICE)
    with closing(client.watch(after=0)) as events:
        assert [next(events).kind for _ in range(3)] == ["accepted", "accepted", "cancelled"]
    with closing(client.watch(mine, after=0)) as events:
        assert [next(events).kind for _ in range(2)] == ["accepted", "cancelled"]
    with closing(client.watch(other, after=0)) as events:
        assert next(events).data["uid"] == other


class Cut(httpx.HTTPTransport):
    """Ends every event stream after its first event."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path != "/v1/feed":
            return response
        text = b""
        for chunk in response.iter_raw():
            text += chunk
            if b"data:" in text and b"\n\n" in text[text.index(b"data:") :]:
                break
        response.close()
        end = text.index(b"\n\n", text.index(b"data:")) + 2
        return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=text[:end])


def test_watch_resumes_a_cut_stream_without_loss_or_repetition(house: House) -> None:
    with served(house) as url, Client(url, transport=Cut(), sleep=lambda _: None) as client:
        for number in range(4):
            house.feed.publish("tick", {"number": number})
        with closing(client.watch(after=0)) as events:
            assert [next(events).data["number"] for _ in range(4)] == [0, 1, 2, 3]


def test_a_refused_watch_raises_its_problem(client: Client) -> None:
    with pytest.raises(WalrasError, match="malformed"):
        next(client.watch(after=-5))


def test_readers_get_rounds_log_book_and_state(client: Client) -> None:
    client.submit(an_intent(ALICE), ALICE)
    assert client.rounds().rounds == ()
    assert [line.kind for line in client.log().entries] == ["intent"]
    assert [level.amount for level in client.book(A, B).asks] == [1000]
    assert client.state().intents == {"open": 1}
    with pytest.raises(WalrasError) as refused:
        client.record(1)
    assert refused.value.reason is Reason.NOT_FOUND


class Busy(httpx.HTTPTransport):
    """Says "too many requests" to the first ``refusals``, with the waits of ``asked`` in their order."""

    def __init__(self, *asked: str) -> None:
        super().__init__()
        self.asked = list(asked)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.asked:
            return httpx.Response(429, headers=[(b"Retry-After", self.asked.pop(0).encode("latin-1"))], content=b"{}")
        return super().handle_request(request)


def test_a_busy_house_is_asked_again_when_it_says(house: House) -> None:
    waited: list[float] = []
    with served(house) as url, Client(url, transport=Busy("2", "7"), sleep=waited.append) as client:
        client.house()
    assert waited == [2.0, 7.0]


@pytest.mark.parametrize("asked", [("1",) * 9, ("61",), ("soon",), ("",), ("-1",), ("²",)])
def test_a_house_that_asks_for_too_much_is_left_to_the_program(house: House, asked: tuple[str, ...]) -> None:
    waited: list[float] = []
    with (
        served(house) as url,
        Client(url, transport=Busy(*asked), sleep=waited.append) as client,
        pytest.raises(WalrasError) as refused,
    ):
        client.house()
    assert refused.value.problem.status == 429
    assert waited == ([1.0] * 3 if len(asked) > 1 else [])


def test_cancels_by_word_and_epoch_are_checked_and_hold_for_what_comes_later(client: Client) -> None:
    first, second = (client.submit(an_intent(ALICE, nonce=nonce), ALICE).uid for nonce in (1, 300))
    word = client.cancel_word(0, ALICE)
    assert (word.kind, word.first_round, client.status(first).cancel) == ("cancel", 1, word)
    with pytest.raises(WalrasError, match="409 cancelled_before"):
        client.submit(an_intent(ALICE, nonce=2), ALICE)
    client.cancel_epoch(0, ALICE)
    assert client.status(second).state == "cancelled"


def test_many_cancels_get_receipts_and_errors_in_their_places(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("walras.client_cancel.CANCEL_BATCH_SIZE", 2)
    uids = [client.submit(an_intent(ALICE, nonce=nonce), ALICE).uid for nonce in range(3)]
    house.store.update_intents([IntentUpdate(uids[1], "filled", 1000, None, "")])
    first, second, third = client.cancel_many(uids, ALICE)
    assert isinstance(second, WalrasError)
    assert second.reason is Reason.NOT_CANCELLABLE
    assert [one.uid for one in (first, third) if not isinstance(one, WalrasError)] == [uids[0], uids[2]]


def test_amend_gives_both_receipts(client: Client) -> None:
    old = client.submit(an_intent(ALICE), ALICE).uid
    better = an_intent(ALICE, want=(B, 950))
    amended = client.amend(old, better, ALICE)
    assert amended.replaced is not None
    assert (amended.uid, amended.replaced.uid) == (intent_uid(better, DOMAIN), old)
    third = an_intent(ALICE, want=(B, 951))
    (outcome,) = client.submit_many([Order(third, ALICE, replaces=amended.uid)])
    assert isinstance(outcome, Amended)
    assert outcome.replaced == client.status(amended.uid).cancel
    with pytest.raises(WalrasError, match="not_amendable"):
        client.amend(old, an_intent(ALICE, want=(B, 952)), ALICE)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "intent"),
        ("firstRound", 0),
        ("firstRound", 9),
        ("body", "{}"),
        ("body", None),
        ("uid", "0x" + "12" * 32),
    ],
)
def test_a_house_that_changes_the_receipt_of_a_cancel_is_found_out(house: House, field: str, value: object) -> None:
    lying = Lying("/v1/cancels", lambda answer: answer.update({field: value}))
    with served(house) as url, Client(url, transport=lying) as client:
        uid = client.submit(an_intent(ALICE), ALICE).uid
        with pytest.raises(UntrustedHouseError):
            client.cancel(uid, ALICE)


def test_a_house_that_keeps_the_replaced_intent_is_found_out(house: House) -> None:
    with served(house) as url:
        with Client(url) as honest:
            old = honest.submit(an_intent(ALICE), ALICE).uid
        lying = Lying("/v1/intents", lambda answer: answer.pop("replaced"))
        with Client(url, transport=lying) as client, pytest.raises(UntrustedHouseError, match=old):
            client.amend(old, an_intent(ALICE, want=(B, 950)), ALICE)
