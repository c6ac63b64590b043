"""A Balancer v2 vault with its pools, from the official bytecode that npm carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eth_abi.abi import encode
from walras_auction.liquidity import BalancerSection

from support.exchanges import BALANCER, Lab, bytecode
from support.world import MAX

FEE = 3 * 10**15
_NOBODY = "0x" + "00" * 20
_DAYS = 90 * 86_400
_COMMON = ("uint256", "uint256", "address")
_TASKS = {
    "Authorizer": "20210418-authorizer/bytecode/Authorizer.json",
    "Vault": "20210418-vault/bytecode/Vault.json",
    "first": "20210418-weighted-pool/bytecode/WeightedPool.json",
    "fees": "20220725-protocol-fee-percentages-provider/artifact/ProtocolFeePercentagesProvider.json",
    "weighted": "20230206-weighted-pool-v3/artifact/WeightedPool.json",
    "stable": "20220609-stable-pool-v2/artifact/StablePoolFactory.json",
    "composable": "20230206-composable-stable-pool-v3/artifact/ComposableStablePool.json",
}
_SWAP = "(bytes32,uint256,uint256,uint256,bytes)[]"


def code(name: str) -> bytes:
    return bytecode(Path(BALANCER / _TASKS[name]))


@dataclass(slots=True)
class Balancer:
    lab: Lab
    vault: str
    fees: str
    weighted_pools: list[str] = field(default_factory=list)
    stable_pools: list[str] = field(default_factory=list)

    @classmethod
    def deployed(cls, lab: Lab) -> Balancer:
        authorizer = lab.deploy(code("Authorizer"), ["address"], [lab.me])
        values = [authorizer, lab.world.token("WETH"), _DAYS, _DAYS // 3]
        vault = lab.deploy(code("Vault"), ["address", "address", "uint256", "uint256"], values)
        fees = lab.deploy(code("fees"), ["address", "uint256", "uint256"], [vault, 10**18, 10**18])
        return cls(lab, vault, fees)

    def section(self) -> BalancerSection:
        return BalancerSection(vault=self.vault, weighted=tuple(self.weighted_pools), stable=tuple(self.stable_pools))

    def weighted_first(self, tenths: Mapping[str, int], atoms: Mapping[str, int]) -> None:
        """A weighted pool as the first factory made them."""
        tokens = self._tokens(tenths)
        types = ["address", "string", "string", "address[]", "uint256[]", "uint256", *_COMMON]
        weights = [tenths[symbol] * 10**17 for symbol in tokens.values()]
        values = [self.vault, "first", "first", list(tokens), weights, FEE, _DAYS, 0, self.lab.me]
        self.weighted_pools.append(self._joined(self.lab.deploy(code("first"), types, values), atoms))

    def weighted(self, tenths: Mapping[str, int], atoms: Mapping[str, int]) -> None:
        """A weighted pool of a later version, without rates."""
        tokens = self._tokens(tenths)
        weights = [tenths[symbol] * 10**17 for symbol in tokens.values()]
        nobody = [_NOBODY] * len(tokens)
        types = [
            "(string,string,address[],uint256[],address[],address[],uint256)",
            "address",
            "address",
            *_COMMON,
            "string",
        ]
        parameters = ("later", "later", list(tokens), weights, nobody, nobody, FEE)
        values = [parameters, self.vault, self.fees, _DAYS, 0, self.lab.me, '{"name":"WeightedPool","version":3}']
        self.weighted_pools.append(self._joined(self.lab.deploy(code("weighted"), types, values), atoms))

    def stable(self, amplification: int, atoms: Mapping[str, int]) -> None:
        factory = self.lab.deploy(code("stable"), ["address"], [self.vault])
        types = ["string", "string", "address[]", "uint256", "uint256", "address"]
        values = ["stable", "stable", list(self._tokens(atoms)), amplification, FEE // 10, self.lab.me]
        (pool,) = self.lab.call(factory, "create", types, values, ["address"])
        self.lab.send(factory, "create", types, *values)
        self.stable_pools.append(self._joined(pool, atoms))

    def composable(self, amplification: int, atoms: Mapping[str, int]) -> None:
        """A stable pool that holds its own share token, as later ones do."""
        tokens = self._tokens(atoms)
        count = len(tokens)
        types = [
            "(address,address,string,string,address[],address[],uint256[],bool[],uint256,uint256,uint256,uint256,"
            "address,string)"
        ]
        rates: list[object] = [[_NOBODY] * count, [0] * count, [False] * count]
        name: list[object] = [self.vault, self.fees, "composable", "composable", list(tokens)]
        parameters = (*name, *rates, amplification, FEE // 10, _DAYS, 0, self.lab.me, "3")
        pool = self.lab.deploy(code("composable"), types, [parameters])
        self.stable_pools.append(self._joined(pool, atoms))

    def _tokens(self, symbols: Mapping[str, object]) -> dict[str, str]:
        """symbol by address, in the vault's order."""
        return dict(sorted((self.lab.world.token(symbol), symbol) for symbol in symbols))

    def pool_id(self, pool: str) -> bytes:
        return bytes(self.lab.call(pool, "getPoolId", [], [], ["bytes32"])[0])

    def _joined(self, pool: str, atoms: Mapping[str, int]) -> str:
        """Put the first tokens in; the pool's address."""
        for symbol, amount in atoms.items():
            self.lab.mint(symbol, amount)
            self.lab.approve(self.lab.world.token(symbol), self.vault)
        identity = self.pool_id(pool)
        returns = ["address[]", "uint256[]", "uint256"]
        tokens = self.lab.call(self.vault, "getPoolTokens", ["bytes32"], [identity], returns)[0]
        amounts = {self.lab.world.token(symbol): amount for symbol, amount in atoms.items()}
        given = [amounts.get(token, MAX // 2**144) for token in tokens]
        data = encode(["uint256", "uint256[]"], [0, given])
        types = ["bytes32", "address", "address", "(address[],uint256[],bytes,bool)"]
        most = [amount if token in amounts else MAX for token, amount in zip(tokens, given, strict=True)]
        self.lab.send(self.vault, "joinPool", types, identity, self.lab.me, self.lab.me, (tokens, most, data, False))
        return pool

    def _query(self, kind: int, pool: str, path: Sequence[str], amount: int) -> tuple[int, int]:
        types = ["uint8", _SWAP, "address[]", "(address,bool,address,bool)"]
        swaps = [(self.pool_id(pool), 0, 1, amount, b"")]
        values = [kind, swaps, list(path), (self.lab.me, False, self.lab.me, False)]
        (deltas,) = self.lab.call(self.vault, "queryBatchSwap", types, values, ["int256[]"])
        return deltas[0], deltas[1]

    def quote_out(self, pool: str, path: tuple[str, str], amount: int) -> int:
        """What the vault would pay. Raises ``Reverted``."""
        return -self._query(0, pool, path, amount)[1]

    def quote_in(self, pool: str, path: tuple[str, str], amount: int) -> int:
        """What the vault would ask. Raises ``Reverted``."""
        return self._query(1, pool, path, amount)[0]
