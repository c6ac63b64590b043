"""Trade in ten lines: sign what you want, submit it, see what you got.

Runs against a house of its own. For yours, keep the ten lines and replace the house by its address and your key.
"""

import time

from walras import Intent
from walras.client import Client
from walras_auction.dev import dev_house

with dev_house() as house, Client(house.url) as client:
    me = house.traders[0]
    tokens = {token.symbol: token.address for token in client.house().tokens}
    intent = Intent.sell(
        me.address,
        give=(tokens["WETH"], 10**18),
        want=(tokens["USDC"], 1_900 * 10**6),
        valid_to=int(time.time()) + 600,
        nonce=client.next_nonce(me.address),
    )
    receipt = client.submit(intent, me)
    status = client.wait(receipt.uid)
    (fill,) = status.fills
    print(f"{status.state}: got {fill.wants[0] / 10**6:.2f} USDC, signed for at least 1900.00")
    print(f"settled by {fill.solver} in {fill.transaction}")
    assert fill.wants[0] > 1_900 * 10**6
