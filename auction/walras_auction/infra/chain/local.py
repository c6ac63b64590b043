"""A chain on this machine: in process (eth-tester on py-evm), or ``anvil`` when it is on PATH."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import rlp
from eth_account import Account
from eth_utils.address import to_checksum_address
from walras.digest import keccak
from walras.signing import Signer
from web3 import EthereumTesterProvider, HTTPProvider, Web3
from web3.types import RPCEndpoint

from walras_auction.clock import SleepingClock, SystemClock
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.ports import ChainError

RICH = 10**9 * 10**18
_ANVIL_START_SECONDS = 15.0
#: By kind of chain: seconds until a transaction that was taken must have a receipt, and between looks for it.
_RECEIPT_WAITS = {"eth-tester": (0.0, 0.0), "anvil": (30.0, 0.02), "remote": (300.0, 0.5)}


class LocalChain:
    """A chain to set things up on: in process, anvil, or somebody's node (``remote``), which mines by itself.

    ``send_all`` puts many transactions into as few blocks as they fit, which keeps eth-tester's clock (a second a
    block) beside the house's.
    """

    def __init__(self, rpc: Rpc, backend: str, block_gas: int, clock: SleepingClock | None = None) -> None:
        self.rpc = rpc
        self._clock = clock or SystemClock()
        self.backend = backend
        self.block_gas = block_gas
        self._chain_id = rpc.chain_id()

    def deploy(self, signer: Signer, bytecode: bytes, nonce: int) -> bytes:
        """The raw creation transaction; the contract lands at ``created_address(signer.address, nonce)``."""
        return self.transaction(signer, None, bytecode, nonce, 6_000_000)

    def transaction(self, signer: Signer, to: str | None, data: bytes, nonce: int, gas: int, value: int = 0) -> bytes:
        """A signed raw transaction."""
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": nonce,
            "data": data,
            "value": value,
            "gas": gas,
            "maxFeePerGas": 100 * 10**9,
            "maxPriorityFeePerGas": 0,
        }
        if to is not None:
            fields["to"] = bytes.fromhex(to[2:])
        return bytes(Account.sign_transaction(fields, signer.secret).raw_transaction)

    def send_all(self, transactions: Sequence[tuple[bytes, int]]) -> None:
        """Mine (raw, gas limit) transactions in order, in few blocks. Raises :class:`ChainError` if one fails."""
        with self._manual_mining():
            room, hashes = self.block_gas, []
            for raw, gas in transactions:
                if gas > room:
                    self._mine()
                    room = self.block_gas
                hashes.append(self._queue(raw))
                room -= gas
            self._mine()
        for transaction in hashes:
            receipt = self.receipt(transaction)
            if receipt is None or receipt["status"] != 1:
                raise ChainError(f"set-up transaction {transaction} failed")

    @contextlib.contextmanager
    def _manual_mining(self) -> Iterator[None]:
        if self.backend == "anvil":
            self._request("evm_setAutomine", False)
        try:
            yield
        finally:
            if self.backend == "anvil":
                self._request("evm_setAutomine", True)

    def receipt(self, transaction: str) -> dict[str, Any] | None:
        """The receipt of a transaction that was sent, once it is mined; None if that does not happen in time.

        Only the in-process chain has mined a transaction when it takes it: anvil answers first and mines then.
        """
        wait, pause = _RECEIPT_WAITS[self.backend]
        deadline = self._clock.monotonic() + wait
        while (receipt := self.rpc.receipt(transaction)) is None:
            if self._clock.monotonic() >= deadline:
                return None
            self._clock.sleep(pause)
        return receipt

    def _queue(self, raw: bytes) -> str:
        if self.backend != "eth-tester":
            return self.rpc.send(raw)
        # eth-tester's own queue forgets state between transactions of one sender; its backend's pending block does not.
        return "0x" + bytes(self._tester.backend.send_raw_transaction(raw)).hex()

    def heartbeat(self) -> None:
        """Mine an empty block: blocks are made on demand, so the latest may be as old as the last transaction."""
        self._mine()

    def _mine(self) -> None:
        if self.backend == "anvil":
            self._request("evm_mine")
        elif self.backend == "eth-tester":
            self._tester.mine_block()

    def _request(self, method: str, *values: object) -> None:
        answer = self.rpc.w3.provider.make_request(RPCEndpoint(method), list(values))
        if "error" in answer:
            raise ChainError(f"{method}: {answer['error']}")

    @property
    def _tester(self) -> Any:
        return self.rpc.w3.provider.ethereum_tester  # type: ignore[attr-defined]


def created_address(deployer: str, nonce: int) -> str:
    """Where a contract created by ``deployer`` with account ``nonce`` lands (CREATE)."""
    return "0x" + keccak(rlp.encode([bytes.fromhex(deployer[2:]), nonce]))[12:].hex()


@contextlib.contextmanager
def local_chain(
    balances: Mapping[str, int], backend: str = "auto", now: Callable[[], int] | None = None
) -> Iterator[LocalChain]:
    """Start a chain whose genesis gives ``balances`` (wei by address); ends with the context.

    ``backend`` is ``eth-tester``, ``anvil``, or ``auto``: anvil when it is on PATH. ``now`` is where eth-tester's
    blocks get their time from, instead of the machine's clock.
    """
    if backend == "auto":
        backend = "anvil" if shutil.which("anvil") else "eth-tester"
    if backend == "anvil":
        with _anvil(balances) as chain:
            yield chain
    else:
        yield _eth_tester(balances, now or SystemClock().now)


def _eth_tester(balances: Mapping[str, int], now: Callable[[], int]) -> LocalChain:
    from eth_tester import EthereumTester, PyEVMBackend

    class Timely(PyEVMBackend):  # type: ignore[misc]
        """Gives a block the time of its first transaction, and a call the present.

        Otherwise a block is as old as its parent and a call sees the time of the last block: after a pause no intent
        whose window opened meanwhile could be simulated or settled.
        """

        def _tick(self) -> None:
            pending = self.chain.get_block()
            if not pending.transactions:
                parent = self.chain.get_block_by_hash(pending.header.parent_hash).header
                self.chain.set_header_timestamp(max(parent.timestamp + 1, now()))

        def send_raw_transaction(self, raw_transaction: bytes) -> Any:
            self._tick()
            return super().send_raw_transaction(raw_transaction)

        def mine_blocks(self, *args: Any, **rest: Any) -> Any:
            if self.chain.header.timestamp < now():
                self._tick()
            return super().mine_blocks(*args, **rest)

        def call(self, transaction: dict[str, Any], block_number: Any = "latest") -> Any:
            self._tick()
            return super().call(transaction, "pending" if block_number == "latest" else block_number)

    genesis = PyEVMBackend.generate_genesis_params({"gas_limit": 30_000_000})
    state = {
        bytes.fromhex(address[2:]): {"balance": amount, "nonce": 0, "code": b"", "storage": {}}
        for address, amount in balances.items()
    }
    tester = EthereumTester(Timely(genesis_parameters=genesis, genesis_state=state))
    return LocalChain(Rpc(Web3(EthereumTesterProvider(tester))), "eth-tester", 29_000_000)


@contextlib.contextmanager
def _anvil(balances: Mapping[str, int]) -> Iterator[LocalChain]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        "anvil",
        "--port",
        str(port),
        "--gas-limit",
        "30000000",
        "--silent",
        "--accounts",
        "1",
        "--base-fee",
        "1000000000",
        "--hardfork",
        "prague",  # as eth-tester, so that both meter gas alike
    ]
    process = subprocess.Popen(  # noqa: S603 -- fixed words and a port number
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        w3 = Web3(HTTPProvider(f"http://127.0.0.1:{port}"))
        _await_ready(w3, process)
        for address, amount in balances.items():
            w3.provider.make_request("anvil_setBalance", [to_checksum_address(address), hex(amount)])  # type: ignore[arg-type]
        yield LocalChain(Rpc(w3), "anvil", 29_000_000)
    finally:
        process.terminate()
        process.wait()


def _await_ready(w3: Web3, process: subprocess.Popen[bytes]) -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + _ANVIL_START_SECONDS
    while not w3.is_connected():
        if process.poll() is not None or clock.monotonic() > deadline:
            raise ChainError("anvil did not start")
        clock.sleep(0.05)
