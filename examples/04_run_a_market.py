"""Run a whole market: many traders, three solvers competing, pools beside them; print the rounds as a table."""

import random
import time

from walras import Intent, Signer
from walras.client import Client
from walras.orders import Order
from walras_auction.dev import DevHouse, dev_house

SEED, TRADERS = 7, 12


def order(draw: random.Random, trader: Signer, house: DevHouse, nonce: int) -> Order:
    """A sell of up to a few thousand dollars' worth, limited within three per cent of the reference price."""
    give, want = draw.sample(sorted(house.tokens), 2)
    giving, wanted = house.tokens[give], house.tokens[want]
    assert giving.price is not None
    assert wanted.price is not None
    amount = draw.randint(1, 3_000) * 5 * 10**14 * 10**18 // giving.price
    fair = amount * giving.price // wanted.price
    limit = fair * (10_000 + draw.randint(-300, 30)) // 10_000
    intent = Intent.sell(
        trader.address, (giving.address, amount), (wanted.address, limit), valid_to=int(time.time()) + 600, nonce=nonce
    )
    return Order(intent, trader)


draw = random.Random(SEED)
with dev_house(traders=TRADERS) as house, Client(house.url) as client:
    orders = [order(draw, trader, house, nonce) for trader in house.traders for nonce in range(3)]
    accepted = [outcome for outcome in client.submit_many(orders) if hasattr(outcome, "uid")]
    print(f"{len(accepted)} of {len(orders)} intents accepted")
    for event in client.watch(after=0):
        if event.kind == "round_closed":
            rows = event.data["verdict"]["bids"]
            won = [f"{row['solver']} ({int(row['score']) / 1e18:.5f} ETH)" for row in rows if row["status"] == "won"]
            print(f"round {event.data['round']}: {len(rows)} bids, {len(event.data['fills'])} fills; {', '.join(won)}")
            if not won:
                break
    state = client.state()
    print(f"intents: {state.intents}")
    for line in state.solvers:
        print(f"  {line.name:10} {line.bids} bids, {line.wins} wins, {line.surplus / 1e18:.6f} ETH for traders")
    assert any(line.wins for line in state.solvers)
