"""A market maker beside a house: a firm quote for a size, signed, reserved for the maker's own solver, and settled.

The desk holds a key and an inventory. A trader asks it for a price, sends the house its own intent, and has the maker
bring the quote. The solver `marketmaker` fills the one with the other at the quote's price; the traders' other intents
go to whoever bids best. `walras maker --config maker.toml` runs the same desk with an HTTP endpoint.
"""

import time

from walras import Client, Intent
from walras.calls import domain_of
from walras_auction.dev import dev_house, dev_key
from walras_solvers.marketmaker.agent import MakerAgent
from walras_solvers.marketmaker.command import gas_in
from walras_solvers.marketmaker.desk import QuoteDesk, QuoteRequest, QuoteRules
from walras_solvers.marketmaker.inventory import Inventory
from walras_solvers.marketmaker.pricing import Pricing, mid_of

SOLVER = "marketmaker"

with dev_house([SOLVER, "router"]) as house, Client(house.url) as client:
    alice, bob, maker = house.traders
    weth, dai = house.tokens["WETH"], house.tokens["DAI"]
    info = client.house()
    prices = {token.address: token.price for token in info.tokens if token.price}
    pricing = Pricing(mid_of(prices), spread_bps=10)
    inventory = Inventory({dai.address: 40_000 * 10**18, weth.address: 5 * 10**18})
    rules = QuoteRules(lifetime_seconds=150, solver=dev_key(f"solver {SOLVER}").address)
    desk = QuoteDesk(
        maker, domain_of(info), pricing, inventory, lambda: int(time.time()), rules, gas_in(prices, 300_000 * 10**9)
    )
    agent = MakerAgent(client, desk)

    # Alice asks first: a firm price for one WETH, good for two and a half minutes.
    quote = desk.quote(QuoteRequest(give=weth.address, want=dai.address, amount=10**18))
    print(f"quote {quote.uid[:10]}…: {quote.gives / 1e18:.2f} DAI for {quote.wants / 1e18:.2f} WETH")
    limit = quote.gives * 99 // 100
    until = int(time.time()) + 600
    sell = Intent.sell(alice.address, (weth.address, 10**18), (dai.address, limit), valid_to=until, nonce=0)
    uid = client.submit(sell, alice).uid
    agent.submit(quote)
    status = client.wait(uid)
    assert status.fills, status.detail
    print(f"alice got {status.fills[0].wants[0] / 1e18:.4f} DAI from {status.fills[0].solver}")

    # Bob asks nobody: the maker sees his intent in the house and quotes for it.
    buy = Intent.buy(bob.address, (weth.address, 10**18), (dai.address, 2_100 * 10**18), valid_to=until, nonce=0)
    uid = client.submit(buy, bob).uid
    made = agent.step()
    status = client.wait(uid)
    assert status.fills, status.detail
    print(f"{len(made)} quote made; bob paid {status.fills[0].gives[0] / 1e18:.4f} DAI to {status.fills[0].solver}")

    agent.step()  # the desk learns of its fills
    held, free = desk.holdings()[weth.address]
    print(f"the maker holds {held / 1e18:.4f} WETH, {free / 1e18:.4f} of it free")
    assert status.fills[0].solver == SOLVER
