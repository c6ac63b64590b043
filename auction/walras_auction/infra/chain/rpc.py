"""A thin, locked door to one JSON-RPC provider (web3's), for threads and for hostile answers."""

from __future__ import annotations

import ast
import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.exceptions import ContractCustomError, ContractLogicError, TransactionNotFound, Web3Exception
from web3.types import TxParams

from walras_auction.infra.chain.encoding import selector
from walras_auction.ports import ChainError


class Reverted(Exception):
    """A call reverted; ``data`` is what it returned."""

    def __init__(self, data: bytes) -> None:
        super().__init__(f"reverted: 0x{data[:68].hex()}")
        self.data = data


class Rpc:
    """Calls and transactions by raw bytes. One at a time: the in-process chain is not thread-safe."""

    def __init__(self, w3: Web3, reader: str | None = None) -> None:
        self.w3 = w3
        #: Whom calls come from unless said otherwise; eth-tester asks that it can pay for gas.
        self.reader = reader
        self._lock = threading.RLock()

    def call(
        self, to: str, data: bytes, sender: str | None = None, gas: int | None = None, block: int | None = None
    ) -> bytes:
        """``eth_call`` at ``block``, or else the latest. Raises :class:`Reverted` or :class:`ChainError`."""
        tx: TxParams = {"to": to_checksum_address(to), "data": data}
        caller = sender or self.reader
        if caller is not None:
            tx["from"] = to_checksum_address(caller)
        if gas:
            tx["gas"] = gas
        with self._lock:
            try:
                return bytes(self.w3.eth.call(tx, "latest" if block is None else block))
            except Exception as error:
                raise self._translate(error) from error

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[Web3]:
        """The provider's own interface, to the caller alone meanwhile."""
        with self._lock:
            yield self.w3

    @staticmethod
    def _translate(error: Exception) -> Exception:
        if isinstance(error, (ContractCustomError, ContractLogicError)):
            data = error.data
            if isinstance(data, str) and data.startswith("0x"):
                return Reverted(bytes.fromhex(data[2:]))
            if isinstance(data, bytes):
                return Reverted(data)
            return Reverted(b"")
        if type(error).__name__ == "TransactionFailed":
            return Reverted(_eth_tester_revert(error))
        return ChainError(f"{type(error).__name__}: {error}")

    def block(self) -> tuple[int, int]:
        """(number, timestamp) of the latest block."""
        with self._lock:
            try:
                block = self.w3.eth.get_block("latest")
                return int(block["number"]), int(block["timestamp"])
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def timestamp(self, block: int) -> int:
        """Unix seconds of a mined block. Raises :class:`ChainError`."""
        with self._lock:
            try:
                return int(self.w3.eth.get_block(block)["timestamp"])
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def chain_id(self) -> int:
        with self._lock:
            return int(self.w3.eth.chain_id)

    def base_fee(self) -> int:
        with self._lock:
            return int(self.w3.eth.get_block("latest").get("baseFeePerGas", 0))

    def nonce(self, account: str) -> int:
        with self._lock:
            return int(self.w3.eth.get_transaction_count(to_checksum_address(account), "pending"))

    def balance(self, account: str, block: int | None = None) -> int:
        """Wei of ``account`` at ``block``, or else the latest. Raises :class:`ChainError`."""
        with self._lock:
            try:
                return int(self.w3.eth.get_balance(to_checksum_address(account), "latest" if block is None else block))
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def send(self, raw: bytes) -> str:
        """Broadcast a signed transaction; its hash. Raises :class:`ChainError` if the node refuses it."""
        with self._lock:
            try:
                return "0x" + bytes(self.w3.eth.send_raw_transaction(raw)).hex()
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def input_of(self, transaction: str) -> bytes:
        """The calldata of a mined transaction."""
        with self._lock:
            data = self.w3.eth.get_transaction(transaction)["input"]  # type: ignore[arg-type]
            return bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else bytes(data)

    def logs(self, address: str, topics: list[str], first_block: int) -> list[dict[str, Any]]:
        """Events of a contract since a block. Raises :class:`ChainError`."""
        query = {"address": to_checksum_address(address), "topics": topics, "fromBlock": first_block}
        with self._lock:
            try:
                return [dict(log) for log in self.w3.eth.get_logs(query)]  # type: ignore[arg-type]
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def receipt(self, transaction: str) -> dict[str, Any] | None:
        """The receipt of a mined transaction, or None."""
        with self._lock:
            try:
                return dict(self.w3.eth.get_transaction_receipt(transaction))  # type: ignore[arg-type]
            except TransactionNotFound:
                return None
            except (Web3Exception, OSError, ValueError) as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error


def _eth_tester_revert(error: Exception) -> bytes:
    """Revert data out of eth-tester's exception, which carries only the Python literal of the bytes."""
    text = str(error.args[0]) if error.args else ""
    literal = text.removeprefix("execution reverted: ")
    if literal[:2] not in ("b'", 'b"'):
        return selector("Error(string)") + encode(["string"], [literal]) if literal else b""
    try:
        data = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return b""
    return data if isinstance(data, bytes) else b""
