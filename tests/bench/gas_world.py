"""A chain for gas: real contracts, two tokens, traders who hold both and have approved everyone, all warmed up."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from walras.digest import keccak
from walras.signing import Signer
from walras.wire import TokenInfo
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, deploy_house
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain

from .measure import BenchError

MAX = 2**256 - 1
BUFFER = 10**30
#: Atoms of the second token for one of the first.
PRICE = 2_000
BOND = 10**18
_APPROVE = selector("approve(address,uint256)")
_MINT = selector("mintBatch(address[],uint256[])")


@dataclass(frozen=True, slots=True)
class Trade:
    """``trader`` gives ``amount`` atoms; ``first`` says whether of the first token."""

    trader: Signer
    first: bool
    amount: int


def key(role: str) -> Signer:
    return Signer(keccak(f"walras bench gas {role}".encode()))


def trades(count: int, seed: int = 7) -> list[Trade]:
    """Half give the first token, half the second; amounts all differ and match in total.

    ``count`` is even, or one: that one has no partner.
    """
    draw = random.Random(seed)
    people = [key(f"trader {number}") for number in range(count)]
    sellers, buyers = people[: (count + 1) // 2], people[(count + 1) // 2 :]
    amounts = [draw.randrange(10**18, 2 * 10**18) for _ in sellers]
    result = [Trade(trader, True, amount) for trader, amount in zip(sellers, amounts, strict=True)]
    left = sum(amounts)
    for number, trader in enumerate(buyers):
        # Each takes its part of what is left, more or less a tenth; the last takes the rest.
        share = left // (len(buyers) - number)
        part = left if number == len(buyers) - 1 else share * draw.randrange(90, 111) // 100
        left -= part
        result.append(Trade(trader, False, part * PRICE))
    draw.shuffle(result)
    return result


class GasWorld:
    """The house's contracts on ``local``, and what any other settlement contract needs to be tried beside it."""

    def __init__(self, local: LocalChain, people: Sequence[Signer]) -> None:
        self.local = local
        self.people = people
        self.deployer = Deployer(local, key("deployer"))
        local.rpc.reader = self.deployer.signer.address
        self.solver = key("solver")
        self.treasury = key("treasury").address
        wrapped = self.deployer.create("WrappedNative")
        deployment = deploy_house(self.deployer, wrapped, key("house").address, self.treasury, BOND)
        self.contracts = deployment.contracts
        self.tokens = (self._token("AAA"), self._token("BBB"))
        infos = [TokenInfo(address=token, symbol=token[:6], decimals=18, price=10**18) for token in self.tokens]
        # Everyone who receives has a balance already, so that no receipt pays for a fresh slot.
        everyone = [*(one.address for one in people), self.treasury, self.solver.address, self.contracts.executor]
        self.mint(everyone, 10**24)
        self.approve(people, self.contracts.vault)
        self.deployer.flush()
        self._cover()
        self.chain = EvmChain(local.rpc, self.contracts, deployment.lens, key("house"), infos)

    def mint(self, accounts: Sequence[str], amount: int) -> None:
        """Queue ``amount`` atoms of both tokens for each account."""
        for token in self.tokens:
            data = _MINT + encode(["address[]", "uint256[]"], [list(accounts), [amount] * len(accounts)])
            self.deployer.call(token, data, 200_000 + 60_000 * len(accounts))

    def approve(self, people: Sequence[Signer], spender: str) -> None:
        """Mine what is queued, then everyone's endless approval of both tokens."""
        data = _APPROVE + encode(["address", "uint256"], [spender, MAX])
        steps = [(one, place, token) for one in people for place, token in enumerate(self.tokens)]
        self.deployer.flush([self.sign(one, token, data, 80_000, place) for one, place, token in steps])

    def sign(self, signer: Signer, to: str | None, data: bytes, gas: int, ahead: int = 0) -> tuple[bytes, int]:
        """A signed transaction ``ahead`` of the account's nonce, with its gas limit."""
        nonce = self.local.rpc.nonce(signer.address) + ahead
        return self.local.transaction(signer, to, data, nonce, gas), gas

    def gas_of(self, signer: Signer, to: str, data: bytes, gas: int) -> int:
        """Send a transaction that must succeed; the gas it used."""
        raw, _ = self.sign(signer, to, data, gas)
        receipt = self.local.rpc.receipt(self.local.rpc.send(raw))
        if receipt is None or receipt["status"] != 1:
            raise BenchError(f"a transaction to {to} failed")
        return int(receipt["gasUsed"])

    def now(self) -> int:
        return self.local.rpc.block()[1]

    def _token(self, symbol: str) -> str:
        arguments = [f"{symbol} (bench)", symbol, 18, self.deployer.signer.address]
        return self.deployer.create("TestToken", ["string", "string", "uint8", "address"], arguments)

    def _cover(self) -> None:
        """The solver bonds, and deposits cover for the trade that has no partner."""
        contracts, solver, vault = self.contracts, self.solver, self.contracts.vault
        deposit = selector("depositCover(address,uint256)") + encode(["address", "uint256"], [self.tokens[1], 10**23])
        steps = (
            (contracts.wrapped_native, selector("deposit()"), BOND),
            (contracts.wrapped_native, _APPROVE + encode(["address", "uint256"], [contracts.registry, BOND]), 0),
            (contracts.registry, selector("join(uint256)") + encode(["uint256"], [BOND]), 0),
            (self.tokens[1], _APPROVE + encode(["address", "uint256"], [vault, MAX]), 0),
            (vault, deposit, 0),
        )
        transactions = []
        for nonce, (to, data, value) in enumerate(steps):
            raw = self.local.transaction(solver, to, data, nonce, 250_000, value)
            transactions.append((raw, 250_000))
        self.deployer.flush(transactions)


def genesis(people: Sequence[Signer]) -> dict[str, int]:
    """Native coin for everyone who sends a transaction."""
    roles = [key(role) for role in ("deployer", "house", "solver")]
    return {one.address: RICH for one in (*people, *roles)}
