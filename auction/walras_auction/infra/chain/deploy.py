"""Put the house's contracts on a chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from walras.signing import Signer
from walras_contracts import load

from walras_auction.infra.chain.local import LocalChain, created_address
from walras_auction.ports import Contracts

_DEPLOY_GAS = 6_500_000


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where everything is."""

    contracts: Contracts
    lens: str


class Deployer:
    """Collects creations and calls of one account, in order, to be mined together."""

    def __init__(self, chain: LocalChain, signer: Signer) -> None:
        self.chain = chain
        self.signer = signer
        self._nonce = chain.rpc.nonce(signer.address)
        self._pending: list[tuple[bytes, int]] = []

    def create(self, name: str, types: Sequence[str] = (), values: Sequence[object] = ()) -> str:
        """Queue a creation of the named contract; its address."""
        code = load(name).bytecode + encode(list(types), list(values))
        self._pending.append((self.chain.transaction(self.signer, None, code, self._nonce, _DEPLOY_GAS), _DEPLOY_GAS))
        self._nonce += 1
        return created_address(self.signer.address, self._nonce - 1)

    def call(self, to: str, data: bytes, gas: int, value: int = 0) -> None:
        """Queue a call."""
        self._pending.append((self.chain.transaction(self.signer, to, data, self._nonce, gas, value), gas))
        self._nonce += 1

    def future(self, creations: int) -> str:
        """Where the contract after that many further creations or calls will land."""
        return created_address(self.signer.address, self._nonce + creations)

    def flush(self, others: Sequence[tuple[bytes, int]] = ()) -> None:
        """Mine what is queued, then ``others``."""
        pending, self._pending = self._pending, []
        self.chain.send_all([*pending, *others])


def deploy_house(
    deployer: Deployer,
    wrapped_native: str,
    house: str,
    treasury: str,
    minimum_bond: int,
    notice_seconds: int = 3 * 24 * 3600,
) -> Deployment:
    """Queue the house's contracts. They name each other, so later addresses are computed ahead."""
    owner = deployer.signer.address
    registry = deployer.create(
        "SolverRegistry",
        ["address", "uint256", "uint256", "address"],
        [wrapped_native, minimum_bond, notice_seconds, owner],
    )
    settlement = deployer.future(2)
    vault = deployer.create("Vault", ["address"], [settlement])
    executor = deployer.create("Executor", ["address"] * 4, [settlement, vault, registry, wrapped_native])
    created = deployer.create(
        "Settlement",
        ["address"] * 8,
        [owner, house, house, treasury, vault, executor, registry, wrapped_native],
    )
    assert created == settlement
    lens = deployer.create("Lens", ["address", "address"], [vault, settlement])
    return Deployment(Contracts(settlement, vault, executor, registry, treasury, wrapped_native), lens)
