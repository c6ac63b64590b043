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
DAY = 24 * 3600
#: How long a solver has to answer an accusation.
ANSWER_SECONDS = DAY


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
    notice_seconds: int = 3 * DAY,
) -> Deployment:
    """Queue the house's contracts. They name each other, so later addresses are computed ahead.

    Bonds are in wrapped native coin. The deployer owns everything and judges penalties, which ``house`` proposes; what
    is slashed goes to the treasury.
    """
    owner = deployer.signer.address
    registry = deployer.create(
        "SolverRegistry",
        ["address", *["uint256"] * 3, *["address"] * 4],
        [wrapped_native, minimum_bond, notice_seconds, ANSWER_SECONDS, owner, house, owner, treasury],
    )
    vault, runner, executor, settlement = (deployer.future(place) for place in range(4))
    deployer.create("Vault", ["address"], [settlement])
    deployer.create("HookRunner", ["address"] * 4, [settlement, vault, executor, registry])
    deployer.create("Executor", ["address"] * 5, [settlement, vault, registry, wrapped_native, runner])
    parts = [vault, executor, registry, wrapped_native, runner]
    created = deployer.create("Settlement", ["address"] * 9, [owner, house, house, treasury, *parts])
    assert created == settlement
    lens = deployer.create("Lens", ["address", "address"], [vault, settlement])
    ledger = deployer.create(
        "Ledger",
        [*["address"] * 6, "(uint64,uint64,uint64,uint64,uint128,uint128,uint128)"],
        [settlement, owner, house, house, treasury, wrapped_native, _ledger_terms(minimum_bond)],
    )
    contracts = Contracts(settlement, vault, executor, registry, treasury, wrapped_native, runner, ledger)
    return Deployment(contracts, lens)


def _ledger_terms(bond: int) -> tuple[int, ...]:
    """Inclusion within a day, challenges for a week; a breach costs as much as a solver's bond, half to its finder."""
    return DAY, 7 * DAY, DAY, 14 * DAY, bond, bond // 2, bond // 10
