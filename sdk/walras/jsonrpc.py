"""The two questions an auditor has for a node: what a contract returns, and which events it left."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import httpx

from walras.ledger import ChainAnswerError, root_topics, roots_in
from walras.log_proofs import PostedRoot

__all__ = ["JsonRpc"]

#: Nodes that refuse a range of blocks are asked for halves of it, down to this many.
LEAST_BLOCKS = 100


class JsonRpc:
    """A node at ``url``. Raises :class:`~walras.ledger.ChainAnswerError` when it does not answer, or says no.

    ``transport`` is httpx's seam for tests.
    """

    def __init__(self, url: str, timeout: float = 30.0, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(timeout=timeout, transport=transport)
        self._url = url
        self._ids = itertools.count(1)

    def call(self, to: str, data: bytes) -> bytes:
        """``eth_call`` at the latest block: an :data:`~walras.ledger.EthCall`."""
        answer = self.request("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")
        try:
            return bytes.fromhex(answer.removeprefix("0x"))
        except (AttributeError, ValueError) as error:
            raise ChainAnswerError(f"eth_call gave no bytes but {str(answer)[:80]!r}") from error

    def chain_id(self) -> int:
        """Which chain the node is on."""
        return self._number(self.request("eth_chainId"))

    def posted_roots(self, ledger: str, epoch: int, first_block: int = 0) -> list[PostedRoot]:
        """Every root posted for an epoch since ``first_block``, by size."""
        last = self._number(self.request("eth_blockNumber"))
        return sorted(self._roots(ledger.lower(), epoch, first_block, last), key=lambda root: root.size)

    def _roots(self, ledger: str, epoch: int, first: int, last: int) -> list[PostedRoot]:
        query = {"address": ledger, "topics": root_topics(epoch), "fromBlock": hex(first), "toBlock": hex(last)}
        try:
            logs = self.request("eth_getLogs", query)
        except ChainAnswerError:
            if last - first < LEAST_BLOCKS:
                raise
            middle = (first + last) // 2
            return self._roots(ledger, epoch, first, middle) + self._roots(ledger, epoch, middle + 1, last)
        if not isinstance(logs, list):
            raise ChainAnswerError("eth_getLogs gave no list")
        return roots_in(logs, ledger)

    def request(self, method: str, *params: object) -> Any:
        """One JSON-RPC request; its result."""
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        try:
            answer = self._http.post(self._url, json=body).json()
        except (httpx.HTTPError, ValueError) as error:
            raise ChainAnswerError(f"{method}: {type(error).__name__}: {error}") from error
        if not isinstance(answer, dict) or "result" not in answer:
            problem: Sequence[Any] = [answer.get("error")] if isinstance(answer, dict) else [answer]
            raise ChainAnswerError(f"{method}: {str(problem[0])[:300]}")
        return answer["result"]

    @staticmethod
    def _number(answer: Any) -> int:
        try:
            return int(answer, 16)
        except (TypeError, ValueError) as error:
            raise ChainAnswerError(f"{str(answer)[:80]!r} is no number") from error

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> JsonRpc:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
