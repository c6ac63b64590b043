"""The peer of our settlement's gas: GPv2, the contracts of CoW Protocol, from their own npm package.

The package (LGPL-3.0) is fetched when the benchmark runs and its bytecode is deployed on the same test chain; nothing
of it is part of this project. Orders are fill-or-kill sells signed by EIP-712, receiver = owner, ERC-20 balances.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from eth_abi.abi import encode
from walras.digest import keccak
from walras.intent import ZERO_ADDRESS
from walras.signing import Signer
from walras.wire import Pool
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import created_address

from .gas_ours import Settled
from .gas_world import BUFFER, MAX, PRICES, GasWorld, Trade, key

FOLDER = Path(__file__).parent / "peer"
ARTIFACTS = FOLDER / "node_modules" / "@cowprotocol" / "contracts" / "lib" / "contracts"
_ORDER_TYPE = (
    "Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,"
    "bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,"
    "string buyTokenBalance)"
)
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_TRADE = "(uint256,uint256,address,uint256,uint256,uint32,bytes32,uint256,uint256,uint256,bytes)"
_INTERACTION = "(address,uint256,bytes)"
_SETTLE_TYPES = ["address[]", "uint256[]", f"{_TRADE}[]", f"{_INTERACTION}[][3]"]
_SETTLE = selector(f"settle({','.join(_SETTLE_TYPES)})")
_GAS = 7_000_000
#: Who deploys the peer, and who settles in it.
ACCOUNTS = (key("gpv2 owner"), key("gpv2 solver"))


class PeerMissingError(Exception):
    """The peer's contracts cannot be had on this machine, and why."""


def install() -> None:
    """``npm ci`` the package if it is not there. Raises :class:`PeerMissingError`."""
    if ARTIFACTS.is_dir():
        return
    npm = shutil.which(os.environ.get("NPM") or "npm")
    if npm is None:
        raise PeerMissingError("npm, which fetches the peer's contracts, is not on PATH")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode or not ARTIFACTS.is_dir():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PeerMissingError(f"npm ci failed: {last[:200]}")


class GPv2:
    """The peer's settlement on the same chain, with buffers, warm, and approved by the same traders."""

    def __init__(self, world: GasWorld) -> None:
        self._world = world
        owner, self._solver = ACCOUNTS
        allowlist = self._create(owner, "GPv2AllowListAuthentication", b"")
        # Its second argument is Balancer's vault, which trades in plain ERC-20 balances never call.
        arguments = encode(["address", "address"], [allowlist, key("no vault").address])
        self.address = self._create(owner, "GPv2Settlement", arguments)
        for name, account in (("initializeManager", owner), ("addSolver", self._solver)):
            data = selector(f"{name}(address)") + encode(["address"], [account.address])
            world.gas_of(owner, allowlist, data, 200_000)
        relayer = "0x" + world.local.rpc.call(self.address, selector("vaultRelayer()"))[12:].hex()
        self._separator = self._domain(world.local.rpc.chain_id())
        world.mint([self.address], BUFFER)
        world.approve(world.people, relayer)

    def settle(self, trades: Sequence[Trade], salt: int, pool: Pool | None = None, approve: bool = False) -> Settled:
        """Settle ``trades`` in one transaction at uniform prices, through ``pool`` if there is one.

        ``salt`` makes the orders new ones; ``approve`` lets the pool take the first token from now on.
        """
        world = self._world
        valid_to = world.now() + 3_600
        rows = [self._trade(trade, valid_to, salt) for trade in trades]
        prices: list[int] = list(PRICES[: len(world.tokens)])
        calls: list[tuple[str, int, bytes]] = []
        if pool is not None:
            given = sum(trade.amount for trade in trades)
            prices[:2] = [pool.amount_out(pool.token0, given), given]
            swap = encode(["address", "uint256", "uint256", "address"], [pool.token0, given, 0, self.address])
            allow = encode(["address", "uint256"], [pool.address, MAX])
            calls = [(pool.token0, 0, selector("approve(address,uint256)") + allow)] if approve else []
            calls.append((pool.address, 0, selector("swap(address,uint256,uint256,address)") + swap))
        data = _SETTLE + encode(_SETTLE_TYPES, [list(world.tokens), prices, rows, [[], calls, []]])
        return Settled(world.gas_of(self._solver, self.address, data, 25_000_000), len(data))

    def _trade(self, trade: Trade, valid_to: int, salt: int) -> tuple[object, ...]:
        sell, buy = trade.give, trade.want
        least, app_data = trade.worth * 99 // 100, keccak(b"walras bench %d" % salt)
        tokens = self._world.tokens
        fields = [tokens[sell], tokens[buy], ZERO_ADDRESS, trade.amount, least, valid_to, app_data, 0]
        signature = bytes.fromhex(trade.trader.sign(self._digest(fields))[2:])
        return (sell, buy, ZERO_ADDRESS, trade.amount, least, valid_to, app_data, 0, 0, trade.amount, signature)

    def _digest(self, fields: list[object]) -> bytes:
        types = ["address"] * 3 + ["uint256"] * 2 + ["uint32", "bytes32", "uint256"]
        erc20 = keccak(b"erc20")
        words = encode(
            ["bytes32", *types, "bytes32", "bool", "bytes32", "bytes32"],
            [keccak(_ORDER_TYPE.encode()), *fields, keccak(b"sell"), False, erc20, erc20],
        )
        return keccak(b"\x19\x01" + self._separator + keccak(words))

    def _domain(self, chain_id: int) -> bytes:
        names = [keccak(_DOMAIN_TYPE.encode()), keccak(b"Gnosis Protocol"), keccak(b"v2")]
        return keccak(encode(["bytes32"] * 3 + ["uint256", "address"], [*names, chain_id, self.address]))

    def _create(self, owner: Signer, name: str, arguments: bytes) -> str:
        code = bytes.fromhex(json.loads((ARTIFACTS / f"{name}.json").read_text())["bytecode"][2:])
        local = self._world.local
        nonce = local.rpc.nonce(owner.address)
        local.send_all([(local.transaction(owner, None, code + arguments, nonce, _GAS), _GAS)])
        return created_address(owner.address, nonce)
