"""Official exchanges on a test chain: the bytecode that npm carries, deployed and traded on by raw calls.

Nothing of it is part of Walras; tests compare what we predict with what these contracts do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from walras.digest import keccak
from walras_auction.infra.chain.local import created_address

from support.world import MAX, World, person

CONTRACTS = Path(__file__).parents[2] / "contracts"
MODULES = CONTRACTS / "node_modules"
BALANCER = MODULES / "@balancer-labs/v2-deployments/dist/tasks"
GAS = 16_000_000


def bytecode(path: Path) -> bytes:
    """Creation code of a compiler's artifact, of whichever kind."""
    if not path.exists():
        pytest.fail(f"{path.name} is missing; type: npm ci --ignore-scripts --prefix contracts")
    artifact = json.loads(path.read_text())
    code = artifact.get("creationCode") or artifact.get("bytecode")
    return bytes.fromhex(code.removeprefix("0x"))


@dataclass(frozen=True, slots=True)
class Lab:
    """Deploys and calls as the account that owns the test tokens."""

    world: World

    @property
    def me(self) -> str:
        return person("deployer").address

    def deploy(self, code: bytes, types: Sequence[str] = (), values: Sequence[object] = ()) -> str:
        nonce = self.world.local.rpc.nonce(self.me)
        data = code + encode(types, values)
        raw = self.world.local.transaction(person("deployer"), None, data, nonce, GAS)
        self.world.local.send_all([(raw, GAS)])
        return created_address(self.me, nonce)

    def send(self, to: str, name: str, types: Sequence[str], *values: object, value: int = 0) -> None:
        data = _calldata(name, types, values)
        self.world.send(person("deployer"), to, data, value=value, gas=GAS)

    def call(self, to: str, name: str, types: Sequence[str], values: Sequence[object], returns: Sequence[str]) -> Any:
        """What the function returns. Raises ``Reverted``."""
        data = self.world.local.rpc.call(to, _calldata(name, types, values), gas=25_000_000, sender=self.me)
        return decode(returns, data)

    def mint(self, symbol: str, atoms: int) -> None:
        """Give the lab's account tokens of the world."""
        token = self.world.token(symbol)
        if symbol == "WETH":
            self.send(token, "depositFor", ["address[]", "uint256[]"], [self.me], [atoms], value=atoms)
        else:
            self.send(token, "mintBatch", ["address[]", "uint256[]"], [self.me], [atoms])

    def approve(self, token: str, spender: str) -> None:
        self.send(token, "approve", ["address", "uint256"], spender, MAX)


def _calldata(name: str, types: Sequence[str], values: Sequence[object]) -> bytes:
    return keccak(f"{name}({','.join(types)})".encode())[:4] + encode(types, values)
