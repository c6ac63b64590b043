"""A bot on the async client: quote around a price, follow the fills live, cancel what is left.

The bot offers to sell WETH a little above the pool and to buy it a little below; another trader then takes its offer.
"""

import asyncio
import time

from walras import Intent, Signer
from walras.aclient import AsyncClient
from walras_auction.dev import DevHouse, dev_house

PRICE = 2_000 * 10**6  # USDC atoms per WETH
SPREAD = 20 * 10**6


async def quote(client: AsyncClient, me: Signer, weth: str, usdc: str) -> list[str]:
    """One offer on each side; their uids."""
    valid_to = int(time.time()) + 600
    ask = Intent.sell(
        me.address, (weth, 10**18), (usdc, PRICE + SPREAD), valid_to=valid_to, nonce=await client.next_nonce(me.address)
    )
    bid = Intent.buy(
        me.address, (weth, 10**18), (usdc, PRICE - SPREAD), valid_to=valid_to, nonce=await client.next_nonce(me.address)
    )
    return [(await client.submit(intent, me)).uid for intent in (ask, bid)]


async def main(house: DevHouse) -> None:
    bot, taker = house.traders[0], house.traders[1]
    async with AsyncClient(house.url) as client:
        tokens = {token.symbol: token.address for token in (await client.house()).tokens}
        after = (await client.state(0)).event
        ask, bid = await quote(client, bot, tokens["WETH"], tokens["USDC"])
        print(f"quoting {ask[:10]}… and {bid[:10]}…")
        await client.submit(
            Intent.sell(
                taker.address,
                (tokens["WETH"], 10**17),
                (tokens["USDC"], (PRICE - 2 * SPREAD) // 10),
                valid_to=int(time.time()) + 600,
                nonce=await client.next_nonce(taker.address),
            ),
            taker,
        )
        async for event in client.watch(after=after):
            print(f"  event {event.id}: {event.kind}")
            if event.kind == "round_closed" and event.data["fills"]:
                break
        for uid in (ask, bid):
            status = await client.status(uid)
            print(f"{uid[:10]}… {status.state}, executed {status.executed} of {status.intent.intent().full_amount}")
            if status.state == "open":
                await client.cancel(uid, bot)
        assert all([(await client.status(uid)).state in ("filled", "cancelled") for uid in (ask, bid)])


with dev_house() as running:
    asyncio.run(main(running))
