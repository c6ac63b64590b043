"""Reading a chain that moves: the same on both local chains, and in step with what others do on it."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from support.exchanges import Lab
from support.uniswap import UniswapV3
from support.world import person
from walras.wire import ConcentratedPool
from walras_auction.clock import SystemClock
from walras_auction.infra.chain.batch import BatchReads
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import RICH, local_chain
from walras_auction.liquidity import Liquidity, LiquiditySection
from walras_auction.ports import ChainError

PAIR = ("DAI", "JUNK")


def only(liquidity: Liquidity) -> ConcentratedPool:
    (pool,) = liquidity.pools()
    assert isinstance(pool, ConcentratedPool)
    return pool


def test_new_positions_are_seen_and_swaps_read_no_bitmap(lab: Lab, reads: BatchReads, v3: UniswapV3) -> None:
    tokens = tuple(lab.world.token(symbol) for symbol in PAIR)
    section = v3.section().model_copy(update={"tokens": tokens, "fees": (3_000,)})
    with lab.world.at_rest(), patch.object(reads, "read", wraps=reads.read) as read:
        liquidity = Liquidity(reads, LiquiditySection(uniswap_v3=(section,)), [], SystemClock())
        before = only(liquidity)
        v3.swap(v3.sorted(PAIR), 3_000, 10**15)
        read.reset_mock()
        swapped = only(liquidity)
        assert swapped.sqrt_price < before.sqrt_price
        assert swapped.ticks == before.ticks
        assert sum(len(call.args[0]) for call in read.call_args_list) == 2
        for symbol in PAIR:
            lab.mint(symbol, 10**18)
        v3.add(PAIR, 3_000, 1_200, 1_260, 10**15)
        added = only(liquidity)
        assert {tick.index for tick in added.ticks} - {tick.index for tick in before.ticks} == {1_200, 1_260}
        assert added.amount_out(v3.sorted(PAIR)[1], 2**80) == v3.quote_out(v3.sorted(PAIR)[::-1], 3_000, 2**80)[0]


@pytest.mark.parametrize("backend", ["eth-tester", "anvil"])
def test_a_call_to_nobody_and_one_that_reverts_are_no_answer(backend: str, lab: Lab) -> None:
    """Both kinds of provider say the same, and a block that does not exist is the node's failure."""
    reader = person("house").address
    with local_chain({reader: RICH}, backend) as chain:
        chain.rpc.reader = reader
        reads = BatchReads(chain.rpc)
        number, name, _ = reads.latest()
        assert reads.hash_of(number) == name
        nobody = "0x" + "99" * 20
        # The eighth precompile reverts on words that are no points of its curve.
        pairing = "0x" + "00" * 19 + "08"
        calls = [(nobody, selector("token0()")), (pairing, b"\x01"), ("0x" + "00" * 19 + "04", b"echo")]
        assert reads.read(calls, number) == [None, None, b"echo"]
        with pytest.raises(ChainError):
            reads.hash_of(number + 1_000)
