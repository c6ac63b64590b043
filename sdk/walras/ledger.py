"""Read the ``Ledger`` contract: the roots that a house has posted, and what it promised.

Reads go through a callable of (address, calldata), so that any library will do; with web3:
``LedgerReader(lambda to, data: w3.eth.call({"to": w3.to_checksum_address(to), "data": data}), ledger)``.
Without one, :class:`walras.jsonrpc.JsonRpc` asks a node directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode

from walras.digest import keccak
from walras.log_proofs import PostedRoot

__all__ = [
    "ROOT_POSTED",
    "ChainAnswerError",
    "EthCall",
    "LedgerReader",
    "Promise",
    "posted_root",
    "root_topics",
    "roots_in",
]

#: Calls the contract at an address with calldata, at the latest block, and gives back what it returned.
EthCall = Callable[[str, bytes], bytes]
#: The topic of ``RootPosted(uint64 indexed epoch, uint64 indexed size, bytes32 logRoot, bytes32 stateRoot)``.
ROOT_POSTED = keccak(b"RootPosted(uint64,uint64,bytes32,bytes32)")


class ChainAnswerError(Exception):
    """A node did not answer, or not like the contract that was asked."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the operator promised, in seconds after a receipt, and what a claim that it broke its word takes.

    ``stake`` is in atoms of ``bond_token``, which the ledger must be allowed to take from the claimant.
    """

    inclusion_seconds: int
    challenge_seconds: int
    stake: int
    bond_token: str


class LedgerReader:
    """Reads the ledger at ``ledger`` through ``call``. Raises :class:`ChainAnswerError`."""

    def __init__(self, call: EthCall, ledger: str) -> None:
        self._call = call
        self.ledger = ledger.lower()

    def latest_size(self, epoch: int) -> int:
        """How many entries the newest root covers; 0 if none was posted."""
        return self._word("latestSize(uint64)", epoch)

    def roots(self, epoch: int, size: int) -> tuple[bytes, bytes] | None:
        """(log root, state root) as posted for ``size``, or None."""
        data = self._read("roots(uint64,uint64)", 64, epoch, size)
        return (data[:32], data[32:64]) if any(data[:32]) else None

    def newest(self, epoch: int) -> tuple[int, bytes] | None:
        """(size, log root) of the newest root, or None if there is none."""
        size = self.latest_size(epoch)
        found = self.roots(epoch, size) if size else None
        return None if found is None else (size, found[0])

    def promise(self) -> Promise:
        """The terms of the bond."""
        seconds = (self._word("inclusionPeriod()"), self._word("challengePeriod()"))
        return Promise(*seconds, self._word("challengeStake()"), f"0x{self._word('bondToken()') % 2**160:040x}")

    def _word(self, function: str, *values: int) -> int:
        return int.from_bytes(self._read(function, 32, *values)[:32], "big")

    def _read(self, function: str, length: int, *values: int) -> bytes:
        data = keccak(function.encode())[:4] + encode(["uint64"] * len(values), list(values))
        answer = bytes(self._call(self.ledger, data))
        if len(answer) < length:
            raise ChainAnswerError(f"{self.ledger} does not answer {function} like a ledger")
        return answer


def root_topics(epoch: int) -> list[str]:
    """The topics that select an epoch's roots among the ledger's events."""
    return ["0x" + ROOT_POSTED.hex(), f"0x{epoch:064x}"]


def posted_root(log: Mapping[str, Any]) -> PostedRoot:
    """The root that an event tells of, as ``eth_getLogs`` gives it: words as ``0x`` hex, or as web3's types.

    Raises :class:`ChainAnswerError` if it is no such event.
    """
    try:
        topics, data = [_bytes(topic) for topic in log["topics"]], _bytes(log["data"])
        if topics[0] != ROOT_POSTED or len(topics) != 3 or len(data) != 64:
            raise ValueError("it is another event")
        block = log["blockNumber"]
        return PostedRoot(
            epoch=int.from_bytes(topics[1], "big"),
            size=int.from_bytes(topics[2], "big"),
            log_root="0x" + data[:32].hex(),
            state_root="0x" + data[32:].hex(),
            transaction="0x" + _bytes(log["transactionHash"]).hex(),
            block=int(block, 16) if isinstance(block, str) else block,
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise ChainAnswerError(f"the node's answer is no posted root: {error}") from error


def roots_in(logs: Sequence[Mapping[str, Any]], ledger: str) -> list[PostedRoot]:
    """The roots among the events of a transaction or of a range of blocks, by size."""
    mine = [log for log in logs if str(log["address"]).lower() == ledger and _is_root(log)]
    return sorted((posted_root(log) for log in mine), key=lambda root: root.size)


def _is_root(log: Mapping[str, Any]) -> bool:
    return bool(log["topics"]) and _bytes(log["topics"][0]) == ROOT_POSTED


def _bytes(word: Any) -> bytes:
    return bytes.fromhex(word.removeprefix("0x")) if isinstance(word, str) else bytes(word)
