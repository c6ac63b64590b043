"""A real round that settles through Uniswap v2, Uniswap v3 and a Balancer vault at once, in one bundle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from support.balancer import Balancer
from support.bids import MICRO, WEI, fill
from support.desk import Desk, ScriptedDoor, a_desk, row_of
from support.exchanges import Lab
from support.uniswap import UniswapV2, UniswapV3
from support.world import TREASURY, person
from walras.wire import AnyPool, Batch, ConcentratedPool, PoolSwap, Solution, canonical
from walras_auction.clock import SystemClock
from walras_auction.infra.chain.batch import BatchReads
from walras_auction.liquidity import Liquidity, LiquiditySection
from walras_auction.record import replay

#: (kind of pool, solver, owner, token and atoms given, token wanted)
TRADES = [
    ("constantProduct", "honest", "alice", "WETH", 3 * WEI, "USDC"),
    ("concentratedLiquidity", "rival", "bob", "DAI", 120 * WEI, "JUNK"),
    ("weightedProduct", "third", "carol", "USDC", 5_000 * MICRO, "JUNK"),
    ("stable", "honest", "dave", "JUNK", 700 * WEI, "DAI"),
]


def serve(uid: str, kind: str, give: str, amount: int, want: str, number: int) -> Callable[[Batch], Solution]:
    """A bid that sends all of an intent through the batch's first outside pool of that kind and pair."""

    def bid(batch: Batch) -> Solution:
        pool = next(p for p in batch.pools if p.kind == kind and {give, want} <= {*p.tokens} and is_outside(p))
        out = pool.amount_out(give, amount, want)
        swap = PoolSwap(pool=pool.id, token_in=give, amount_in=amount, amount_out=out, token_out=want)
        prices = {give: out, want: amount}
        return Solution(id=number, prices=prices, fills=(fill(uid, amount),), interactions=(swap,))

    return bid


def is_outside(pool: AnyPool) -> bool:
    return bool(getattr(pool, "router", None) or getattr(pool, "vault", None))


def expected(desk: Desk, kind: str, give: str, amount: int, want: str) -> int:
    pools = [p for p in desk.chain.pools() if p.kind == kind and {give, want} <= {*p.tokens} and is_outside(p)]
    return pools[0].amount_out(give, amount, want)


def test_one_bundle_through_four_kinds_of_pools(
    lab: Lab, reads: BatchReads, v2: UniswapV2, v3: UniswapV3, balancer: Balancer, tmp_path: Path
) -> None:
    world = lab.world
    sections = (v2.section(),), (v3.section(),), (balancer.section(),)
    settings = LiquiditySection(uniswap_v2=sections[0], uniswap_v3=sections[1], balancer=sections[2])
    tokens = [token.address for token in world.tokens.values()]
    liquidity = Liquidity(reads, settings, tokens, SystemClock())
    with world.at_rest(), a_desk(world, tmp_path, chain=world.chain(outside=liquidity)) as desk:
        world.clock.time = world.local.rpc.block()[1] + 30
        bids: dict[str, list[Callable[[Batch], Solution]]] = {}
        promised = {}
        for number, (kind, solver, owner, give, amount, want) in enumerate(TRADES, 1):
            uid = desk.submit(owner, desk.sell(owner, (give, amount), (want, 1), valid_to=2**47))
            addresses = world.token(give), world.token(want)
            promised[owner, want] = expected(desk, kind, addresses[0], amount, addresses[1])
            bids.setdefault(solver, []).append(serve(uid, kind, addresses[0], amount, addresses[1], number))
        held = {key: world.held(person(key[0]).address, key[1]) for key in promised}

        def door(solver: str) -> ScriptedDoor:
            return ScriptedDoor(lambda batch: [make(batch) for make in bids[solver]], solver)

        outcome = desk.round(*map(door, bids))
        assert outcome.fills == len(TRADES), outcome.record["verdict"]["bids"]
        assert len(outcome.record["settlement"]) == 1
        for (owner, symbol), amount in promised.items():
            assert world.held(person(owner).address, symbol) - held[owner, symbol] == amount
        executor = desk.chain.contracts.executor
        assert not any(world.held(executor, symbol) for symbol in world.tokens)
        assert row_of(outcome.record, "rival")["reason"] is None
        assert replay(outcome.record) == canonical(outcome.record)


def test_what_a_pool_cannot_take_goes_to_the_treasury(
    lab: Lab, reads: BatchReads, v3: UniswapV3, tmp_path: Path
) -> None:
    """A sale of twice what all positions take: the chain pays what was predicted and leaves the rest of the input."""
    world = lab.world
    pair = v3.sorted(("DAI", "JUNK"))
    liquidity = Liquidity(reads, LiquiditySection(uniswap_v3=(v3.section(),)), pair, SystemClock())
    with world.at_rest(), a_desk(world, tmp_path, chain=world.chain(outside=liquidity)) as desk:
        world.clock.time = world.local.rpc.block()[1] + 30
        (pool,) = liquidity.pools()
        assert isinstance(pool, ConcentratedPool)
        give, want = world.token("DAI"), world.token("JUNK")
        amount = 10_000 * WEI
        swapped = pool.swapped(give, amount)
        assert swapped is not None
        assert swapped.paid < amount
        uid = desk.submit("bob", desk.sell("bob", ("DAI", amount), ("JUNK", 1), valid_to=2**47))
        held, kept = world.held(person("bob").address, "JUNK"), world.held(TREASURY, "DAI")
        bid = serve(uid, "concentratedLiquidity", give, amount, want, 1)
        assert desk.round(ScriptedDoor(lambda batch: [bid(batch)])).fills == 1
        assert world.held(person("bob").address, "JUNK") - held == swapped.got
        assert world.held(TREASURY, "DAI") - kept == amount - swapped.paid
        assert world.held(desk.chain.contracts.executor, "DAI") == 0
