"""Trade from balances in the vault: less gas, and a way out that no operator can stop.

Two traders deposit, choose to trade from the vault, and trade: between them no token moves, only what the vault keeps
for whom; what a pool buys or sells moves as usual. Then one of them takes its proceeds out.
"""

import time

from walras import Intent, Signer, funds
from walras.client import Client
from walras_auction.dev import DevHouse, dev_house

WETH, USDC = 10**18, 10**6


def deposit(house: DevHouse, client: Client, owner: Signer, symbol: str, amount: int) -> None:
    """What an integrator has the owner's wallet send, once; the owner has approved the vault before."""
    info = client.house()
    house.send(
        owner,
        funds.deposit(info.vault, house.tokens[symbol].address, amount, owner.address),
        funds.keep_in_vault(info.settlement),
    )


with dev_house() as house, Client(house.url) as client:
    seller, buyer, _ = house.traders
    weth, usdc = (house.tokens[symbol].address for symbol in ("WETH", "USDC"))
    deposit(house, client, seller, "WETH", 2 * WETH)
    deposit(house, client, buyer, "USDC", 5_000 * USDC)
    wallets = [house.balance(one.address, symbol) for one in (seller, buyer) for symbol in ("WETH", "USDC")]

    valid_to = int(time.time()) + 600
    sale = Intent.sell(seller.address, (weth, WETH), (usdc, 1_950 * USDC), valid_to=valid_to, nonce=0)
    purchase = Intent.buy(buyer.address, (weth, WETH // 2), (usdc, 1_025 * USDC), valid_to=valid_to, nonce=0)
    receipts = [client.submit(intent, owner) for intent, owner in ((sale, seller), (purchase, buyer))]
    for receipt in receipts:
        assert client.wait(receipt.uid).state == "filled"

    proceeds, left, bought = (
        house.kept(one.address, symbol) for one, symbol in ((seller, "USDC"), (seller, "WETH"), (buyer, "WETH"))
    )
    print(f"the vault keeps {proceeds / USDC:.2f} USDC and {left / WETH} WETH for the seller, who signed for 1950.00")
    print(f"and {bought / WETH} WETH for the buyer")
    assert proceeds >= 1_950 * USDC
    assert wallets == [house.balance(one.address, symbol) for one in (seller, buyer) for symbol in ("WETH", "USDC")]

    vault = client.house().vault
    house.send(seller, funds.withdraw(vault, usdc, proceeds, seller.address))
    print(f"withdrawn: the seller's wallet has {house.balance(seller.address, 'USDC') / USDC:.2f} USDC")
    assert house.balance(seller.address, "USDC") == wallets[1] + proceeds

    house.send(buyer, funds.announce_exit(vault, usdc))
    print("the buyer announced an exit: a day later everything can be taken out, even if the house is paused or gone")
