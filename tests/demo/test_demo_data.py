"""The recorded batch as data, and the derived market made of it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from walras.intent import FillRule, Kind, check_structure
from walras_auction.demo.derived import PoolPlan, pool_plans, relax
from walras_auction.demo.recorded import RecordedBatch, intent_of, load_batch, trader_key
from walras_auction.demo.rings import has_ring

DATA = Path(__file__).parents[2] / "examples" / "data"


@pytest.fixture(scope="module")
def batch() -> RecordedBatch:
    return load_batch(DATA)


def test_the_recorded_numbers(batch: RecordedBatch) -> None:
    assert len(batch.orders) == 497
    assert sum(order.funded for order in batch.orders) == 239
    assert batch.tokens[batch.native_key].symbol == "WETH"
    assert batch.native_price(batch.native_key) == 10**18


def test_funded_orders_give_what_there_is_at_the_recorded_limit(batch: RecordedBatch) -> None:
    for order in batch.orders:
        held = batch.balances.get((order.account, order.sell), 0)
        assert order.gives > 0 < order.wants
        assert order.funded is (held > 0)
        if order.funded:
            assert order.gives <= held


def test_several_orders_share_a_balance(batch: RecordedBatch) -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    for order in batch.orders:
        if order.funded:
            wanted[(order.account, order.sell)] += order.gives
    assert sum(amount > batch.balances[key] for key, amount in wanted.items()) == 7


def test_every_order_is_a_well_formed_intent_of_its_own(batch: RecordedBatch) -> None:
    addresses = {key: f"0x{number + 1:040x}" for number, key in enumerate(sorted(batch.tokens))}
    intents = [intent_of(order, addresses, order.order_id, 10**9) for order in batch.orders]
    for intent in intents:
        check_structure(intent)
        assert (intent.kind, intent.fill, intent.min_fill) == (Kind.SELL, FillRule.PARTIAL, 1)
    assert len({(intent.owner, intent.nonce) for intent in intents}) == len(intents)


def test_keys_are_the_same_on_every_machine() -> None:
    assert trader_key("0x12").address == trader_key("0x12").address
    assert trader_key("0x12").address != trader_key("0x13").address


def test_limits_are_relaxed_by_seeded_amounts_and_never_tightened(batch: RecordedBatch) -> None:
    relaxed, changes = relax(batch)
    funded = [order for order in batch.orders if order.funded]
    assert [order.order_id for order in relaxed] == [order.order_id for order in funded]
    assert all(after.gives == before.gives for after, before in zip(relaxed, funded, strict=True))
    assert all(0 < after.wants <= before.wants for after, before in zip(relaxed, funded, strict=True))
    moved = sum(after.wants < before.wants for after, before in zip(relaxed, funded, strict=True))
    assert moved == changes.orders > 100
    assert changes.least_bps <= changes.median_bps <= changes.greatest_bps
    assert relax(batch) == (relaxed, changes)
    assert relax(batch, seed=1)[0] != relaxed


def test_pools_stand_at_the_recorded_prices(batch: RecordedBatch) -> None:
    plans = pool_plans(batch, DATA)
    assert len(plans) == 12
    assert sum("invented" in plan.source for plan in plans) == 4
    for plan in plans:
        assert 0 < plan.fee_ppm < 10_000
        assert plan.reserve0 > 0 < plan.reserve1
        assert off_the_reference(batch, plan) < Fraction(1, 10**4)


def off_the_reference(batch: RecordedBatch, plan: PoolPlan) -> Fraction:
    one, other = (
        reserve * batch.tokens[key].external_price
        for key, reserve in ((plan.key0, plan.reserve0), (plan.key1, plan.reserve1))
    )
    return abs(Fraction(one, other) - 1)


def test_the_scale_divides_the_recorded_pools_and_not_the_invented_ones(batch: RecordedBatch) -> None:
    small, large = pool_plans(batch, DATA, 1_000), pool_plans(batch, DATA, 100)
    for one, other in zip(small, large, strict=True):
        assert one.reserve0 == (other.reserve0 if "invented" in one.source else other.reserve0 // 10)


@pytest.mark.parametrize(
    ("pairs", "ring"),
    [
        (set(), False),
        ({("a", "b"), ("b", "a")}, False),
        ({("a", "b"), ("b", "c")}, False),
        ({("a", "b"), ("b", "c"), ("c", "a")}, True),
        ({("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}, False),
        ({("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")}, True),
        ({("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")}, True),
    ],
)
def test_rings(pairs: set[tuple[str, str]], ring: bool) -> None:
    assert has_ring(pairs) is ring
