"""The desk: firm prices rounded for the maker, inventory that is promised once, nonces that come back."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from walras.digest import Domain, intent_digest, intent_uid
from walras.signing import Signer, recover
from walras.terms import Terms
from walras_solvers.marketmaker.desk import QuoteDesk, QuoteRefused, QuoteRequest, QuoteRules
from walras_solvers.marketmaker.inventory import GRACE_SECONDS, Inventory, Promise
from walras_solvers.marketmaker.pricing import Pricing, mid_of

WETH, DAI, JUNK = ("0x" + digit * 40 for digit in "123")
SOLVER = "0x" + "77" * 20
WEI = 10**18
DOMAIN = Domain(1, "0x" + "99" * 20)
KEY = Signer(b"\x07" * 32)
PRICES = {WETH: WEI, DAI: WEI // 2_000}


@dataclass
class Clock:
    now: int = 1_800_000_000

    def __call__(self) -> int:
        return self.now


def a_desk(clock: Clock | None = None, spread: int = 100, weth: int = 10 * WEI, **rules: Any) -> QuoteDesk:
    pricing = Pricing(mid_of(PRICES), spread)
    inventory = Inventory({WETH: weth, DAI: 20_000 * WEI}, 40)
    return QuoteDesk(KEY, DOMAIN, pricing, inventory, clock or Clock(), QuoteRules(**rules))


def sells(amount: int, give: str = WETH, want: str = DAI) -> QuoteRequest:
    return QuoteRequest(give=give, want=want, amount=amount)


def buys(amount: int, give: str = DAI, want: str = WETH) -> QuoteRequest:
    return QuoteRequest(give=give, want=want, amount=amount, kind="buy")


def test_a_quote_is_a_signed_intent_of_the_maker() -> None:
    quote = a_desk(solver=SOLVER).quote(sells(WEI))
    intent = quote.request.intent.intent()
    assert (quote.gives, quote.wants) == (1_980 * WEI, WEI)
    assert (intent.gives[0].end, intent.wants[0].end, intent.nonce) == (1_980 * WEI, WEI, 40)
    assert (intent.owner, intent_uid(intent, DOMAIN)) == (KEY.address, quote.uid)
    assert recover(intent_digest(intent, DOMAIN), quote.request.signature) == KEY.address
    assert quote.request.terms_data is not None
    terms = Terms.decode(quote.request.terms_data)
    assert (terms.exclusive_solver, terms.exclusive_until, intent.terms) == (SOLVER, intent.valid_to, terms.hash())
    assert intent.valid_to == 1_800_000_000 + 150


def test_without_a_solver_anybody_may_fill_it() -> None:
    assert a_desk().quote(sells(WEI)).request.terms_data is None


def test_a_buyer_is_given_what_pays_for_the_makers_gas_on_top_at_the_same_rate() -> None:
    desk = QuoteDesk(
        KEY, DOMAIN, Pricing(mid_of(PRICES), 100), Inventory({WETH: 9 * WEI}), Clock(), gas_atoms=lambda _: 10
    )
    quote = desk.quote(buys(WEI))
    assert quote.gives == WEI + 10
    assert Fraction(quote.gives, quote.wants) <= Fraction(99, 100 * 2_000)


@examples(100)
@given(amount=st.integers(1, 10**22), spread=st.integers(0, 9_999), kind=st.sampled_from(["sell", "buy"]))
def test_rounding_is_for_the_maker(amount: int, spread: int, kind: Any) -> None:
    desk = QuoteDesk(KEY, DOMAIN, Pricing(mid_of(PRICES), spread), Inventory({DAI: 10**60}), Clock())
    asked = QuoteRequest(give=WETH, want=DAI, amount=amount, kind=kind)
    try:
        gives, wants = desk.price(asked)
    except QuoteRefused:
        assert kind == "sell"
        assert amount * 2_000 * (10_000 - spread) < 10_000
        return
    rate = Fraction(2_000 * (10_000 - spread), 10_000)
    assert Fraction(gives) <= wants * rate < gives + max(rate, 1)


def test_what_is_promised_is_not_promised_again_until_it_expires() -> None:
    clock = Clock()
    desk = a_desk(clock)
    desk.quote(buys(6 * WEI))
    assert desk.holdings()[WETH] == (10 * WEI, 4 * WEI)
    with pytest.raises(QuoteRefused, match="4000000000000000000 are free"):
        desk.quote(buys(5 * WEI))
    clock.now += 150 + GRACE_SECONDS
    assert len(desk.live()) == 1
    clock.now += 1
    assert desk.live() == ()
    desk.quote(buys(5 * WEI))


def test_asking_for_a_price_promises_nothing() -> None:
    desk = a_desk()
    assert desk.price(buys(6 * WEI)) == desk.price(buys(6 * WEI))
    assert desk.holdings()[WETH] == (10 * WEI, 10 * WEI)


def test_nonces_of_quotes_that_expired_unfilled_come_back_and_no_others() -> None:
    clock = Clock()
    desk = a_desk(clock)
    first, second = desk.quote(sells(1_000)), desk.quote(sells(1_000))
    assert [quote.request.intent.nonce for quote in (first, second)] == [40, 41]
    desk.filled(second.uid, 10, 5)
    clock.now += 1_000
    assert [desk.quote(sells(1_000)).request.intent.nonce for _ in range(3)] == [40, 42, 43]


def test_fills_move_the_inventory_once() -> None:
    desk = a_desk()
    quote = desk.quote(sells(WEI))
    for _ in range(2):
        desk.filled(quote.uid, 500 * WEI, WEI // 4)
    assert desk.holdings()[DAI] == (19_500 * WEI, 19_500 * WEI - 1_480 * WEI)
    assert desk.holdings()[WETH] == (10 * WEI + WEI // 4, 10 * WEI + WEI // 4)
    desk.filled(quote.uid, 1_000 * WEI, WEI // 2)
    assert desk.holdings()[DAI][0] == 19_000 * WEI
    desk.filled("0x" + "00" * 32, 1, 1)  # nobody's


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (sells(1, WETH, JUNK), "no price"),
        (sells(1, WETH, WETH), "no price"),
        (sells(0), "nothing is asked"),
        (buys(11 * WEI), "are free"),
        (sells(1, DAI, WETH), "0 atoms would be given"),
    ],
)
def test_what_is_not_quoted_says_why(asked: QuoteRequest, why: str) -> None:
    with pytest.raises(QuoteRefused, match=why):
        a_desk().quote(asked)


def test_only_so_many_quotes_live_at_once() -> None:
    desk = a_desk(most_live=2)
    for _ in range(2):
        desk.quote(sells(1_000))
    with pytest.raises(QuoteRefused, match="2 quotes are live"):
        desk.quote(sells(1_000))


def test_the_maker_leans_towards_what_it_wants_to_hold() -> None:
    mid = mid_of(PRICES)
    pricing = Pricing(mid, 100, 200, {WETH: 10 * WEI, DAI: 20_000 * WEI})
    even = pricing.rate(WETH, DAI, {WETH: 10 * WEI, DAI: 20_000 * WEI})
    assert even == 2_000 * Fraction(99, 100)
    full_of_weth = pricing.rate(WETH, DAI, {WETH: 20 * WEI, DAI: 20_000 * WEI})
    full_of_dai = pricing.rate(WETH, DAI, {WETH: 10 * WEI, DAI: 90_000 * WEI})
    assert full_of_weth == 2_000 * Fraction(98, 100)
    assert full_of_dai == 2_000
    assert Pricing(mid, 9_999, 4_000, {WETH: 1}).rate(WETH, DAI, {WETH: 9}) == 0
    assert pricing.rate(WETH, JUNK, {}) is None


def test_an_inventory_that_was_overspent_has_nothing_free() -> None:
    inventory = Inventory({WETH: 5})
    inventory.promise(Promise("a", WETH, 5, DAI, 1, 0, 10))
    inventory.promise(Promise("b", WETH, 5, DAI, 1, 1, 10))
    assert inventory.free(WETH) == 0
