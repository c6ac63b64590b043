"""The kernels: pool arithmetic, fees, balancing prices, and the step from quantities to an exact bid."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from walras.testing import Market as Builder
from walras.testing import a_market
from walras.wire import Pool
from walras_solvers.kernels.assemble import Bid, Misfit, assemble
from walras_solvers.kernels.balance import Trade, balance, flows_of, scale_prices
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.fees import fee_atoms, gas_share, worthiest
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.pools import swap, trimmed

BASE = a_market().with_token("A", price=1).with_token("B", decimals=6, price=2).with_token("C")
ATOMS = st.integers(1, 10**30)


def a_pool(reserve_in: int, reserve_out: int, fee_ppm: int) -> Pool:
    one, other = "0x" + "11" * 20, "0x" + "22" * 20
    return Pool(
        id="p", address=one, token0=one, token1=other, reserve0=reserve_in, reserve1=reserve_out, fee_ppm=fee_ppm
    )


def pair(builder: Builder = BASE) -> Builder:
    return builder.with_sell("ann", ("A", 10), ("B", "4.5")).with_sell("bob", ("B", 6), ("A", 11))


@given(ATOMS, ATOMS, ATOMS, st.integers(0, 999_999))
def test_a_swap_pays_what_the_invariant_allows_and_no_atom_more(r_in: int, r_out: int, amount: int, fee: int) -> None:
    pool = a_pool(r_in, r_out, fee)
    kept = Fraction(amount * (10**6 - fee), 10**6)
    out = swap(pool, pool.token0, amount, pool.token1).amount_out
    assert (r_in + kept) * (r_out - out) >= r_in * r_out
    assert (r_in + kept) * (r_out - out - 1) < r_in * r_out


def test_trimming_leaves_the_last_output_and_spares_input() -> None:
    coarse = a_pool(10**20, 10**6, 3000)
    whole = swap(coarse, coarse.token0, 10**18, coarse.token1)
    (least,) = trimmed([whole], {"p": coarse}, frozenset((coarse.token0,)))
    assert least.amount_out == whole.amount_out
    assert least.amount_in < whole.amount_in
    assert coarse.amount_out(coarse.token0, least.amount_in - 1) < whole.amount_out


def test_fees_pay_an_equal_share_in_the_first_give() -> None:
    market = Market.of(pair(BASE.with_gas(10**9)).batch())
    share = gas_share(market, 2, 1)
    assert share == (60_000 + 2 * 90_000 + 100_000) * 10**9 // 2
    in_a, in_b = (fee_atoms(order, share, market, {}) for order in market.orders)
    assert in_a == share
    assert in_b == -(-share // (2 * 10**12))


def test_a_fee_in_an_unpriced_token_goes_through_a_priced_want() -> None:
    builder = BASE.with_gas(10**9).with_sell("ann", ("C", 5), ("A", 1)).with_sell("bob", ("A", 1), ("C", 4))
    market = Market.of(builder.batch())
    a, c = builder.address("A"), builder.address("C")
    share = gas_share(market, 2, 0)
    fee = fee_atoms(market.orders[0], share, market, {a: 4, c: 1})
    assert fee is not None
    assert share <= fee // 4 <= share * 1.002
    assert fee_atoms(market.orders[0], share, market, {c: 1}) is None


def test_of_too_many_both_the_worthy_and_the_large_are_kept() -> None:
    orders = Market.of(pair(pair()).batch()).orders
    ranked = [(5.0, 1.0, orders[0]), (4.0, 1.0, orders[1]), (0.0, 9.0, orders[2]), (0.0, 0.0, orders[3])]
    assert worthiest(ranked, 2) == {orders[0], orders[2]}


@settings(max_examples=50)
@given(st.lists(st.integers(10**6, 10**20), min_size=3, max_size=3), st.floats(0.5, 2.0))
def test_balanced_prices_leave_less_than_an_atom_in_every_token(sizes: list[int], skew: float) -> None:
    builder = a_market().with_token("A", price=1).with_token("B", price=1).with_token("C", price=1)
    for number, (give, want) in enumerate((("A", "B"), ("B", "C"), ("C", "A"))):
        builder = builder.with_sell(str(number), (give, 10**6), (want, 1))
    orders = Market.of(builder.batch()).orders
    trades = [Trade(order, size, 0) for order, size in zip(orders, sizes, strict=True)]
    start = {order.gives[0]: skew**index / size for index, (order, size) in enumerate(zip(orders, sizes, strict=True))}
    prices = balance(scale_prices(start), flows_of(trades, (), {}), {})
    values = [size * prices[order.gives[0]] for order, size in zip(orders, sizes, strict=True)]
    for order, coming, going in zip(orders, [values[2], *values[:2]], values, strict=True):
        assert abs(going - coming) < prices[order.gives[0]]


def assembled(builder: Builder, executed: tuple[int, ...], prices: tuple[float, float]) -> Bid | Misfit:
    market = Market.of(builder.batch())
    at = scale_prices({builder.address("A"): prices[0], builder.address("B"): prices[1]})
    return assemble(market, list(zip(market.orders, executed, strict=True)), (), at)


def test_quantities_near_a_price_become_an_exact_bid() -> None:
    bid = assembled(pair(), (10 * 10**18, 5 * 10**6), (1.0, 2e12 * 1.001))
    assert isinstance(bid, Bid)
    assert 5 * 10**6 - 1 <= bid.amounts[0].wants[0] <= 5 * 10**6
    assert 10 * 10**18 - 1 <= bid.amounts[1].wants[0] <= 10 * 10**18


def test_an_order_beyond_its_limit_is_named() -> None:
    misfit = assembled(pair(), (10 * 10**18, 4 * 10**6), (1.0, 2.5e12))
    assert isinstance(misfit, Misfit)
    assert [order.sequence for order in misfit.orders] == [1]


def test_what_an_order_may_not_execute_is_named() -> None:
    misfit = assembled(pair(), (10 * 10**18 + 1, 5 * 10**6), (1.0, 2e12))
    assert isinstance(misfit, Misfit)
    assert [order.sequence for order in misfit.orders] == [1]


def test_nothing_is_no_bid() -> None:
    market = Market.of(pair().batch())
    assert assemble(market, [], (), {}) == Misfit()


def test_a_deadline_is_a_share_of_the_time_and_parts_come_earlier() -> None:
    now = 100.0
    deadline = Deadline.after(lambda: now, 10_000)
    early = deadline.part(0.5)
    assert not early.passed
    now = 104.0
    assert early.passed
    assert not deadline.passed
    now = 107.0
    assert deadline.passed
