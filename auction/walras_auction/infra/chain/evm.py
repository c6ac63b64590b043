"""The chain port over web3: facts by one multi-call, simulation by ``eth_call``, settlement by one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_account import Account
from walras.digest import Domain, award_digest, keccak
from walras.intent import Intent
from walras.signing import Signer
from walras.wire import AnyPool, Batch, PermitMessage, Pool, TokenInfo

from walras_auction.bids import Checked, Simulation
from walras_auction.clock import SleepingClock, SystemClock
from walras_auction.close import ChainView
from walras_auction.infra.chain.conditions import ConditionReads
from walras_auction.infra.chain.encoding import (
    Award,
    calldata_gas,
    decode_previewed,
    encode_preview,
    encode_settle,
    encode_solution,
    least_gas,
    selector,
)
from walras_auction.infra.chain.errors import explain
from walras_auction.infra.chain.permits import check_permit, encode_relay
from walras_auction.infra.chain.reads import AccountReads
from walras_auction.infra.chain.rpc import Reverted, Rpc
from walras_auction.ports import ChainError, Contracts, PoolSource
from walras_auction.record import BundleOutcome
from walras_auction.settle import Entry, SignedBundle

_RESERVES = selector("reserves(address[])")
_COVER = selector("coverOf(address,address)")
_BONDED = selector("isBonded(address)")
_SETTLED_TOPIC = keccak(b"SolutionSettled(uint256,address,bytes32)").hex()
_PERMIT_FAILED = keccak(b"PermitFailed(address,address,bytes)").hex()
_FAILED_TOPIC = keccak(b"SolutionFailed(uint256,address,bytes32,bytes)").hex()
#: Gas around one solution of a bundle: its share of the transaction, the award's signature, its bookkeeping; and
#: per byte of the solution, which is hashed and copied for the inner call.
ENTRY_GAS = 85_000
BYTE_GAS = 5
#: The vault lets a token burn 200,000 on a permit and as much on telling the allowance; the rest is its own.
PERMIT_GAS = 430_000


class EvmChain(AccountReads, ConditionReads):
    """Everything the house asks of an EVM chain. Blocking; stages call it off the event loop."""

    def __init__(
        self,
        rpc: Rpc,
        contracts: Contracts,
        lens: str,
        house: Signer,
        tokens: Sequence[TokenInfo],
        pools: Sequence[Pool] = (),
        gas_price: int = 10**9,
        block_gas: int = 16_700_000,
        patience: float = 60.0,
        clock: SleepingClock | None = None,
        outside: PoolSource | None = None,
    ) -> None:
        self.rpc = rpc
        rpc.reader = house.address
        self.contracts = contracts
        self.domain = Domain(rpc.chain_id(), contracts.settlement)
        self.house = house
        self.gas_price = gas_price
        self.block_gas = block_gas
        self._lens = lens
        self._tokens = tuple(tokens)
        self._pools = tuple(pools)
        self._outside = outside
        self._patience = patience
        self._clock = clock or SystemClock()

    # -------------------------------------------------------------- reads

    def tokens(self) -> tuple[TokenInfo, ...]:
        return self._tokens

    def use_pools(self, pools: Sequence[Pool]) -> None:
        """From now on these pools are outside liquidity; their reserves are read for every batch."""
        self._pools = tuple(pools)

    def latest(self) -> tuple[int, int]:
        """(number, Unix seconds) of the latest block."""
        return self.rpc.block()

    def pools(self) -> tuple[AnyPool, ...]:
        """All pools at the latest block, the house's own kind first. Those that do not answer are left out."""
        return (*self._own_pools(), *(self._outside.pools() if self._outside else ()))

    def _own_pools(self) -> tuple[Pool, ...]:
        if not self._pools:
            return ()
        data = self._read(_RESERVES + encode(["address[]"], [[pool.address for pool in self._pools]]))
        (rows,) = decode(["uint256[2][]"], data)
        return tuple(
            pool.model_copy(update={"reserve0": row[0], "reserve1": row[1]})
            for pool, row in zip(self._pools, rows, strict=True)
            if row[0] and row[1]
        )

    def cover(self, solver: str, token: str) -> int:
        """What ``solver`` has deposited in the vault to cover shortfalls."""
        data = self.rpc.call(self.contracts.vault, _COVER + encode(["address", "address"], [solver, token]))
        return int(decode(["uint256"], data)[0])

    def is_bonded(self, solver: str) -> bool:
        data = self.rpc.call(self.contracts.registry, _BONDED + encode(["address"], [solver]))
        return bool(decode(["bool"], data)[0])

    def check_permit(self, owner: str, permit: PermitMessage) -> str | None:
        return check_permit(self.rpc, self.contracts.vault, owner, permit)

    def _read(self, data: bytes) -> bytes:
        try:
            return self.rpc.call(self._lens, data, gas=self.block_gas)
        except Reverted as error:
            raise ChainError(f"a read reverted: {explain(error.data)}") from error

    def view(self, intents: Sequence[tuple[str, Intent]]) -> ChainView:
        block, timestamp = self.rpc.block()
        pairs = list(dict.fromkeys((intent.owner, leg.token) for _, intent in intents for leg in intent.gives))
        nonces = self.nonce_facts([(intent.owner, intent.nonce, uid) for uid, intent in intents])
        return ChainView(
            block,
            timestamp,
            dict(zip(pairs, self.token_facts(pairs), strict=True)),
            {uid: facts for (uid, _), (facts, _) in zip(intents, nonces, strict=True)},
            self.pools(),
            frozenset(intent.owner for (_, intent), (_, keeps) in zip(intents, nonces, strict=True) if keeps),
        )

    # -------------------------------------------------------------- simulation and settlement

    def encode(self, checked: Checked, signatures: Mapping[str, str], batch: Batch) -> bytes:
        return encode_solution(checked, signatures, batch)

    def award(self, round_id: int, solver: str, solution: bytes, gas_limit: int, deadline: int) -> Award:
        """Sign the permission to settle ``solution`` once."""
        digest = award_digest(round_id, solver, keccak(solution), gas_limit, deadline, self.domain)
        return Award(round_id, solver, gas_limit, deadline, self.house.sign(digest))

    def simulate(
        self, round_id: int, solver: str, solution: bytes, deadline: int, probes: Sequence[tuple[str, str]]
    ) -> Simulation:
        award = self.award(round_id, solver, solution, self.block_gas * 9 // 10, deadline)
        data = encode_preview([(award, solution)], probes)
        if least_gas(data) > self.block_gas:
            return Simulation(False, 0, (), f"{len(data)} bytes of calldata do not fit a block")
        try:
            self.rpc.call(self.contracts.settlement, data, sender=self.house.address, gas=self.block_gas)
        except Reverted as error:
            previewed = decode_previewed(error.data)
            if previewed is None:
                return Simulation(False, 0, (), explain(error.data))
            (outcome,), changes = previewed
            if not outcome.settled:
                return Simulation(False, 0, (), explain(outcome.reason))
            gas = outcome.gas_used + calldata_gas(solution) + ENTRY_GAS + BYTE_GAS * len(solution)
            return Simulation(True, gas, tuple(changes))
        raise ChainError("a preview came back without reverting")

    def sign_bundle(self, round_id: int, entries: Sequence[Entry], deadline: int) -> SignedBundle:
        """The bundle's transaction. Its gas limit is computed, never estimated."""
        awarded = [
            (self.award(round_id, entry.solver, entry.solution, entry.gas_limit, deadline), entry.solution)
            for entry in entries
        ]
        data = encode_settle(awarded)
        # EIP-150 lets a call pass on 63/64 of what is left, the contract keeps a reserve of 60,000 for what follows,
        # and copying a solution for the inner call costs up to six gas a byte.
        inner = sum(entry.gas_limit * 64 // 63 + ENTRY_GAS + 60_000 + 6 * len(entry.solution) for entry in entries)
        transaction, raw = self.sign_call(self.contracts.settlement, data, inner + calldata_gas(data) + 50_000)
        return SignedBundle(transaction, raw, tuple(entry.hash for entry in entries))

    def relay_permits(self, permits: Sequence[tuple[str, PermitMessage]]) -> list[str | None]:
        data = encode_relay(permits)
        gas = 60_000 + calldata_gas(data) + PERMIT_GAS * len(permits)
        receipt = self._mined(self.rpc.send(self.sign_call(self.contracts.vault, data, gas)[1]))
        if receipt is None or receipt["status"] != 1:
            raise ChainError("the relay of permits was not mined")
        failed = {}
        for log in receipt["logs"]:
            if str(log["address"]).lower() == self.contracts.vault and bytes(log["topics"][0]).hex() == _PERMIT_FAILED:
                token, owner = ("0x" + bytes(topic)[12:].hex() for topic in log["topics"][1:3])
                failed[(owner, token)] = explain(decode(["bytes"], bytes(log["data"]))[0])
        return [failed.get((owner, permit.token)) for owner, permit in permits]

    def sign_call(self, to: str, data: bytes, gas: int) -> tuple[str, bytes]:
        """(hash, raw bytes) of a transaction of the house's that calls ``to``; it is not sent."""
        signed = Account.sign_transaction(
            {
                "type": 2,
                "chainId": self.domain.chain_id,
                "nonce": self.rpc.nonce(self.house.address),
                "to": bytes.fromhex(to[2:]),
                "data": data,
                "value": 0,
                "gas": gas,
                "maxFeePerGas": max(self.gas_price, 2 * self.rpc.base_fee()),
                "maxPriorityFeePerGas": 0,
            },
            self.house.secret,
        )
        return "0x" + bytes(signed.hash).hex(), bytes(signed.raw_transaction)

    def send(self, raw: bytes) -> str:
        return self.rpc.send(raw)

    def _mined(self, transaction: str) -> dict[str, Any] | None:
        """The receipt, waited for until patience ends."""
        deadline = self._clock.monotonic() + self._patience
        pause = 0.02
        while (receipt := self.rpc.receipt(transaction)) is None and self._clock.monotonic() < deadline:
            self._clock.sleep(pause)
            pause = min(2 * pause, 1.0)
        return receipt

    def follow(self, bundle: SignedBundle) -> BundleOutcome | None:
        receipt = self._mined(bundle.transaction)
        if receipt is None:
            return None
        results: list[tuple[bool, str]] = []
        for log in receipt["logs"]:
            topic = bytes(log["topics"][0]).hex() if log["topics"] else ""
            if str(log["address"]).lower() != self.contracts.settlement:
                continue
            if topic == _SETTLED_TOPIC:
                results.append((True, ""))
            elif topic == _FAILED_TOPIC:
                _, reason = decode(["bytes32", "bytes"], bytes(log["data"]))
                results.append((False, explain(reason)))
        if receipt["status"] != 1 or len(results) != len(bundle.hashes):
            results = [(False, "the settlement transaction reverted as a whole")] * len(bundle.hashes)
        block = int(receipt["blockNumber"])
        outcomes = dict(zip(bundle.hashes, results, strict=True))
        return BundleOutcome(bundle.transaction, block, self.rpc.timestamp(block), int(receipt["gasUsed"]), outcomes)
