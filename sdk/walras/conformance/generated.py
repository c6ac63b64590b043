"""Batches made by seed: the statistics change from profile to profile, the traps of the others come mixed in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from walras.conformance.case import GAS_PRICE, Case
from walras.intent import ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.testing.market import TIME, Market, a_market
from walras.wire import TokenInfo

EACH = 7
DEADLINE_MS = 3_000
LARGE_MS = 10_000
_DECIMALS = (18, 18, 18, 6, 6, 8, 2)


def generated_cases(seed: int) -> Iterator[Case]:
    """Seven batches of each profile."""
    for name, (why, build) in _PROFILES.items():
        for number in range(EACH):
            draw = random.Random(f"{seed} {name} {number}")  # noqa: S311 -- reproducible, not a secret
            yield Case(f"generated-{name}-{number}", why, build(draw).batch(deadline_ms=DEADLINE_MS))


def large_cases(seed: int) -> Iterator[Case]:
    """Batches as large as a house makes them, and larger."""
    for count in (1_000, 5_000):
        draw = random.Random(f"{seed} large {count}")  # noqa: S311
        batch = market_of(draw, count).batch(deadline_ms=LARGE_MS)
        yield Case(f"large-{count}", f"{count:,} orders over 20 tokens.", batch)


def market_of(draw: random.Random, orders: int) -> Market:
    """So many orders over 20 tokens, beside 20 pools, with gas to pay."""
    market = _market(draw, tokens=20, pools=20)
    market = _with_orders(market, (_order(draw, market, index, spread=0.02) for index in range(orders)))
    return market.with_gas(GAS_PRICE)


def _market(draw: random.Random, tokens: int, pools: int = 0, unpriced: int = 0) -> Market:
    """Tokens T0 … of different decimals and prices, the first one worth a native coin, and pools between them."""
    market = a_market().with_token("T0", price=1)
    for index in range(1, tokens):
        decimals = draw.choice(_DECIMALS)
        price = None if index >= tokens - unpriced else draw.randint(1, 2 * 10**6)
        market = market.with_token(f"T{index}", decimals=decimals, price=None if price is None else f"{price}e-6")
    for _ in range(pools):
        one, other = draw.sample(market.tokens[: tokens - unpriced], 2)
        worth = draw.randint(10, 10_000)
        market = market.with_pool(
            one.symbol,
            other.symbol,
            _whole(one, worth),
            _whole(other, worth),
            fee_ppm=draw.choice((100, 500, 3_000, 10_000)),
        )
    return market


def _whole(token: TokenInfo, worth: int) -> str:
    """Whole tokens worth ``worth`` native coins, at most to the atom (rounded down)."""
    return f"{_atoms(token, worth * 10**18)}e-{token.decimals}"


def _atoms(token: TokenInfo, wei: int) -> int:
    """Atoms worth ``wei``, rounded down, at least one; a token without a price counts as one native coin each."""
    return max(wei * 10**18 // (token.price or 10 ** (36 - token.decimals)), 1)


def _order(draw: random.Random, market: Market, index: int, spread: float, whole: float = 0.1) -> Intent:
    """An order of up to a few native coins, limited within ``spread`` of the reference price."""
    one, other = draw.sample(market.tokens, 2)
    wei = int(10**18 * 10 ** draw.uniform(-3, 0.7))
    gives, fair = _atoms(one, wei), _atoms(other, wei)
    wants = max(int(fair * 10**6 * (1 + draw.uniform(-spread, spread / 3))) // 10**6, 1)
    owner = market.signer(f"owner{draw.randrange(max(index // 2, 1))}").address
    make = Intent.sell if draw.random() < 0.6 else Intent.buy
    first, second = ((one.address, gives), (other.address, wants))
    if make is Intent.buy:
        first, second = second, first
    fixed = first[1]
    rule = FillRule.WHOLE if draw.random() < whole else FillRule.PARTIAL
    least = draw.choice((1, 1, max(fixed // 10, 1), max(fixed // 2, 1)))
    return make(owner, first, second, valid_to=TIME + 3_600, nonce=index, fill=rule, min_fill=least)


def _with_orders(market: Market, orders: Iterator[Intent]) -> Market:
    """All at once: :meth:`Market.with_intent` copies the market for each."""
    intents = (*market.intents, *orders)
    return replace(market, intents=intents, remaining={index: one.full_amount for index, one in enumerate(intents)})


def _pairs(draw: random.Random) -> Market:
    market = _market(draw, tokens=3)
    return _with_orders(market, (_order(draw, market, index, 0.03) for index in range(40)))


def _pooled(draw: random.Random) -> Market:
    market = _market(draw, tokens=6, pools=12)
    market = _with_orders(market, (_order(draw, market, index, 0.05) for index in range(20)))
    return market.with_gas(draw.choice((0, GAS_PRICE)))


def _paid(draw: random.Random) -> Market:
    market = _market(draw, tokens=4, pools=3, unpriced=1)
    market = _with_orders(market, (_order(draw, market, index, 0.04) for index in range(30)))
    return market.with_gas(draw.choice((10**8, GAS_PRICE, 10**11)))


def _wholes(draw: random.Random) -> Market:
    market = _market(draw, tokens=3)
    return _with_orders(market, (_order(draw, market, index, 0.05, whole=1.0) for index in range(24)))


def _rings(draw: random.Random) -> Market:
    """Orders around rings of three to six tokens, whole or not, some of which close."""
    market = _market(draw, tokens=6)
    orders = []
    for index in range(24):
        one = index % 6
        other = (one + draw.choice((1, 1, 1, 2))) % 6
        wei = draw.randint(10**16, 10**18)
        limit = max(_atoms(market.tokens[other], wei) * draw.randint(970, 1_005) // 1_000, 1)
        owner = market.signer(f"owner{index}").address
        give, want = (
            (market.tokens[one].address, _atoms(market.tokens[one], wei)),
            (market.tokens[other].address, limit),
        )
        rule = draw.choice((FillRule.WHOLE, FillRule.PARTIAL))
        orders.append(Intent.sell(owner, give, want, valid_to=TIME + 3_600, nonce=index, fill=rule))
    return _with_orders(market, iter(orders))


def _baskets(draw: random.Random) -> Market:
    market = _market(draw, tokens=7, pools=2)
    orders = [_order(draw, market, index, 0.04) for index in range(16)]
    for index in range(16, 24):
        chosen = draw.sample(market.tokens, draw.randint(3, 6))
        cut, wei = draw.randint(1, len(chosen) - 1), draw.randint(10**16, 10**18)
        gives = tuple(Leg.fixed(token.address, _atoms(token, wei // cut)) for token in chosen[:cut])
        share = wei * draw.randint(960, 1_000) // 1_000 // (len(chosen) - cut)
        wants = tuple(Leg.fixed(token.address, _atoms(token, share)) for token in chosen[cut:])
        kind, owner = draw.choice((Kind.SELL, Kind.BUY)), market.signer(f"owner{index}").address
        full = (gives if kind is Kind.SELL else wants)[0].start
        rule, least = draw.choice(((FillRule.WHOLE, full), (FillRule.PARTIAL, 1)))
        orders.append(Intent(owner, ZERO_ADDRESS, gives, wants, kind, rule, least, 0, 0, TIME + 3_600, index))
    return _with_orders(market, iter(orders))


def _poor(draw: random.Random) -> Market:
    """Owners who have less than their orders give, nonces that are shared, orders that are partly filled."""
    market = _market(draw, tokens=3)
    orders = [replace(_order(draw, market, index, 0.05), nonce=index % 20) for index in range(30)]
    market = _with_orders(market, iter(orders))
    left = {index: one.full_amount for index, one in enumerate(orders)}
    for index, one in enumerate(orders):
        if one.fill is FillRule.PARTIAL and draw.random() < 0.3:
            left[index] = draw.randint(1, one.full_amount)
    funds = {
        (one.owner, one.gives[0].token): draw.randint(0, one.gives[0].end) for one in orders if draw.random() < 0.5
    }
    return replace(market, remaining=left, funds=funds)


def _dusty(draw: random.Random) -> Market:
    """Orders of a few atoms to a few million."""
    market, orders = _market(draw, tokens=3), []
    for index in range(30):
        one, other = draw.sample(market.tokens, 2)
        atoms = int(10 ** draw.uniform(0, 7))
        give, want = (one.address, atoms), (other.address, max(atoms * draw.randint(90, 101) // 100, 1))
        owner = market.signer(f"owner{index}").address
        orders.append(Intent.sell(owner, give, want, valid_to=TIME + 3_600, nonce=index))
    return _with_orders(market, iter(orders))


_PROFILES: dict[str, tuple[str, Callable[[random.Random], Market]]] = {
    "pairs": ("Three tokens, orders both ways.", _pairs),
    "pools": ("Orders beside a dozen pools.", _pooled),
    "paid": ("Gas of different prices; one token has none.", _paid),
    "whole": ("Nobody may be filled in part.", _wholes),
    "rings": ("Rings, some of whose members are whole.", _rings),
    "baskets": ("Baskets among orders and pools.", _baskets),
    "poor": ("Funds, alternatives and remainders are short.", _poor),
    "dust": ("Nobody has priced such amounts.", _dusty),
}
