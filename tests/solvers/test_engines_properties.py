"""Whatever the market, every engine's every solution obeys every rule, and no batch makes an engine raise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solver_checker import check
from walras.atoms import U256_MAX
from walras.intent import NATIVE, ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.testing import Market, a_market
from walras.wire import Batch, Solution
from walras_solvers.clearing import ClearingSolver
from walras_solvers.orderbook import OrderBookSolver
from walras_solvers.router import RouterSolver

Engine = Callable[..., OrderBookSolver | ClearingSolver | RouterSolver]
ENGINES: list[Engine] = [OrderBookSolver, ClearingSolver, RouterSolver]
SYMBOLS = ("WETH", "USDC", "DAI", "NFT")
DECIMALS = {"WETH": 18, "USDC": 6, "DAI": 18, "NFT": 0}
VALUE = {"WETH": 1.0, "USDC": 0.0005, "DAI": 0.0005, "NFT": 0.25}


def counted_clock() -> Callable[[], float]:
    """A clock that ticks with every look: the same search every time, however slow the machine."""
    ticks = count()
    return lambda: next(ticks) / 200


def solve(engine: Engine, batch: Batch) -> list[Solution]:
    return list(engine(clock=counted_clock()).solve(batch))


def whole_tokens(symbol: str, value: float) -> str:
    """An amount of ``symbol`` worth about ``value`` native coins, never zero."""
    digits = min(DECIMALS[symbol], 6)
    return f"{max(value / VALUE[symbol], 10.0**-digits):.{digits}f}"


@st.composite
def markets(draw: st.DrawFn) -> Market:
    market = a_market()
    for symbol in SYMBOLS:
        price = None if draw(st.integers(0, 9)) == 0 else str(VALUE[symbol])
        market = market.with_token(symbol, decimals=DECIMALS[symbol], price=price)
    pairs = st.permutations(SYMBOLS)
    values = st.floats(1e-4, 1e3)
    for _ in range(draw(st.integers(0, 3))):
        one, other, *_ = draw(pairs)
        value, skew = draw(values), draw(st.floats(0.9, 1.1))
        fee = draw(st.sampled_from((0, 500, 3000)))
        market = market.with_pool(one, other, whole_tokens(one, value), whole_tokens(other, value * skew), fee_ppm=fee)
    for _ in range(draw(st.integers(3, 14))):
        market = draw(order_in(market, pairs, values))
    if draw(st.booleans()):
        market = market.with_gas(draw(st.sampled_from((10**6, 10**9, 10**11))))
    return market


@st.composite
def order_in(
    draw: st.DrawFn, market: Market, pairs: st.SearchStrategy[list[str]], values: st.SearchStrategy[float]
) -> Market:
    give, want, third, _ = draw(pairs)
    owner, value, asked = draw(st.sampled_from("abc")), draw(values), draw(st.floats(0.8, 1.03))
    whole, shape = draw(st.booleans()), draw(st.integers(0, 5))
    given, wanted = (give, whole_tokens(give, value)), (want, whole_tokens(want, value * asked))
    if shape == 0:
        more = (third, whole_tokens(third, value))
        kind = draw(st.sampled_from(list(Kind)))
        sides = ((given, more), ((want, whole_tokens(want, 2 * value * asked)),))
        return market.with_basket(kind, owner, *sides, whole=whole)
    if shape == 1:
        market = market.with_funds(owner, give, whole_tokens(give, value * 0.7))
    place = market.with_sell if shape % 2 else market.with_buy
    return place(owner, *((given, wanted) if shape % 2 else (wanted, given)), whole=whole)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(market=markets())
def test_every_solution_is_valid(engine: Engine, market: Market) -> None:
    batch = market.batch(deadline_ms=2_000)
    solutions = solve(engine, batch)
    assert len(solutions) <= batch.max_solutions
    assert len({solution.id for solution in solutions}) == len(solutions)
    contents = [{fill.uid for fill in solution.fills} for solution in solutions]
    for solution in solutions:
        check(solution, batch)
    pools = [frozenset(str(step) for step in solution.interactions) for solution in solutions]
    assert len({(frozenset(uids), used) for uids, used in zip(contents, pools, strict=True)}) == len(solutions)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(market=markets())
def test_the_same_batch_gives_the_same_answer(engine: Engine, market: Market) -> None:
    batch = market.batch(deadline_ms=2_000)
    assert solve(engine, batch) == solve(engine, batch)


def pair_market() -> Market:
    market = a_market().with_token("A", price=1).with_token("B", decimals=6, price=1).with_pool("A", "B", 1000, 1000)
    return market.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("B", 10), ("A", "9.5"))


def changed(market: Market, **changes: object) -> Batch:
    return market.batch().model_copy(update=changes)


def an_intent(market: Market, gives: tuple[Leg, ...], wants: tuple[Leg, ...], **changes: object) -> Intent:
    owner, until = market.signer("odd").address, market.time + 3600
    plain = Intent(owner, ZERO_ADDRESS, gives, wants, Kind.SELL, FillRule.PARTIAL, 1, 0, 0, until, 999)
    return replace(plain, **changes)  # type: ignore[arg-type]


def odd_batches() -> dict[str, Batch]:
    """Batches that are well-formed as messages and odd in every other way."""
    market = pair_market()
    a, b = market.address("A"), market.address("B")
    batch = market.batch()
    (pool,) = batch.pools

    def with_pool(**change: object) -> Batch:
        return changed(market, pools=(pool.model_copy(update=change),))

    def with_intent(gives: tuple[Leg, ...], wants: tuple[Leg, ...], **change: object) -> Batch:
        return market.with_intent(an_intent(market, gives, wants, **change)).batch()

    def priced(price: int | None) -> Batch:
        return changed(market, tokens=tuple(token.model_copy(update={"price": price}) for token in batch.tokens))

    one, two = Leg.fixed(a, 10**18), Leg.fixed(b, 10**6)
    full = {entry.uid: 0 for entry in batch.intents}
    return {
        "nothing": changed(market, intents=(), funds=(), pools=(), tokens=()),
        "no funds": changed(market, funds=()),
        "no tokens": changed(market, tokens=()),
        "no reserves": with_pool(reserve0=0),
        "one atom of reserve": with_pool(reserve0=1, reserve1=1),
        "huge reserves": with_pool(reserve0=U256_MAX, reserve1=U256_MAX),
        "all fee": with_pool(fee_ppm=10**6),
        "negative fee": with_pool(fee_ppm=-5),
        "pool with itself": with_pool(token1=pool.token0),
        "prices of zero": priced(0),
        "no prices": priced(None),
        "huge prices": priced(U256_MAX),
        "expired": changed(market, time=market.time + 4_000),
        "expires before it settles": changed(market, settle_by=market.time + 4_000),
        "huge amounts": with_intent((Leg.fixed(a, 2**255),), (Leg.fixed(b, 2**255),)),
        "huge for an atom": with_intent((Leg.fixed(a, U256_MAX),), (Leg.fixed(b, 1),)),
        "an atom for an atom": with_intent((Leg.fixed(a, 1),), (Leg.fixed(b, 1),)),
        "zero amount": with_intent((Leg.fixed(a, 0),), (two,)),
        "same token": with_intent((one,), (Leg.fixed(a, 5),)),
        "no wants": with_intent((one,), ()),
        "least fill above the amount": with_intent((one,), (two,), min_fill=10**19),
        "falling bound": with_intent((one,), (Leg(b, 2 * 10**6, 10**5),), valid_from=5, decay_to=market.time + 100),
        "wants native": with_intent((Leg.fixed(b, 10**6),), (Leg.fixed(NATIVE, 10**17),)),
        "extra terms": with_intent((one,), (two,), terms="0x" + "11" * 32),
        "nothing left": changed(
            market, intents=tuple(entry.model_copy(update={"remaining": full[entry.uid]}) for entry in batch.intents)
        ),
        "more left than signed": changed(
            market, intents=tuple(entry.model_copy(update={"remaining": U256_MAX}) for entry in batch.intents)
        ),
        "gas without price": changed(market, gas=batch.gas.model_copy(update={"price": U256_MAX})),
        "no gas to use": changed(market, gas=batch.gas.model_copy(update={"limit": 0})),
        "no solutions wanted": changed(market, max_solutions=0),
        "no time": changed(market, deadline_ms=0),
        "narrow guard": changed(market, guard_bps=1),
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", odd_batches())
def test_odd_batches_are_answered(engine: Engine, name: str) -> None:
    batch = odd_batches()[name]
    for solution in solve(engine, batch):
        check(solution, batch)


def test_odd_batches_are_odd_beside_a_good_one() -> None:
    batch = pair_market().batch()
    assert all(solve(engine, batch) for engine in ENGINES)
