"""The demo's chain: contracts, tokens, funded traders, bonded solvers, pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eth_abi.abi import encode
from walras.digest import keccak
from walras.permit import read_terms, sign_permit
from walras.signing import Signer
from walras.wire import PermitMessage, Pool, TokenInfo

from walras_auction.demo.derived import PoolPlan
from walras_auction.demo.recorded import RecordedBatch, trader_key
from walras_auction.dev import bond_transactions
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, Deployment, deploy_house
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, LocalChain

SOLVERS = ("orderbook", "clearing", "router")
PERMIT_ACCOUNTS = 12
BOND = 10**18
MAX = 2**256 - 1
TREASURY = "0x" + keccak(b"walras demo treasury")[12:].hex()

_APPROVE = selector("approve(address,uint256)")
_ALLOWANCE = selector("allowance(address,address)")
_TRANSFER = selector("transfer(address,uint256)")


def house_key(role: str) -> Signer:
    """A deterministic test key of the house or a solver."""
    return Signer(keccak(f"walras demo {role}".encode()))


def genesis(batch: RecordedBatch) -> dict[str, int]:
    """Native coin for gas: everyone who sends transactions."""
    roles = ["deployer", "house", *(f"solver {name}" for name in SOLVERS)]
    rich = {house_key(role).address: RICH for role in roles}
    return {**{trader_key(account).address: 10**18 for account in batch.accounts}, **rich}


@dataclass
class World:
    """Everything on the demo's chain, with what the set-up decided."""

    local: LocalChain
    batch: RecordedBatch
    deployment: Deployment
    addresses: dict[str, str]  # token key → address
    permit_accounts: tuple[str, ...]
    deployer: Deployer
    pools: list[Pool] = field(default_factory=list)

    def tokens(self) -> tuple[TokenInfo, ...]:
        """Tokens with their recorded prices in the native coin (= WETH)."""
        return tuple(
            TokenInfo(
                address=self.addresses[key],
                symbol=token.symbol,
                decimals=token.decimals,
                price=self.batch.native_price(key),
            )
            for key, token in sorted(self.batch.tokens.items())
        )

    def permits(self, account: str, key: str, deadline: int) -> tuple[PermitMessage, ...]:
        """The EIP-2612 permit that a permit account sends beside an intent instead of an approval."""
        if account not in self.permit_accounts:
            return ()
        token, signer = self.addresses[key], trader_key(account)
        rpc, vault = self.local.rpc, self.deployment.contracts.vault
        allowed = rpc.call(token, _ALLOWANCE + encode(["address"] * 2, [signer.address, vault]))
        if int.from_bytes(allowed, "big"):
            return ()  # a permit of an earlier market still stands
        return (sign_permit(signer, read_terms(rpc.call, token, signer.address), vault, MAX, deadline),)


def build_world(local: LocalChain, batch: RecordedBatch) -> World:
    """Deploy, mint the recorded balances, approve the vault, bond the solvers: a few blocks in all."""
    deployer = Deployer(local, house_key("deployer"))
    local.rpc.reader = deployer.signer.address
    wrapped = deployer.create("WrappedNative")
    deployment = deploy_house(deployer, wrapped, house_key("house").address, TREASURY, BOND)
    addresses = {batch.native_key: wrapped}
    for key, token in sorted(batch.tokens.items()):
        if key != batch.native_key:
            arguments = [f"{token.symbol} (demo)", token.symbol, token.decimals, deployer.signer.address]
            addresses[key] = deployer.create("TestToken", ["string", "string", "uint8", "address"], arguments)
    funded = sorted({order.account for order in batch.orders if order.funded and order.sell != batch.native_key})
    world = World(local, batch, deployment, addresses, tuple(funded[:PERMIT_ACCOUNTS]), deployer)
    for key in sorted(batch.tokens):
        holders = {a: amount for (a, k), amount in batch.balances.items() if k == key and amount}
        _mint(world, key, {trader_key(account).address: amount for account, amount in sorted(holders.items())})
    deployer.flush([*_approvals(world), *_bonds(world)])
    return world


def _mint(world: World, key: str, amounts: Mapping[str, int]) -> None:
    """Queue minting of ``amounts`` (atoms by address); wrapped native coin is deposited, not conjured."""
    if not amounts:
        return
    owners, values = list(amounts), list(amounts.values())
    arguments = encode(["address[]", "uint256[]"], [owners, values])
    gas = 100_000 + 60_000 * len(owners)
    if key == world.batch.native_key:
        data = selector("depositFor(address[],uint256[])") + arguments
        world.deployer.call(world.addresses[key], data, gas, value=sum(values))
    else:
        world.deployer.call(world.addresses[key], selector("mintBatch(address[],uint256[])") + arguments, gas)


def _approvals(world: World) -> list[tuple[bytes, int]]:
    """Each funded account approves the vault for each token it gives, but for the permit accounts."""
    vault = world.deployment.contracts.vault
    wanted = sorted({(order.account, order.sell) for order in world.batch.orders if order.funded})
    nonces: dict[str, int] = {}
    transactions = []
    for account, key in wanted:
        if account in world.permit_accounts:
            continue
        nonce = nonces.get(account, 0)
        nonces[account] = nonce + 1
        data = _APPROVE + encode(["address", "uint256"], [vault, MAX])
        raw = world.local.transaction(trader_key(account), world.addresses[key], data, nonce, 80_000)
        transactions.append((raw, 80_000))
    return transactions


def _bonds(world: World) -> list[tuple[bytes, int]]:
    """Each solver wraps native coin and joins the registry with the least bond."""
    keys = [house_key(f"solver {name}") for name in SOLVERS]
    return [raw for key in keys for raw in bond_transactions(world.local, key, world.deployment, BOND)]


def restore_balances(world: World, chain: EvmChain) -> None:
    """Bring every account back to its recorded balances: the excess is sent away, the missing minted."""
    keys = sorted(world.batch.tokens)
    queries = [(trader_key(a).address, world.addresses[key]) for a in world.batch.accounts for key in keys]
    held = dict(zip(queries, chain.token_facts(queries), strict=True))
    missing: dict[str, dict[str, int]] = {key: {} for key in keys}
    returns: list[tuple[bytes, int]] = []
    for account in world.batch.accounts:
        signer = trader_key(account)
        nonce = world.local.rpc.nonce(signer.address)
        for key in keys:
            change = world.batch.balances.get((account, key), 0) - held[(signer.address, world.addresses[key])].balance
            if change > 0:
                missing[key][signer.address] = change
            elif change < 0:
                data = _TRANSFER + encode(["address", "uint256"], [world.deployer.signer.address, -change])
                raw = world.local.transaction(signer, world.addresses[key], data, nonce, 80_000)
                returns.append((raw, 80_000))
                nonce += 1
    for key, amounts in missing.items():
        _mint(world, key, amounts)
    world.deployer.flush(returns)


def add_pools(world: World, plans: Sequence[PoolPlan]) -> None:
    """Deploy the planned pools and fill them."""
    deployer = world.deployer
    for number, plan in enumerate(plans):
        token0, token1 = world.addresses[plan.key0], world.addresses[plan.key1]
        address = deployer.create(
            "ConstantProductPool", ["address", "address", "uint256"], [token0, token1, plan.fee_ppm]
        )
        for key, amount in ((plan.key0, plan.reserve0), (plan.key1, plan.reserve1)):
            _mint(world, key, {deployer.signer.address: amount})
            deployer.call(world.addresses[key], _APPROVE + encode(["address", "uint256"], [address, amount]), 80_000)
        amounts = encode(["uint256", "uint256"], [plan.reserve0, plan.reserve1])
        deployer.call(address, selector("addLiquidity(uint256,uint256)") + amounts, 300_000)
        symbols = "/".join(world.batch.tokens[key].symbol for key in (plan.key0, plan.key1))
        world.pools.append(
            Pool(
                id=f"{symbols}#{number}",
                address=address,
                token0=token0,
                token1=token1,
                reserve0=plan.reserve0,
                reserve1=plan.reserve1,
                fee_ppm=plan.fee_ppm,
            )
        )
    deployer.flush()
