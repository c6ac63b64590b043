"""A whole house on this machine in one call: for examples, for tests, for a first look.

The chain, the tokens, the balances and the keys are made up; everything else is the real thing.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_abi.abi import encode
from walras.digest import keccak
from walras.funds import ChainCall
from walras.signing import Signer
from walras.wire import GasTerms, Pool, TokenInfo

from walras_auction.assembly import round_loop, running
from walras_auction.bids import SolverIdentity
from walras_auction.close import RoundTerms
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, Deployment, deploy_house
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain, local_chain
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.ports import ChainError

BOND = 10**18
MAX = 2**256 - 1
#: (symbol, decimals, price of one whole token in wei of the native coin, whole tokens each trader holds)
TOKENS = (("WETH", 18, 10**18, 10), ("USDC", 6, 10**18 // 2000, 50_000), ("DAI", 18, 10**18 // 2000, 50_000))
POOL_TOKENS = (("WETH", 1_000), ("USDC", 2_000_000))
GAS = GasTerms(
    price=10**9, base=250_000, per_fill=105_000, per_interaction=160_000, margin_bps=30_000, limit=25_000_000
)


def dev_key(name: str) -> Signer:
    """A deterministic key that anyone can compute: for development only."""
    return Signer(keccak(f"walras dev {name}".encode()))


@dataclass(frozen=True, slots=True)
class DevHouse:
    """A running house with funded traders who have approved the vault."""

    url: str
    traders: tuple[Signer, ...]
    tokens: dict[str, TokenInfo]  # by symbol
    chain: EvmChain
    local: LocalChain

    def send(self, owner: Signer, *calls: ChainCall) -> None:
        """Mine each call as a transaction of ``owner``. Raises :class:`ChainError` at the first that fails."""
        rpc = self.chain.rpc
        for call in calls:
            raw = self.local.transaction(owner, call.to, call.data, rpc.nonce(owner.address), 300_000)
            receipt = self.local.receipt(rpc.send(raw))
            if receipt is None or receipt["status"] != 1:
                raise ChainError(f"the transaction to {call.to} failed")

    def kept(self, account: str, symbol: str) -> int:
        """Atoms of a token that the vault keeps for an account now."""
        return self.chain.token_facts([(account, self.tokens[symbol].address)])[0].deposited

    def balance(self, account: str, symbol: str) -> int:
        """Atoms of a token that an account holds now."""
        return self.chain.token_facts([(account, self.tokens[symbol].address)])[0].balance


@contextlib.contextmanager
def dev_house(
    solvers: Sequence[str] = ("orderbook", "clearing", "router"),
    *,
    traders: int = 3,
    backend: str = "auto",
    interval: float = 1.0,
    host: str = "127.0.0.1",
    port: int = 0,
    folder: Path | None = None,
) -> Iterator[DevHouse]:
    """Open a house with these solvers (as ``walras.solver.load`` names them), a round every ``interval`` seconds."""
    keys = tuple(dev_key(f"trader {number}") for number in range(traders))
    solver_keys = {name: dev_key(f"solver {name}") for name in solvers}
    rich = {key.address: RICH for key in (dev_key("deployer"), dev_key("house"), *solver_keys.values(), *keys)}
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(local_chain(rich, backend))
        deployment, tokens, pool = deploy_market(local, keys, list(solver_keys.values()))
        chain = EvmChain(
            local.rpc,
            deployment.contracts,
            deployment.lens,
            dev_key("house"),
            list(tokens.values()),
            [pool],
            block_gas=local.block_gas,
        )
        doors = [SolverProcess(SolverIdentity(name, key.address)) for name, key in solver_keys.items()]
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="walras-dev-")))
        terms = RoundTerms(gas=GAS, deadline_ms=3_000)
        up = stack.enter_context(
            running(
                chain, dev_key("house"), doors, terms, place, name="walras dev", host=host, port=port, round_seconds=1
            )
        )
        stack.enter_context(round_loop(up.rounds, interval))
        yield DevHouse(up.url, keys, tokens, chain, local)


def deploy_market(
    local: LocalChain, traders: Sequence[Signer], solvers: Sequence[Signer]
) -> tuple[Deployment, dict[str, TokenInfo], Pool]:
    """Deploy tokens, a pool and a house's contracts; fund traders and bond solvers."""
    deployer = Deployer(local, dev_key("deployer"))
    local.rpc.reader = deployer.signer.address
    tokens: dict[str, TokenInfo] = {}
    for symbol, decimals, price, _ in TOKENS:
        if symbol == "WETH":
            address = deployer.create("WrappedNative")
        else:
            arguments = [f"{symbol} (dev)", symbol, decimals, deployer.signer.address]
            address = deployer.create("TestToken", ["string", "string", "uint8", "address"], arguments)
        price_of_unit = price * 10**18 // 10**decimals
        tokens[symbol] = TokenInfo(address=address, symbol=symbol, decimals=decimals, price=price_of_unit)
    treasury = "0x" + keccak(b"walras dev treasury")[12:].hex()
    deployment = deploy_house(deployer, tokens["WETH"].address, dev_key("house").address, treasury, BOND)
    for symbol, decimals, _, whole in TOKENS:
        holders = {trader.address: whole * 10**decimals for trader in traders}
        holders[deployer.signer.address] = dict(POOL_TOKENS).get(symbol, 0) * 10**decimals
        _give(deployer, tokens[symbol], holders)
    pool = _pool(deployer, tokens)
    deployer.flush([*_approvals(local, traders, tokens, deployment), *_bonds(local, solvers, deployment)])
    return deployment, tokens, pool


def _give(deployer: Deployer, token: TokenInfo, holders: dict[str, int]) -> None:
    wrapped = token.symbol == "WETH"
    function = "depositFor(address[],uint256[])" if wrapped else "mintBatch(address[],uint256[])"
    arguments = encode(["address[]", "uint256[]"], [list(holders), list(holders.values())])
    value = sum(holders.values()) if wrapped else 0
    deployer.call(token.address, selector(function) + arguments, 200_000 + 60_000 * len(holders), value)


def _pool(deployer: Deployer, tokens: dict[str, TokenInfo]) -> Pool:
    (left, amount0), (right, amount1) = POOL_TOKENS
    reserves = [amount * 10 ** tokens[symbol].decimals for symbol, amount in ((left, amount0), (right, amount1))]
    pair = [tokens[left].address, tokens[right].address]
    address = deployer.create("ConstantProductPool", ["address", "address", "uint256"], [*pair, 3_000])
    for token, amount in zip(pair, reserves, strict=True):
        deployer.call(
            token, selector("approve(address,uint256)") + encode(["address", "uint256"], [address, amount]), 80_000
        )
    data = selector("addLiquidity(uint256,uint256)") + encode(["uint256", "uint256"], reserves)
    deployer.call(address, data, 300_000)
    return Pool(
        id=f"{left}/{right}",
        address=address,
        token0=pair[0],
        token1=pair[1],
        reserve0=reserves[0],
        reserve1=reserves[1],
        fee_ppm=3_000,
    )


def _approvals(
    local: LocalChain, traders: Sequence[Signer], tokens: dict[str, TokenInfo], deployment: Deployment
) -> list[tuple[bytes, int]]:
    data = selector("approve(address,uint256)") + encode(["address", "uint256"], [deployment.contracts.vault, MAX])
    return [
        (local.transaction(trader, token.address, data, nonce, 80_000), 80_000)
        for trader in traders
        for nonce, token in enumerate(tokens.values())
    ]


def _bonds(local: LocalChain, solvers: Sequence[Signer], deployment: Deployment) -> list[tuple[bytes, int]]:
    """Each solver wraps native coin and joins the registry."""
    return [raw for solver in solvers for raw in bond_transactions(local, solver, deployment, BOND)]


def bond_transactions(local: LocalChain, solver: Signer, deployment: Deployment, bond: int) -> list[tuple[bytes, int]]:
    """The three transactions by which a fresh account becomes a bonded solver."""
    contracts = deployment.contracts
    approve = selector("approve(address,uint256)") + encode(["address", "uint256"], [contracts.registry, bond])
    steps = (
        (contracts.wrapped_native, selector("deposit()"), bond),
        (contracts.wrapped_native, approve, 0),
        (contracts.registry, selector("join(uint256)") + encode(["uint256"], [bond]), 0),
    )
    return [
        (local.transaction(solver, to, data, nonce, 250_000, value), 250_000)
        for nonce, (to, data, value) in enumerate(steps)
    ]
