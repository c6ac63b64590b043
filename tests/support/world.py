"""A small world on a real local chain: four tokens, one pool, a few traders, bonded solvers, the house's contracts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from house_fakes import ManualClock
from walras.digest import keccak
from walras.permit import read_terms, sign_permit
from walras.signing import Signer
from walras.wire import PermitMessage, Pool, TokenInfo
from walras_auction.clock import SystemClock
from walras_auction.dev import bond_transactions
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, Deployment, deploy_house
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain, local_chain
from web3.types import RPCEndpoint

from support.anvil import find_anvil

BOND = 10**18
MAX = 2**256 - 1
TREASURY = "0x" + keccak(b"test treasury")[12:].hex()
#: symbol → (decimals, wei of the native coin a whole token, whole tokens each trader holds)
TOKENS: dict[str, tuple[int, int | None, int]] = {
    "WETH": (18, 10**18, 100),
    "USDC": (6, 10**18 // 2000, 200_000),
    "DAI": (18, 10**18 // 2000, 200_000),
    "JUNK": (18, None, 1_000_000),
}
APPROVED = ("alice", "bob", "carol", "dave")
UNAPPROVED = ("erin", "frank")
SOLVERS = ("honest", "rival", "third")
STRAY = "stray"


def person(name: str) -> Signer:
    """The key of somebody the tests call ``name``."""
    return Signer(keccak(f"test world {name}".encode()))


@dataclass
class World:
    """A chain with everything on it. ``at_rest`` brings it back to its first state between tests."""

    local: LocalChain
    deployment: Deployment
    tokens: dict[str, TokenInfo]
    pool: Pool
    clock: ManualClock = field(default_factory=ManualClock)

    def token(self, symbol: str) -> str:
        return self.tokens[symbol].address

    def atoms(self, symbol: str, whole: int) -> int:
        return whole * 10 ** TOKENS[symbol][0]

    def chain(self, **changes: Any) -> EvmChain:
        """The chain port of a house, fresh."""
        changes.setdefault("patience", 5.0)
        contracts, tokens = self.deployment.contracts, list(self.tokens.values())
        return EvmChain(
            self.local.rpc, contracts, self.deployment.lens, person("house"), tokens, [self.pool], **changes
        )

    def send(self, sender: Signer, to: str, data: bytes, *, value: int = 0, gas: int = 400_000) -> str:
        """Mine one transaction; raises ``ChainError`` if it fails. Returns its hash."""
        nonce = self.local.rpc.nonce(sender.address)
        raw = self.local.transaction(sender, to, data, nonce, gas, value)
        self.local.send_all([(raw, gas)])
        return "0x" + keccak(raw).hex()

    def deployer(self) -> Deployer:
        return Deployer(self.local, person("deployer"))

    def deploy(self, code: bytes) -> str:
        """Put raw creation code on the chain; its address."""
        deployer = self.deployer()
        where = deployer.future(0)
        nonce = self.local.rpc.nonce(deployer.signer.address)
        raw = self.local.transaction(deployer.signer, None, code, nonce, 2_000_000)
        self.local.send_all([(raw, 2_000_000)])
        return where

    def held(self, account: str, symbol: str) -> int:
        """Atoms of a token that an account holds."""
        data = selector("balanceOf(address)") + encode(["address"], [account])
        return int.from_bytes(self.local.rpc.call(self.token(symbol), data), "big")

    def transfer(self, sender: str, symbol: str, to: str, amount: int) -> None:
        data = selector("transfer(address,uint256)") + encode(["address", "uint256"], [to, amount])
        self.send(person(sender), self.token(symbol), data)

    def approve(self, owner: str, symbol: str, amount: int) -> None:
        vault = self.deployment.contracts.vault
        data = selector("approve(address,uint256)") + encode(["address", "uint256"], [vault, amount])
        self.send(person(owner), self.token(symbol), data)

    def cancel_nonce(self, owner: str, nonce: int) -> None:
        data = selector("cancel(uint256)") + encode(["uint256"], [nonce])
        self.send(person(owner), self.deployment.contracts.settlement, data)

    def deposit_cover(self, solver: str, symbol: str, amount: int) -> None:
        """Give the solver tokens and have it deposit them in the vault."""
        self.transfer("dave", symbol, person(solver).address, amount)
        self.approve(solver, symbol, amount)
        data = selector("depositCover(address,uint256)") + encode(["address", "uint256"], [self.token(symbol), amount])
        self.send(person(solver), self.deployment.contracts.vault, data)

    def swap(self, trader: str, symbol: str, amount: int) -> None:
        """Trade on the pool as anybody may, which moves its price."""
        approve = selector("approve(address,uint256)") + encode(["address", "uint256"], [self.pool.address, amount])
        self.send(person(trader), self.token(symbol), approve)
        arguments = encode(
            ["address", "uint256", "uint256", "address"], [self.token(symbol), amount, 0, person(trader).address]
        )
        self.send(person(trader), self.pool.address, selector("swap(address,uint256,uint256,address)") + arguments)

    def permit(self, owner: str, symbol: str, value: int = MAX) -> PermitMessage:
        """A permit that the token would accept now."""
        terms = read_terms(self.local.rpc.call, self.token(symbol), person(owner).address)
        return sign_permit(
            person(owner), terms, self.deployment.contracts.vault, value, self.local.rpc.block()[1] + 86_400
        )

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[World]:
        """Undo on leaving whatever happened to the chain meanwhile."""
        if self.local.backend == "anvil":
            provider = self.local.rpc.w3.provider
            snapshot = provider.make_request(RPCEndpoint("evm_snapshot"), [])["result"]
            try:
                yield self
            finally:
                provider.make_request(RPCEndpoint("evm_revert"), [snapshot])
        else:
            tester = self.local.rpc.w3.provider.ethereum_tester  # type: ignore[attr-defined]
            snapshot, time = tester.take_snapshot(), self.clock.time
            try:
                yield self
            finally:
                tester.revert_to_snapshot(snapshot)
                self.clock.time = time


@contextlib.contextmanager
def a_world(backend: str = "eth-tester", chain_id: int | None = None) -> Iterator[World]:
    """Build the world on a fresh chain; on eth-tester the chain and the house share a clock that stands still.

    ``chain_id`` makes anvil another chain than it calls itself.
    """
    if backend == "anvil":
        find_anvil()
    names = ("deployer", "house", STRAY, *SOLVERS, *APPROVED, *UNAPPROVED)
    balances = {person(name).address: RICH for name in names}
    clock = ManualClock(SystemClock().now() + 60)
    with local_chain(balances, backend, clock.now) as local:
        if chain_id is not None:
            local.rpc.w3.provider.make_request(RPCEndpoint("anvil_setChainId"), [chain_id])
            local = LocalChain(local.rpc, backend, local.block_gas)
        deployer = Deployer(local, person("deployer"))
        local.rpc.reader = deployer.signer.address
        tokens = _tokens(deployer)
        contracts = deploy_house(deployer, tokens["WETH"].address, person("house").address, TREASURY, BOND)
        pool = _fund(deployer, tokens)
        deployer.flush([*_approvals(local, contracts, tokens), *_bonds(local, contracts)])
        yield World(local, contracts, tokens, pool, clock)


def _tokens(deployer: Deployer) -> dict[str, TokenInfo]:
    tokens = {}
    for symbol, (decimals, price, _) in TOKENS.items():
        if symbol == "WETH":
            address = deployer.create("WrappedNative")
        else:
            types, values = (
                ["string", "string", "uint8", "address"],
                [symbol, symbol, decimals, deployer.signer.address],
            )
            address = deployer.create("TestToken", types, values)
        unit = None if price is None else price * 10**18 // 10**decimals
        tokens[symbol] = TokenInfo(address=address, symbol=symbol, decimals=decimals, price=unit)
    return tokens


def _fund(deployer: Deployer, tokens: Mapping[str, TokenInfo]) -> Pool:
    """Mint to everyone and set up the WETH/USDC pool at 2,000."""
    traders = [person(name).address for name in (*APPROVED, *UNAPPROVED)]
    liquidity = {"WETH": 1_000 * 10**18, "USDC": 2_000_000 * 10**6}
    for symbol, token in tokens.items():
        amount = TOKENS[symbol][2] * 10 ** TOKENS[symbol][0]
        holders = {**dict.fromkeys(traders, amount), deployer.signer.address: liquidity.get(symbol, 0)}
        function = "depositFor" if symbol == "WETH" else "mintBatch"
        data = selector(f"{function}(address[],uint256[])")
        data += encode(["address[]", "uint256[]"], [list(holders), list(holders.values())])
        deployer.call(token.address, data, 1_000_000, sum(holders.values()) if symbol == "WETH" else 0)
    pair = [tokens[symbol].address for symbol in liquidity]
    address = deployer.create("ConstantProductPool", ["address", "address", "uint256"], [*pair, 3_000])
    for symbol, amount in liquidity.items():
        approve = selector("approve(address,uint256)") + encode(["address", "uint256"], [address, amount])
        deployer.call(tokens[symbol].address, approve, 80_000)
    amounts = list(liquidity.values())
    deployer.call(address, selector("addLiquidity(uint256,uint256)") + encode(["uint256", "uint256"], amounts), 300_000)
    return Pool(
        id="WETH/USDC",
        address=address,
        token0=pair[0],
        token1=pair[1],
        reserve0=amounts[0],
        reserve1=amounts[1],
        fee_ppm=3_000,
    )


def _approvals(local: LocalChain, deployment: Deployment, tokens: Mapping[str, TokenInfo]) -> list[tuple[bytes, int]]:
    data = selector("approve(address,uint256)") + encode(["address", "uint256"], [deployment.contracts.vault, MAX])
    return [
        (local.transaction(person(name), token.address, data, nonce, 80_000), 80_000)
        for name in APPROVED
        for nonce, token in enumerate(tokens.values())
    ]


def _bonds(local: LocalChain, deployment: Deployment) -> list[tuple[bytes, int]]:
    return [raw for name in SOLVERS for raw in bond_transactions(local, person(name), deployment, BOND)]
