"""A chain for gas: real contracts, tokens, traders who hold them and have approved everyone, all warmed up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from eth_abi.abi import encode
from walras import funds
from walras.digest import keccak
from walras.signing import Signer
from walras.wire import Pool, TokenInfo
from walras_auction.clock import SystemClock
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, deploy_house
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain, local_chain

from .measure import BenchError

MAX = 2**256 - 1
BUFFER = 10**30
#: What an atom of each token is worth, in a unit of which every amount here is a multiple of ``UNIT``.
PRICES = (2_000, 1, 500, 25, 8, 4)
UNIT = 2_000
PAIR = ((0, 1), (1, 0))
RING = tuple((place, (place + 1) % 6) for place in range(6))
ONE_WAY = ((0, 1),)
BOND = 10**18
_APPROVE = selector("approve(address,uint256)")
_MINT = selector("mintBatch(address[],uint256[])")


@dataclass(frozen=True, slots=True)
class Trade:
    """``trader`` gives ``amount`` atoms of the ``give``-th token for the ``want``-th."""

    trader: Signer
    give: int
    want: int
    amount: int

    @property
    def worth(self) -> int:
        """Atoms of the wanted token at the fair price."""
        return self.amount * PRICES[self.give] // PRICES[self.want]


def key(role: str) -> Signer:
    return Signer(keccak(f"walras bench gas {role}".encode()))


def trades(count: int, edges: Sequence[tuple[int, int]] = PAIR, seed: int = 7, role: str = "trader") -> list[Trade]:
    """``count`` trades, as many on each of the ``edges`` (give, want); amounts all differ and match in worth.

    A single trade has no partner.
    """
    draw = random.Random(seed)
    people = [key(f"{role} {number}") for number in range(count)]
    groups = [people[place :: len(edges)] for place in range(len(edges))]
    total = sum(draw.randrange(10**18, 2 * 10**18) for _ in groups[0]) * UNIT
    result = []
    for (give, want), group in zip(edges, groups, strict=True):
        for trader, part in zip(group, _parts(total, len(group), draw), strict=True):
            result.append(Trade(trader, give, want, part // PRICES[give]))
    draw.shuffle(result)
    return result


def _parts(total: int, count: int, draw: random.Random) -> list[int]:
    """``total`` in ``count`` multiples of the unit, each within a tenth of its share; the last takes the rest."""
    left, parts = total, []
    for number in range(count):
        share = left // (count - number) * draw.randrange(90, 111) // 100
        part = left if number == count - 1 else share // UNIT * UNIT
        parts.append(part)
        left -= part
    return parts


class SkippingClock:
    """The machine's clock, ahead by what was skipped."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._ahead = 0

    def now(self) -> int:
        return self._clock.now() + self._ahead

    def skip(self, seconds: int) -> None:
        self._ahead += seconds


class GasWorld:
    """The house's contracts on ``local``, and what any other settlement contract needs to be tried beside it.

    ``award_places`` are the places in the settlement's ring of spent awards that were used by awards which are expired.
    """

    def __init__(
        self, local: LocalChain, people: Sequence[Signer], tokens: int = 2, clock: SkippingClock | None = None
    ) -> None:
        self.local = local
        self.clock = clock or SkippingClock()
        self.award_places: set[int] = set()
        self.people = people
        self.deployer = Deployer(local, key("deployer"))
        local.rpc.reader = self.deployer.signer.address
        self.solver = key("solver")
        self.treasurer = key("treasury")
        self.treasury = self.treasurer.address
        wrapped = self.deployer.create("WrappedNative")
        deployment = deploy_house(self.deployer, wrapped, key("house").address, self.treasury, BOND)
        self.contracts = deployment.contracts
        # Settlements name tokens in ascending order, so that order is the tokens' own.
        self.tokens = tuple(self._token(f"T{number}") for number in range(tokens))
        infos = [TokenInfo(address=token, symbol=token[:6], decimals=18, price=10**18) for token in self.tokens]
        # Everyone who receives has a balance already, so that no receipt pays for a fresh slot.
        everyone = [*(one.address for one in people), self.treasury, self.solver.address, self.contracts.executor]
        self.mint(everyone, 10**24)
        self.approve(people, self.contracts.vault)
        self.deployer.flush()
        self._cover()
        self.chain = EvmChain(local.rpc, self.contracts, deployment.lens, key("house"), infos)

    def keep_in_vault(self, people: Sequence[Signer], amount: int) -> None:
        """Have each of ``people`` deposit ``amount`` of every token in the vault, and trade from there from now on."""
        vault, settlement = self.contracts.vault, self.contracts.settlement
        raw = []
        for one in people:
            calls = [funds.deposit(vault, token, amount, one.address) for token in self.tokens]
            calls.append(funds.keep_in_vault(settlement))
            raw += [self.sign(one, call.to, call.data, 150_000, place) for place, call in enumerate(calls)]
        self.deployer.flush(raw)

    def keep_treasury_in_vault(self, amount: int) -> None:
        """Have the treasury deposit ``amount`` of every token, and receive fees there from now on."""
        self.approve([self.treasurer], self.contracts.vault)
        self.keep_in_vault([self.treasurer], amount)

    def open_pool(self, amount: int) -> Pool:
        """A constant-product pool of the first two tokens at their fair price, with ``amount`` worth of each."""
        pair = list(self.tokens[:2])
        address = self.deployer.create("ConstantProductPool", ["address", "address", "uint256"], [*pair, 3_000])
        reserves = [amount // PRICES[0], amount // PRICES[1]]
        self.mint([self.deployer.signer.address], max(reserves))
        for token, reserve in zip(pair, reserves, strict=True):
            call = funds.approve(token, address, reserve)
            self.deployer.call(call.to, call.data, 80_000)
        data = selector("addLiquidity(uint256,uint256)") + encode(["uint256", "uint256"], reserves)
        self.deployer.call(address, data, 300_000)
        self.deployer.flush()
        fields = {"address": address, "token0": pair[0], "token1": pair[1], "fee_ppm": 3_000}
        self.chain.use_pools([Pool(id="pool", reserve0=0, reserve1=0, **fields)])
        return self.pool()

    def pool(self) -> Pool:
        """The pool as it is now."""
        (pool,) = self.chain.pools()
        return pool

    def mint(self, accounts: Sequence[str], amount: int) -> None:
        """Queue ``amount`` atoms of every token for each account."""
        for token in self.tokens:
            data = _MINT + encode(["address[]", "uint256[]"], [list(accounts), [amount] * len(accounts)])
            self.deployer.call(token, data, 200_000 + 60_000 * len(accounts))

    def approve(self, people: Sequence[Signer], spender: str) -> None:
        """Mine what is queued, then everyone's endless approval of every token."""
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

    def wait_until(self, time: int) -> None:
        """Have a block that is no older."""
        self.clock.skip(max(0, time - self.clock.now()))
        self.local.heartbeat()

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
    roles = [key(role) for role in ("deployer", "house", "solver", "treasury")]
    return {one.address: RICH for one in (*people, *roles)}


@contextmanager
def open_world(people: Sequence[Signer], others: Sequence[Signer] = (), tokens: int = 2) -> Iterator[GasWorld]:
    """A world in process, whose clock can be put forward; ``others`` get native coin, too."""
    clock = SkippingClock()
    with local_chain(genesis([*people, *others]), "eth-tester", clock.now) as local:
        yield GasWorld(local, people, tokens, clock)
