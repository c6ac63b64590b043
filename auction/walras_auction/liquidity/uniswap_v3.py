"""Pools of the Uniswap v3 interface, with all their ticks (Uniswap v3 whitepaper, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from walras.digest import keccak
from walras.pools.ticks import MAX_TICK, MIN_TICK
from walras.wire import ConcentratedPool, Tick

from walras_auction.liquidity.answers import address, signed, unsigned, words
from walras_auction.liquidity.drops import Drop, Dropped
from walras_auction.liquidity.readings import Answers, Reading, ask
from walras_auction.liquidity.settings import UniswapV3Section

_NOBODY = "0x" + "00" * 20
#: Ticks of one pool that are read; the largest pools of the main chain have a few thousand.
MOST_TICKS = 20_000
_SLOT0_WORDS = 7
_TICK_WORDS = 8
#: Events after which a pool's ticks may be others: the third and fourth topic say which. Swaps leave them as they are.
TICK_EVENTS = tuple(
    "0x" + keccak(event).hex()
    for event in (
        b"Mint(address,address,int24,int24,uint128,uint256,uint256)",
        b"Burn(address,int24,int24,uint128,uint256,uint256)",
    )
)


def find_pool(section: UniswapV3Section, one: str, other: str, fee: int) -> Reading[str | None]:
    """The pool's address, or None if there is none."""
    (answer,) = yield [ask(section.factory, "getPool(address,address,uint24)", int(one, 16), int(other, 16), fee)]
    pool = address(words(answer, 1, "the factory")[0], "the pool")
    return None if pool == _NOBODY else pool


def identify_pool(section: UniswapV3Section, pool: str) -> Reading[ConcentratedPool]:
    """The pool without its state, once the factory and the router have confirmed it."""
    names = ("token0()", "token1()", "fee()", "tickSpacing()")
    answers = yield [*(ask(pool, name) for name in names), ask(section.router, "factory()")]
    one, other, fee, spacing = (words(answer, 1, name)[0] for answer, name in zip(answers, names, strict=False))
    if address(words(answers[4], 1, "the router")[0], "the router's factory") != section.factory:
        raise Dropped(Drop.WRONG_ROUTER, f"router {section.router} belongs to another factory")
    token0, token1 = address(one, "token0"), address(other, "token1")
    if not 0 < signed(spacing, 24, "the tick spacing") <= 16_383 or fee >= 10**6:
        raise Dropped(Drop.ABSURD, "the fee or the tick spacing is out of range")
    known = yield from find_pool(section, token0, token1, fee)
    if known != pool:
        raise Dropped(Drop.FOREIGN, f"the factory's pool of these tokens and fee is {known}")
    return ConcentratedPool(
        id=f"{section.name}:{pool}",
        address=pool,
        token0=token0,
        token1=token1,
        fee_ppm=fee,
        tick_spacing=spacing,
        sqrt_price=0,
        tick=0,
        liquidity=0,
        ticks=(),
        router=section.router,
    )


@dataclass(frozen=True, slots=True)
class KnownTicks:
    """A pool's ticks at an earlier block, and which of them events have named since."""

    ticks: tuple[Tick, ...]
    stale: frozenset[int] = frozenset()


def named_ticks(topics: Sequence[int]) -> frozenset[int]:
    """The ticks that an event of :data:`TICK_EVENTS` is about. Raises :class:`Dropped` if it is no such event."""
    if len(topics) != 4:
        raise Dropped(Drop.ABSURD, f"an event has {len(topics)} topics")
    return frozenset(signed(topic, 24, "a tick") for topic in topics[2:])


def read_pool(pool: ConcentratedPool, known: KnownTicks | None) -> Reading[ConcentratedPool]:
    """The pool with its state. Of its ticks only what is not ``known`` is read."""
    stale = sorted(known.stale) if known else []
    slot0, liquid, *answers = yield [
        ask(pool.address, "slot0()"),
        ask(pool.address, "liquidity()"),
        *(ask(pool.address, "ticks(int24)", index) for index in stale),
    ]
    price, tick = words(slot0, _SLOT0_WORDS, "slot0()")[:2]
    if not price:
        raise Dropped(Drop.EMPTY, "the pool has no price yet")
    ticks = _renewed(known.ticks, stale, answers) if known else (yield from read_ticks(pool))
    if not ticks:
        raise Dropped(Drop.EMPTY, "nobody has put liquidity into it")
    read = pool.model_copy(
        update={
            "sqrt_price": unsigned(price, 160, "the price"),
            "tick": signed(tick, 24, "the tick"),
            "liquidity": unsigned(words(liquid, 1, "liquidity()")[0], 128, "the liquidity"),
            "ticks": ticks,
        }
    )
    if read.problem:
        raise Dropped(Drop.INCONSISTENT, read.problem)
    return read


def _renewed(known: Sequence[Tick], stale: Sequence[int], answers: Answers) -> tuple[Tick, ...]:
    """Ticks with those of ``stale`` as they are now; one that no position ends at any more is none."""
    ticks = {tick.index: tick for tick in known}
    for index, answer in zip(stale, answers, strict=True):
        gross, net = words(answer, _TICK_WORDS, "ticks()")[:2]
        ticks.pop(index, None)
        if gross:
            ticks[index] = Tick(index=index, net=signed(net, 128, "a tick's liquidity"))
    return tuple(ticks[index] for index in sorted(ticks))


def read_ticks(pool: ConcentratedPool) -> Reading[tuple[Tick, ...]]:
    """All initialised ticks: first every word of the bitmap, then what the ticks found hold."""
    spacing = pool.tick_spacing
    places = range(-(-MIN_TICK // spacing) >> 8, (MAX_TICK // spacing >> 8) + 1)
    bitmap = yield [ask(pool.address, "tickBitmap(int16)", place) for place in places]
    found = _initialised(places, bitmap, spacing)
    if len(found) > MOST_TICKS:
        raise Dropped(Drop.ABSURD, f"{len(found)} ticks; at most {MOST_TICKS} are read")
    answers = yield [ask(pool.address, "ticks(int24)", index) for index in found]
    return tuple(
        Tick(index=index, net=signed(words(answer, _TICK_WORDS, "ticks()")[1], 128, "a tick's liquidity"))
        for index, answer in zip(found, answers, strict=True)
    )


def _initialised(places: Sequence[int], bitmap: Answers, spacing: int) -> list[int]:
    """The indices of the bitmap's ones, ascending; out-of-range ones are a lie that the pool's own check names."""
    found = []
    for place, answer in zip(places, bitmap, strict=True):
        word = words(answer, 1, "tickBitmap()")[0]
        while word:
            bit = (word & -word).bit_length() - 1
            found.append(((place << 8) + bit) * spacing)
            word &= word - 1
    if found and not MIN_TICK <= found[0] <= found[-1] <= MAX_TICK:
        raise Dropped(Drop.ABSURD, "an initialised tick is out of range")
    return found
