"""The book of a pair: sides, moving limits, what is left, and exactness."""

from dataclasses import replace

import pytest
from house_fakes import NOW, WETH, A, B, an_intent, key
from walras.intent import Intent, Kind, Leg
from walras.wire import Receipt
from walras_auction.api.depth import book
from walras_auction.ports import State, StoredIntent

DECIMALS = {A: 18, B: 6}


def stored(intent: Intent, executed: int = 0, state: State = "open") -> StoredIntent:
    receipt = Receipt(
        kind="intent", epoch=1, sequence=1, time=NOW, uid="0x" + "11" * 32, previous="0x" + "00" * 32,
        head="0x" + "22" * 32, signature="0x",
    )  # fmt: skip
    return StoredIntent(receipt.uid, 1, intent, "0x", (), state, executed, None, "", receipt)


def levels(*intents: StoredIntent, time: int = NOW, decimals: dict[str, int] | None = None, count: int = 10):  # type: ignore[no-untyped-def]
    found = book(A, B, intents, time, decimals or {}, WETH, count)
    return (
        [(level.price, level.amount, level.intents) for level in found.asks],
        [(level.price, level.amount, level.intents) for level in found.bids],
    )


def a_buy(want: tuple[str, int], give: tuple[str, int]) -> Intent:
    return Intent.buy(key(1).address, want, give, valid_to=NOW + 60, nonce=1)


def test_sells_and_buys_of_one_direction_share_a_side() -> None:
    sell = stored(an_intent(key(1), give=(A, 100), want=(B, 50)))
    buy = stored(a_buy((B, 50), (A, 100)))
    assert levels(sell, buy) == ([("0.5", 200, 2)], [])


def test_the_other_direction_bids_in_the_same_unit() -> None:
    assert levels(stored(an_intent(key(1), give=(B, 60), want=(A, 100)))) == ([], [("0.6", 100, 1)])
    assert levels(stored(a_buy((A, 100), (B, 60)))) == ([], [("0.6", 100, 1)])


def test_what_was_filled_is_left_out() -> None:
    intent = an_intent(key(1), give=(A, 100), want=(B, 50))
    assert levels(stored(intent, executed=40)) == ([("0.5", 60, 1)], [])
    assert levels(stored(intent, state="parked")) == ([], [])


@pytest.mark.parametrize(("time", "price"), [(NOW, "1"), (NOW + 5, "0.75"), (NOW + 10, "0.5")])
def test_a_moving_limit_stands_where_it_is_now(time: int, price: str) -> None:
    dutch = replace(
        an_intent(key(1), give=(A, 100)), wants=(Leg(B, 100, 50),), valid_from=NOW, decay_to=NOW + 10, valid_to=NOW + 20
    )
    assert levels(stored(dutch), time=time) == ([(price, 100, 1)], [])


def test_prices_are_in_whole_tokens_where_decimals_are_known() -> None:
    intent = stored(an_intent(key(1), give=(A, 10**18), want=(B, 1_500_000)))
    assert levels(intent, decimals=DECIMALS) == ([("1.5", 10**18, 1)], [])
    assert levels(intent, decimals={A: 18})[0][0][0] == "0.0000000000015"


def test_huge_and_odd_amounts_stay_exact() -> None:
    big = stored(an_intent(key(1), give=(A, 2**256 - 1), want=(B, 1)))
    assert levels(big)[0][0][1] == 2**256 - 1
    third = stored(an_intent(key(1), give=(A, 3), want=(B, 1)))
    assert levels(third)[0][0][0] == "0.333333333333"


def test_levels_are_best_first_and_bounded() -> None:
    asks = [stored(an_intent(key(1), give=(A, 10), want=(B, want))) for want in (30, 10, 20)]
    assert [price for price, *_ in levels(*asks)[0]] == ["1", "2", "3"]
    assert len(levels(*asks, count=2)[0]) == 2


def test_baskets_are_left_out() -> None:
    basket = replace(an_intent(key(1)), wants=(Leg.fixed(B, 5), Leg.fixed(WETH, 6)), kind=Kind.SELL)
    assert levels(stored(basket)) == ([], [])
