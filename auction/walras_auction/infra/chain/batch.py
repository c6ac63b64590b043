"""Many reads at one block in few requests: JSON-RPC batches, each call pinned to the block's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.address import to_checksum_address
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from walras_auction.infra.chain.rpc import Reverted, Rpc
from walras_auction.ports import ChainError

Call = tuple[str, bytes]
#: Calls of one request, and contracts of one question for events.
CHUNK = 500
#: Gas of one call: plenty for a getter, and it bounds what a hostile contract can make the node answer.
READ_GAS = 400_000
#: What nodes say if they are too busy, or have the block no longer. Everything else counts as the contract's doing: a
#: contract that breaks the machine is an internal error (-32603) to some nodes, and may not stop the whole reading.
_NODE_ERRORS = (429, -32001, -32005)
#: Characters of an answer that are looked at; what is longer is cut, and is too long for any reader.
_MOST_CHARACTERS = 2 + 2 * 16_384


class BatchReads:
    """The chain as liquidity is read from it (``BlockReader``). Raises :class:`ChainError` if the node fails."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def latest(self) -> tuple[int, str, int]:
        """(number, hash, Unix seconds)."""
        block = self._block("latest")
        return int(block["number"]), "0x" + bytes(block["hash"]).hex(), int(block["timestamp"])

    def hash_of(self, block: int) -> str:
        return "0x" + bytes(self._block(block)["hash"]).hex()

    def read(self, calls: Sequence[Call], block: int) -> list[bytes | None]:
        """What each call returns at ``block``; None where it reverts or returns nothing."""
        answers: list[bytes | None] = []
        for at in range(0, len(calls), CHUNK):
            answers += self._chunk(calls[at : at + CHUNK], block)
        return answers

    def events(
        self, addresses: Sequence[str], kinds: Sequence[str], first: int, last: int
    ) -> list[tuple[str, list[int]]]:
        """(contract, topics) of what the contracts logged in those blocks, with one of ``kinds`` as the first topic."""
        found: list[tuple[str, list[int]]] = []
        for at in range(0, len(addresses), CHUNK):
            found += self._logs(addresses[at : at + CHUNK], kinds, first, last)
        return found

    def _logs(
        self, addresses: Sequence[str], kinds: Sequence[str], first: int, last: int
    ) -> list[tuple[str, list[int]]]:
        where = [to_checksum_address(address) for address in addresses]
        query: Any = {"address": where, "topics": [list(kinds)], "fromBlock": first, "toBlock": last}
        with self._rpc.exclusive() as w3:
            try:
                logs = w3.eth.get_logs(query)
                return [
                    (str(log["address"]).lower(), [int.from_bytes(topic, "big") for topic in log["topics"]])
                    for log in logs
                ]
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def _block(self, which: Any) -> Any:
        with self._rpc.exclusive() as w3:
            try:
                return w3.eth.get_block(which)
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error

    def _chunk(self, calls: Sequence[Call], block: int) -> list[bytes | None]:
        with self._rpc.exclusive() as w3:
            if not isinstance(w3.provider, HTTPProvider):
                return [self._one(to, data, block) for to, data in calls]
            requests: Any = [(RPCEndpoint("eth_call"), [_transaction(to, data), hex(block)]) for to, data in calls]
            try:
                responses = w3.provider.make_batch_request(requests)
            except Exception as error:
                raise ChainError(f"{type(error).__name__}: {error}") from error
        if not isinstance(responses, list) or len(responses) != len(calls):
            raise ChainError("the node did not answer every call of a batch")
        return [_answer(response) for response in responses]

    def _one(self, to: str, data: bytes, block: int) -> bytes | None:
        try:
            return self._rpc.call(to, data, gas=READ_GAS, block=block) or None
        except Reverted:
            return None


def _transaction(to: str, data: bytes) -> dict[str, str]:
    return {"to": to, "data": "0x" + data.hex(), "gas": hex(READ_GAS)}


def _answer(response: object) -> bytes | None:
    """The bytes of one response; None if it is an error of the call. Raises :class:`ChainError` if it is neither."""
    if not isinstance(response, dict):
        raise ChainError("the node answered a call with something else")
    error = response.get("error")
    if isinstance(error, dict) and error.get("code") in _NODE_ERRORS:
        raise ChainError(f"the node refused a call: {error.get('message')}")
    if error is not None:
        return None
    result = response.get("result")
    if not isinstance(result, str) or not result.startswith("0x"):
        raise ChainError("the node answered a call with something else")
    try:
        return bytes.fromhex(result[2:_MOST_CHARACTERS]) or None
    except ValueError as error:
        raise ChainError("the node answered a call with something else") from error
