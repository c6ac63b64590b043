"""The call auction: most volume, then least imbalance, then the middle; better limits first, then time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from walras_solvers.book import Side
from walras_solvers.book.call import Order, call

BUY, SELL = Side.BUY, Side.SELL


def test_two_orders_meet_in_the_middle_rounded_down() -> None:
    cleared = call([Order(1, SELL, 90, 5), Order(2, BUY, 111, 5)])
    assert cleared is not None
    assert (cleared.price, cleared.volume, cleared.fills) == (100, 5, ((2, 5), (1, 5)))


def test_most_volume_wins_over_a_better_balance() -> None:
    orders = [Order(1, BUY, 100, 10), Order(2, SELL, 90, 4), Order(3, SELL, 100, 9), Order(4, BUY, 101, 4)]
    cleared = call(orders)
    assert cleared is not None
    assert (cleared.price, cleared.volume) == (100, 13)


def test_of_equal_volumes_the_least_imbalance() -> None:
    orders = [Order(1, BUY, 105, 5), Order(2, BUY, 100, 5), Order(3, SELL, 95, 5), Order(4, SELL, 97, 1)]
    cleared = call(orders)
    assert cleared is not None
    assert cleared.volume == 6  # at 97 to 100: ten are bid for six
    assert 97 <= cleared.price <= 100


def test_better_limits_first_then_time() -> None:
    orders = [Order(1, BUY, 100, 2), Order(2, BUY, 101, 2), Order(3, BUY, 100, 2), Order(4, SELL, 100, 3)]
    cleared = call(orders)
    assert cleared is not None
    assert cleared.fills == ((2, 2), (1, 1), (4, 3))


def test_orders_that_do_not_meet() -> None:
    assert call([]) is None
    assert call([Order(1, BUY, 99, 5), Order(2, SELL, 100, 5)]) is None


_orders = st.lists(
    st.tuples(st.sampled_from(list(Side)), st.integers(1, 12) | st.integers(1, 2**200), st.integers(1, 9)), max_size=12
).map(lambda made: [Order(number, *one) for number, one in enumerate(made)])


@examples(150)
@given(_orders)
def test_no_price_trades_more_and_nobody_trades_beyond_their_limit(orders: list[Order]) -> None:
    cleared = call(orders)
    volumes = [
        min(
            sum(one.quantity for one in orders if one.side is BUY and one.price >= price),
            sum(one.quantity for one in orders if one.side is SELL and one.price <= price),
        )
        for price in {one.price for one in orders}
    ]
    assert (cleared.volume if cleared else 0) == max(volumes, default=0)
    if cleared is None:
        return
    by_id = {one.order: one for one in orders}
    for side in Side:
        assert sum(part for order, part in cleared.fills if by_id[order].side is side) == cleared.volume
    for order, part in cleared.fills:
        one = by_id[order]
        assert 0 < part <= one.quantity
        assert one.price >= cleared.price if one.side is BUY else one.price <= cleared.price
