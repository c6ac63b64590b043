"""Terms: what an intent may ask for beyond its limits. Three of them, really settled.

A stop-loss sells only once the pool's price has fallen. A fee share pays a front end its part of what it brought. An
exclusivity window gives one solver the first chance. The terms' bytes travel beside the intent, which signs their hash.
"""

import time

from walras import FeeShare, Intent, Signer, Terms
from walras.client import Client
from walras.digest import keccak
from walras.terms import Cmp, call_returns
from walras.wire import IntentStatus
from walras_auction.dev import DevHouse, dev_house, dev_key

WETH, USDC = 10**18, 10**6
FRONT_END = "0x" + keccak(b"a front end")[12:].hex()


def sell(house: DevHouse, client: Client, who: Signer, weth: int, usdc: int, terms: Terms) -> str:
    """Sell ``weth`` atoms for at least ``usdc`` atoms under these terms; the uid."""
    intent = Intent.sell(
        who.address,
        give=(house.tokens["WETH"].address, weth),
        want=(house.tokens["USDC"].address, usdc),
        valid_to=int(time.time()) + 600,
        nonce=client.next_nonce(who.address),
        terms=terms.hash(),
    )
    return client.submit(intent, who, terms=terms).uid


def show(name: str, status: IntentStatus) -> None:
    got = sum(fill.wants[0] for fill in status.fills) / USDC
    print(f"{name:22} {status.state}, got {got:.2f} USDC {status.reason or ''}".rstrip())


with dev_house() as house, Client(house.url) as client:
    alice, bob, carol = house.traders
    (pool,) = house.chain.pools()

    # 1. A stop-loss: only while a WETH brings less than 1,970 USDC at the pool.
    quote = keccak(b"quote(address,uint256)")[:4] + bytes.fromhex(pool.token0[2:]).rjust(32, b"\0") + WETH.to_bytes(32)
    stop = Terms(call_returns(pool.address, quote, Cmp.LESS, 1_970 * USDC))
    print(stop.describe()[0])
    stopped = sell(house, client, alice, WETH // 2, 900 * USDC, stop)

    # 2. A fee share: a quarter per cent of what is given, out of the fee, inside the signed limit.
    shared = sell(house, client, bob, WETH, 1_900 * USDC, Terms(shares=(FeeShare(FRONT_END, 25),)))

    # 3. A window: for the next minute only the solver "router" may fill it.
    first = dev_key("solver router").address
    window = Terms(exclusive_solver=first, exclusive_until=int(time.time()) + 60)
    reserved = sell(house, client, carol, WETH, 1_900 * USDC, window)

    show("with a fee share", client.wait(shared))
    print(f"the front end has {house.balance(FRONT_END, 'WETH') / WETH} WETH")
    held = client.wait(reserved)
    show("with a window", held)
    assert {fill.solver for fill in held.fills} == {"router"}
    waiting = client.status(stopped)
    show("stop-loss, before", waiting)
    assert waiting.state == "open"

    # Bob sells on, and the price at the pool falls below the stop.
    sell(house, client, bob, 9 * WETH, 16_000 * USDC, Terms())
    show("stop-loss, after", status := client.wait(stopped))
    assert status.state == "filled"
    assert house.balance(FRONT_END, "WETH") == WETH * 25 // 10_000
