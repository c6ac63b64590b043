"""The chain that a laptop gets: its time is the present, and set-up that fails says so."""

from __future__ import annotations

from typing import cast

import pytest
from eth_abi.abi import encode
from house_fakes import NOW, ManualClock
from support.bytecode import creation
from support.world import World, person
from walras_auction.infra.chain.encoding import calldata_gas, least_gas, selector
from walras_auction.infra.chain.errors import explain
from walras_auction.infra.chain.local import RICH, LocalChain, created_address, local_chain
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.ports import ChainError

#: Returns block.timestamp.
TELLS_TIME = bytes.fromhex("4260005260206000f3")
ALICE = person("alice")


def test_calls_and_blocks_carry_the_present() -> None:
    """After a pause, too, and although nothing was mined meanwhile."""
    clock = ManualClock(2 * NOW)
    with local_chain({ALICE.address: RICH}, "eth-tester", clock.now) as local:
        local.rpc.reader = ALICE.address
        watch = created_address(ALICE.address, 0)
        local.send_all([(local.transaction(ALICE, None, creation(TELLS_TIME), 0, 200_000), 200_000)])
        assert local.rpc.block() == (1, clock.time)
        clock.time += 500
        assert int.from_bytes(local.rpc.call(watch, b""), "big") == clock.time
        local.rpc.send(local.transaction(ALICE, watch, b"", 1, 50_000))
        assert local.rpc.block() == (2, clock.time)
        clock.time += 500
        local.heartbeat()
        assert local.rpc.block() == (3, clock.time)


def test_a_block_is_later_than_its_parent_even_if_the_clock_stands_still() -> None:
    clock = ManualClock(2 * NOW)
    with local_chain({ALICE.address: RICH}, "eth-tester", clock.now) as local:
        for nonce in range(3):
            local.send_all([(local.transaction(ALICE, ALICE.address, b"", nonce, 21_000), 21_000)])
        assert local.rpc.block() == (3, clock.time + 2)


def test_many_transactions_share_a_block(world: World) -> None:
    before, nonce = world.local.rpc.block()[0], world.local.rpc.nonce(ALICE.address)
    raw = [(world.local.transaction(ALICE, ALICE.address, b"", nonce + n, 21_000), 21_000) for n in range(5)]
    world.local.send_all(raw)
    assert world.local.rpc.block()[0] == before + 1
    big = [(world.local.transaction(ALICE, ALICE.address, b"", nonce + 5 + n, 15_000_000), 15_000_000) for n in (0, 1)]
    world.local.send_all(big)
    assert world.local.rpc.block()[0] == before + 3


def test_set_up_that_fails_says_so(world: World) -> None:
    data = selector("transfer(address,uint256)") + encode(["address", "uint256"], [ALICE.address, 2**255])
    with pytest.raises(ChainError, match="failed"):
        world.send(ALICE, world.token("DAI"), data)


# ------------------------------------------------------------------ revert data in words

INNER = selector("Error(string)") + encode(["string"], ["no luck"])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "reverted without a reason (out of gas, or a plain revert)"),
        (INNER, "Error(message=no luck)"),
        (selector("Panic(uint256)") + encode(["uint256"], [17]), "Panic(code=17)"),
        (
            selector("InteractionFailed(uint256,bytes)") + encode(["uint256", "bytes"], [3, INNER]),
            "InteractionFailed(index=3, reason=Error(message=no luck))",
        ),
        (bytes.fromhex("12345678ab"), "unknown error 0x12345678ab"),
        (b"\x12", "unknown error 0x12"),
        (INNER[:20], "Error(… undecodable"),
        (selector("Error(string)") + encode(["bytes"], [b"\xff\xfe\xc3\x28"]), "Error(… undecodable"),
        (selector("Error(string)") + (2**255).to_bytes(32, "big"), "Error(… undecodable"),
    ],
)
def test_revert_data_is_explained(data: bytes, words: str) -> None:
    """Whoever reverts chooses the bytes; no bytes may stop a round."""
    assert explain(data).startswith(words)


@pytest.mark.parametrize("size", range(0, 200, 7))
def test_no_revert_data_is_too_odd(size: int) -> None:
    for start in (
        INNER,
        selector("InteractionFailed(uint256,bytes)"),
        selector("CoverExceeded(address,uint256,uint256)"),
    ):
        assert explain((start + bytes([255, 0, 128]) * 70)[:size])


def test_gas_of_calldata() -> None:
    assert calldata_gas(b"\x00\x01\x02") == 4 + 16 + 16
    assert least_gas(b"\x00\x01\x02") == 21_000 + 10 + 40 + 40


# ------------------------------------------------------------------ a receipt that comes later


class _LateRpc:
    """Takes a transaction at once and mines it only after some looks, as anvil does on a busy machine."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def chain_id(self) -> int:
        return 1

    def receipt(self, transaction: str) -> dict[str, int] | None:
        self.looks -= 1
        return {"status": 1} if self.looks < 0 else None


class _PatientClock(ManualClock):
    """Sleeping takes no time but the clock's own."""

    slept = 0.0

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


def test_a_receipt_is_waited_for_where_mining_comes_after_the_answer() -> None:
    clock = _PatientClock()
    chain = LocalChain(cast(Rpc, _LateRpc(5)), "anvil", 30_000_000, clock)
    assert chain.receipt("0x00") == {"status": 1}


@pytest.mark.parametrize("backend", ["eth-tester", "anvil", "remote"])
def test_a_receipt_that_never_comes_ends_the_wait(backend: str) -> None:
    clock = _PatientClock()
    assert LocalChain(cast(Rpc, _LateRpc(10**9)), backend, 30_000_000, clock).receipt("0x00") is None
