"""Pairs of the Uniswap v2 interface (https://docs.uniswap.org/contracts/v2/reference/smart-contracts/pair)."""

from __future__ import annotations

from walras.wire import Pool

from walras_auction.liquidity.answers import address, unsigned, words
from walras_auction.liquidity.drops import Drop, Dropped
from walras_auction.liquidity.readings import Reading, ask
from walras_auction.liquidity.settings import UniswapV2Section

_NOBODY = "0x" + "00" * 20


def find_pair(section: UniswapV2Section, one: str, other: str) -> Reading[str | None]:
    """The pair's address, or None if there is none."""
    (answer,) = yield [ask(section.factory, "getPair(address,address)", int(one, 16), int(other, 16))]
    pair = address(words(answer, 1, "the factory")[0], "the pair")
    return None if pair == _NOBODY else pair


def identify_pair(section: UniswapV2Section, pair: str) -> Reading[Pool]:
    """The pair without its reserves, once the factory and the router have confirmed it."""
    answers = yield [ask(pair, "token0()"), ask(pair, "token1()"), ask(section.router, "factory()")]
    token0, token1 = (address(words(answer, 1, "the pair")[0], "a token") for answer in answers[:2])
    if address(words(answers[2], 1, "the router")[0], "the router's factory") != section.factory:
        raise Dropped(Drop.WRONG_ROUTER, f"router {section.router} belongs to another factory")
    known = yield from find_pair(section, token0, token1)
    if known != pair:
        raise Dropped(Drop.FOREIGN, f"the factory's pair of these tokens is {known}")
    return Pool(
        id=f"{section.name}:{pair}",
        address=pair,
        token0=token0,
        token1=token1,
        reserve0=0,
        reserve1=0,
        fee_ppm=section.fee_ppm,
        router=section.router,
    )


def read_pair(pool: Pool) -> Reading[Pool]:
    """The pair with its reserves."""
    (answer,) = yield [ask(pool.address, "getReserves()")]
    reserves = words(answer, 3, "getReserves()")
    one, other = (unsigned(reserves[at], 112, f"reserve{at}") for at in (0, 1))
    if not (one and other):
        raise Dropped(Drop.EMPTY, "a reserve is zero")
    return pool.model_copy(update={"reserve0": one, "reserve1": other})
