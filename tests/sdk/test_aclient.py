"""The asyncio client: the same story as the waiting one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, closing
from pathlib import Path

import httpx
import pytest
from house_fakes import NOW, A, B, an_intent, key, open_house, served
from walras import AsyncClient, ChainedReceipt, Client, Order, Reason, WalrasError
from walras.calls import UntrustedHouseError
from walras_auction.api.house import House

ALICE = key(1)


@pytest.fixture
def house(tmp_path: Path):  # type: ignore[no-untyped-def]
    with closing(open_house(tmp_path / "store.db")) as house:
        yield house


def run(house: House, story: Callable[[AsyncClient], Awaitable[None]], **options: object) -> None:
    async def told(url: str) -> None:
        async with AsyncClient(url, **options) as client:  # type: ignore[arg-type]
            await story(client)

    with served(house) as url:
        asyncio.run(told(url))


def test_both_clients_offer_the_same() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(AsyncClient) == public(Client)


def test_submit_status_cancel(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        receipt = await client.submit(an_intent(ALICE), ALICE)
        assert await client.receipt(receipt.uid) == receipt
        assert (await client.wait(receipt.uid, timeout=0)).state == "open"
        await client.cancel(receipt.uid, ALICE)
        assert (await client.wait(receipt.uid)).state == "cancelled"

    run(house, story)


def test_cancels_of_every_form_and_an_amend(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        old, other = [(await client.submit(an_intent(ALICE, nonce=nonce), ALICE)).uid for nonce in (1, 300)]
        amended = await client.amend(old, an_intent(ALICE, want=(A[:-1] + "9", 5)), ALICE)
        assert (await client.status(old)).cancel == amended.replaced
        (receipt,) = await client.cancel_many([amended.uid], ALICE)
        assert receipt == (await client.status(amended.uid)).cancel
        word = await client.cancel_word(1, ALICE)
        assert (await client.status(other)).cancel == word
        assert (await client.cancel_epoch(0, ALICE)).first_round == 1

    run(house, story)


def test_many_orders_and_refusals(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        late = Order(an_intent(ALICE, nonce=2, valid_to=NOW - 1), ALICE)
        first, second = await client.submit_many([Order(an_intent(ALICE), ALICE), late])
        assert not isinstance(first, WalrasError)
        assert isinstance(second, WalrasError)
        with pytest.raises(WalrasError) as refused:
            await client.submit(late.intent, ALICE)
        assert refused.value.reason is Reason.EXPIRED

    run(house, story)


def test_many_orders_under_one_signature(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        orders = [Order(an_intent(ALICE, nonce=nonce), ALICE) for nonce in range(3)]
        first, _, last = await client.submit_many(orders, receipts="last")
        assert isinstance(first, ChainedReceipt)
        assert first.last == last
        assert (await client.audit(first)).outcome.value == "proven"

    run(house, story)


def test_nonces_asked_for_at_the_same_time_differ(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        await client.submit(an_intent(ALICE, nonce=9), ALICE)
        nonces = await asyncio.gather(*(client.next_nonce(ALICE.address) for _ in range(20)))
        assert sorted(nonces) == list(range(10, 30))

    run(house, story)


def test_watch_follows_live_events(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        receipt = await client.submit(an_intent(ALICE), ALICE)
        async with aclosing(client.watch(receipt.uid, after=0)) as events:  # type: ignore[type-var]
            assert (await anext(events)).kind == "accepted"
            await client.cancel(receipt.uid, ALICE)
            assert (await anext(events)).kind == "cancelled"

    run(house, story)


def test_readers(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        await client.submit(an_intent(ALICE), ALICE)
        assert (await client.rounds()).rounds == ()
        assert len((await client.log()).entries) == 1
        assert (await client.book(A, B)).asks[0].amount == 1000
        assert (await client.state()).log_length == 1
        assert [status.uid async for status in client.intents_of(ALICE.address)]
        with pytest.raises(WalrasError):
            await client.record(1)

    run(house, story)


def test_a_pinned_signer_must_match(house: House) -> None:
    async def story(client: AsyncClient) -> None:
        with pytest.raises(UntrustedHouseError):
            await client.house()

    run(house, story, house_signer=ALICE.address)


def test_connection_errors_are_retried(house: House) -> None:
    class Flaky(httpx.AsyncHTTPTransport):
        losses = 2

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if self.losses:
                self.losses -= 1
                raise httpx.ConnectError("refused")
            return await super().handle_async_request(request)

    async def nap(_: float) -> None:
        waited.append(_)

    async def story(client: AsyncClient) -> None:
        assert (await client.house()).name == "walras"

    waited: list[float] = []
    run(house, story, transport=Flaky(), sleep=nap)
    assert len(waited) == 2
