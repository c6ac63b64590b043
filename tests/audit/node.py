"""Many calls of one shipped contract: on anvil in batches for the campaigns, in process for the short tests."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from walras_auction.infra.chain.local import local_chain
from walras_contracts import load
from web3.types import RPCEndpoint

from tests.support.anvil import find_anvil

from .evm import Evm, Reverted

ADDRESS = "0x" + "c0de" * 10
CONTRACTS = Path(__file__).parents[2] / "contracts"
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returned, or the revert data if it is not ``ok``."""

    ok: bool
    data: bytes


Asker = Callable[[Sequence[bytes]], list[Answer]]


@contextlib.contextmanager
def answers(contract: str) -> Iterator[Asker]:
    """Ask ``contract`` on a fresh anvil; it has no constructor arguments and no immutables."""
    find_anvil()
    with local_chain({}, "anvil") as local:
        provider = local.rpc.w3.provider
        provider.make_request(RPCEndpoint("anvil_setCode"), [ADDRESS, "0x" + load(contract).runtime.hex()])
        url = urlsplit(str(provider.endpoint_uri))  # type: ignore[attr-defined]
        connection = http.client.HTTPConnection(str(url.hostname), url.port or 80)
        yield lambda calls: _ask(connection, calls)
        connection.close()


def _ask(connection: http.client.HTTPConnection, calls: Sequence[bytes]) -> list[Answer]:
    found = []
    for first in range(0, len(calls), _BATCH):
        batch = [
            {"jsonrpc": "2.0", "id": i, "method": "eth_call", "params": [{"to": ADDRESS, "data": "0x" + one.hex()}]}
            for i, one in enumerate(calls[first : first + _BATCH])
        ]
        connection.request("POST", "/", json.dumps(batch), {"Content-Type": "application/json"})
        rows = sorted(json.loads(connection.getresponse().read()), key=lambda row: int(row["id"]))
        found += [_answer(row) for row in rows]
    return found


def _answer(row: dict[str, object]) -> Answer:
    error = row.get("error")
    if error is None:
        return Answer(True, bytes.fromhex(str(row["result"])[2:]))
    if not isinstance(error, dict) or "data" not in error:
        raise RuntimeError(f"anvil did not run a call: {error}")
    return Answer(False, bytes.fromhex(str(error["data"])[2:]))


def in_process(contract: str) -> Asker:
    """The same without a node, a hundred times slower."""
    evm, code = Evm(1), load(contract).runtime

    def ask(calls: Sequence[bytes]) -> list[Answer]:
        return [_one(evm, code, data) for data in calls]

    return ask


def _one(evm: Evm, code: bytes, data: bytes) -> Answer:
    try:
        return Answer(True, evm.call(ADDRESS, code, data))
    except Reverted as reverted:
        return Answer(False, reverted.data)
