"""Reading the ledger: its getters through a callable, its events from a node that may answer anything."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from support.ledgers import BOND_TOKEN, CHALLENGE, INCLUSION, STAKE, FakeLedger, eth_call
from walras.digest import keccak
from walras.jsonrpc import LEAST_BLOCKS, JsonRpc
from walras.ledger import ChainAnswerError, LedgerReader, Promise, posted_root, root_topics, roots_in
from walras.log_proofs import PostedRoot

LEDGER = "0x" + "1e" * 20


def event(size: int, block: int = 7, **changes: Any) -> dict[str, Any]:
    """``RootPosted`` as a node gives it."""
    topics = ["0x" + keccak(b"RootPosted(uint64,uint64,bytes32,bytes32)").hex(), f"0x{1:064x}", f"0x{size:064x}"]
    log = {"address": LEDGER, "topics": topics, "data": "0x" + "ab" * 32 + "cd" * 32, "blockNumber": hex(block)}
    return {**log, "transactionHash": "0x" + "ef" * 32, **changes}


def root(size: int, block: int = 7) -> PostedRoot:
    return PostedRoot(
        epoch=1,
        size=size,
        log_root="0x" + "ab" * 32,
        state_root="0x" + "cd" * 32,
        transaction="0x" + "ef" * 32,
        block=block,
    )


def test_the_getters() -> None:
    ledger = FakeLedger()
    reader = LedgerReader(eth_call(ledger), ledger.address)
    assert (reader.latest_size(1), reader.newest(1), reader.roots(1, 4)) == (0, None, None)
    ledger.mined += [root(4), root(9)]
    assert reader.newest(1) == (9, b"\xab" * 32)
    assert reader.roots(1, 4) == (b"\xab" * 32, b"\xcd" * 32)
    assert reader.newest(2) is None
    assert reader.promise() == Promise(INCLUSION, CHALLENGE, STAKE, BOND_TOKEN)


def test_an_event_is_a_root_in_either_form() -> None:
    assert posted_root(event(5)) == root(5)
    log = event(5)
    as_bytes = {**log, "topics": [bytes.fromhex(topic[2:]) for topic in log["topics"]], "blockNumber": 7}
    as_bytes |= {"data": bytes.fromhex(log["data"][2:]), "transactionHash": b"\xef" * 32}
    assert posted_root(as_bytes) == root(5)
    assert log["topics"][:2] == root_topics(1)


@pytest.mark.parametrize(
    "changes",
    [{"topics": []}, {"topics": ["0x12"]}, {"data": "0x1234"}, {"data": 5}, {"blockNumber": "x"},
     {"transactionHash": "0x12"}, {"topics": [event(1)["topics"][0], "0x" + "ff" * 32, "0x" + "ff" * 32]}],
)  # fmt: skip
def test_another_event_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ChainAnswerError, match="no posted root"):
        posted_root(event(5, **changes))


def test_of_a_transactions_events_those_of_the_ledger_count() -> None:
    others = [event(3, address="0x" + "11" * 20), event(4, topics=[]), event(5, topics=["0x" + "22" * 32])]
    assert roots_in([event(9), *others, event(2, address=LEDGER.upper().replace("0X", "0x"))], LEDGER) == [
        root(2),
        root(9),
    ]


class Node:
    """A node with events in blocks 0 to ``last`` that refuses ranges above ``most`` blocks."""

    def __init__(self, events: dict[int, int], last: int = 1_000, most: int = 10_000) -> None:
        self.events, self.last, self.most = events, last, most
        self.ranges: list[tuple[int, int]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], **self._result(asked)})

    def _result(self, asked: dict[str, Any]) -> dict[str, Any]:
        match asked["method"]:
            case "eth_blockNumber":
                return {"result": hex(self.last)}
            case "eth_chainId":
                return {"result": "0x7a69"}
            case "eth_getLogs":
                (query,) = asked["params"]
                first, last = (int(query[name], 16) for name in ("fromBlock", "toBlock"))
                if last - first >= self.most:
                    return {"error": {"code": -32005, "message": "range too large"}}
                self.ranges.append((first, last))
                return {"result": [event(s, b) for b, s in self.events.items() if first <= b <= last]}
        return {"error": {"code": -32601, "message": "no such method"}}


def node(answer: Any) -> JsonRpc:
    return JsonRpc("http://node.example", transport=httpx.MockTransport(answer))


def test_all_roots_since_a_block() -> None:
    some = Node({5: 3, 900: 20, 400: 12})
    with node(some.answer) as rpc:
        assert rpc.posted_roots(LEDGER, 1) == [root(3, 5), root(12, 400), root(20, 900)]
        assert rpc.posted_roots(LEDGER, 1, 400) == [root(12, 400), root(20, 900)]
        assert rpc.chain_id() == 31337
    assert some.ranges == [(0, 1_000), (400, 1_000)]


def test_a_range_that_is_refused_is_halved_and_none_is_missed() -> None:
    some = Node({0: 1, 499: 3, 500: 4, 501: 5, 1_000: 9}, most=300)
    with node(some.answer) as rpc:
        assert [posted.size for posted in rpc.posted_roots(LEDGER, 1)] == [1, 3, 4, 5, 9]
    covered = [block for first, last in sorted(some.ranges) for block in range(first, last + 1)]
    assert covered == list(range(1_001))


def test_a_node_that_always_refuses_is_not_asked_for_ever() -> None:
    with node(Node({}, most=0).answer) as rpc, pytest.raises(ChainAnswerError, match="range too large"):
        rpc.posted_roots(LEDGER, 1)
    assert LEAST_BLOCKS > 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b'{"error":{"message":"no"}}'])
def test_nonsense_is_named(body: bytes) -> None:
    with node(lambda _: httpx.Response(200, content=body)) as rpc, pytest.raises(ChainAnswerError, match="eth_call"):
        rpc.call(LEDGER, b"1234")


@pytest.mark.parametrize("result", [5, None, "0xabc", "zz"])
def test_results_of_the_wrong_form_are_named(result: object) -> None:
    with node(lambda _: httpx.Response(200, json={"result": result})) as rpc:
        with pytest.raises(ChainAnswerError, match="gave no bytes"):
            rpc.call(LEDGER, b"1234")
        if result != "0xabc":
            with pytest.raises(ChainAnswerError, match="is no number"):
                rpc.chain_id()


def test_a_node_that_is_not_there_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with node(refuse) as rpc, pytest.raises(ChainAnswerError, match="connection refused"):
        rpc.call(LEDGER, b"1234")
