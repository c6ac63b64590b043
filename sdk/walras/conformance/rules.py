"""Traps in the rules: times, fill rules, alternatives, funds, gas, the guard."""

from __future__ import annotations

from collections.abc import Iterator

from walras.conformance.case import GAS_PRICE, Case, crossed, tokens
from walras.intent import ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.testing.market import TIME, Market, a_market

DEADLINE_MS = 2_000


def rule_cases() -> Iterator[Case]:
    """A case a rule, without pools."""
    yield Case("empty", "There is nothing to do.", a_market().batch(deadline_ms=DEADLINE_MS))
    yield Case("no-intents", "There are tokens, but nobody trades.", tokens().batch(deadline_ms=DEADLINE_MS))
    for name, why, market in (*_times(), *_fill_rules(), *_owners()):
        yield Case(name, why, market.batch(deadline_ms=DEADLINE_MS))
    yield from _terms_of_rounds()


def _sell(market: Market, owner: str, give: str, gives: int, want: str, wants: int, **rest: int) -> Market:
    """A sell in atoms; ``rest`` may name valid_from, valid_to, min_fill and nonce."""
    intent = Intent.sell(
        market.signer(owner).address,
        (market.address(give), gives),
        (market.address(want), wants),
        valid_to=rest.get("valid_to", TIME + 3_600),
        nonce=rest.get("nonce", len(market.intents)),
        min_fill=rest.get("min_fill"),
        valid_from=rest.get("valid_from", 0),
    )
    return market.with_intent(intent)


def _times() -> Iterator[tuple[str, str, Market]]:
    bob = tokens().with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    wei, micro = 10**18, 10**6
    limit = (10**18, "USDC", 1_900 * micro)
    yield "expired", "The only match has expired.", _sell(bob, "alice", "WETH", *limit, valid_to=TIME - 1)
    yield (
        "expires-too-soon",
        "The match is valid now, but not until the last moment a settlement may land.",
        _sell(bob, "alice", "WETH", *limit, valid_to=TIME + 30),
    )
    yield (
        "last-second",
        "Valid to the last second and no longer.",
        _sell(bob, "alice", "WETH", *limit, valid_to=TIME + 60),
    )
    yield "not-yet-valid", "The only match begins later.", _sell(bob, "alice", "WETH", *limit, valid_from=TIME + 1)
    yield "just-valid", "The match begins this second.", _sell(bob, "alice", "WETH", *limit, valid_from=TIME)
    for name, why, began, ends in (
        ("dutch-before", "A falling limit that does not cross yet.", TIME - 1, TIME + 3_599),
        ("dutch-middle", "A falling limit that crosses since a moment ago.", TIME - 3_000, TIME + 600),
        ("dutch-after", "A falling limit that has reached its end.", TIME - 3_600, TIME - 1),
    ):
        start, end = Leg(bob.address("USDC"), 2_900 * micro, 1_900 * micro), Leg.fixed(bob.address("WETH"), wei)
        owner = bob.signer("alice").address
        falling = Intent(
            owner, ZERO_ADDRESS, (end,), (start,), Kind.SELL, FillRule.PARTIAL, 1, began, ends, TIME + 3_600, 7
        )
        yield name, why, bob.with_intent(falling)
    alice = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900))
    rising = Leg(alice.address("USDC"), 1_500 * micro, 2_300 * micro)
    owner, weth = alice.signer("bob").address, Leg.fixed(alice.address("WETH"), wei)
    buyer = Intent(
        owner,
        ZERO_ADDRESS,
        (rising,),
        (weth,),
        Kind.BUY,
        FillRule.PARTIAL,
        1,
        TIME - 1_800,
        TIME + 1_800,
        TIME + 3_600,
        9,
    )
    yield "dutch-buy", "A buy whose limit is half-way up, at exactly the seller's.", alice.with_intent(buyer)


def _fill_rules() -> Iterator[tuple[str, str, Market]]:
    seller = tokens().with_sell("alice", ("WETH", 2), ("USDC", 3_800), whole=True)
    yield "whole-too-large", "A whole order meets a smaller one.", seller.with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    yield (
        "whole-both",
        "Two whole orders fit each other exactly.",
        seller.with_buy("bob", ("WETH", 2), ("USDC", 4_200), whole=True),
    )
    yield (
        "whole-off-by-one",
        "Two whole orders differ by one atom.",
        _sell(seller, "bob", "USDC", 4_200 * 10**6, "WETH", 2 * 10**18 + 1, min_fill=4_200 * 10**6),
    )
    yield (
        "whole-needs-two",
        "A whole order is the sum of two others.",
        seller.with_buy("bob", ("WETH", "1.5"), ("USDC", 3_150)).with_buy("carol", ("WETH", "0.5"), ("USDC", 1_050)),
    )
    least = tokens().with_sell("alice", ("WETH", 10), ("USDC", 19_000), min_fill=5)
    yield (
        "min-fill",
        "The other side is smaller than the least fill.",
        least.with_buy("bob", ("WETH", 1), ("USDC", 2_100)),
    )
    yield (
        "min-fill-met",
        "The other side is exactly the least fill.",
        least.with_buy("bob", ("WETH", 5), ("USDC", 10_500)),
    )
    alice = least.intents[0]
    rest = tokens().with_intent(alice, remaining=10**18)
    yield (
        "last-remainder",
        "What is left is less than the least fill, and may be filled only to the last atom.",
        rest.with_buy("bob", ("WETH", 3), ("USDC", 6_300)),
    )
    yield (
        "last-remainder-too-large",
        "What is left is less than the least fill, and the other side is smaller still.",
        rest.with_buy("bob", ("WETH", "0.5"), ("USDC", 1_050)),
    )
    yield (
        "one-atom-left",
        "One atom of an order is left.",
        tokens().with_intent(replace_fill(alice), remaining=1).with_buy("bob", ("WETH", 3), ("USDC", 6_300)),
    )
    yield "ring-whole", "Three whole orders in a ring.", _ring(3)
    yield "ring-five", "Five whole orders in a ring.", _ring(5)
    yield "ring-short", "A ring of whole orders that does not close by a little.", _ring(3, slack=-(10**15))


def replace_fill(intent: Intent) -> Intent:
    """The same intent with a least fill of one atom."""
    return Intent.sell(
        intent.owner,
        (intent.gives[0].token, intent.gives[0].end),
        (intent.wants[0].token, intent.wants[0].end),
        valid_to=intent.valid_to,
        nonce=intent.nonce,
    )


def _ring(length: int, slack: int = 10**15) -> Market:
    """Everybody gives a token for the next one's, with ``slack`` atoms of each between what is given and wanted."""
    market = a_market()
    for index in range(length):
        market = market.with_token(f"R{index}", price=1)
    for index in range(length):
        give, want = f"R{index}", f"R{(index + 1) % length}"
        intent = Intent.sell(
            market.signer(f"owner{index}").address,
            (market.address(give), 10**18),
            (market.address(want), 10**18 - slack),
            valid_to=TIME + 3_600,
            nonce=index,
            fill=FillRule.WHOLE,
        )
        market = market.with_intent(intent)
    return market


def _owners() -> Iterator[tuple[str, str, Market]]:
    bob = tokens().with_buy("bob", ("WETH", 2), ("USDC", 4_200))
    limit = (10**18, "USDC", 1_900 * 10**6)
    one, more = _sell(bob, "alice", "WETH", *limit, nonce=7), (10**18, "USDC", 1_950 * 10**6)
    yield "alternatives", "Of two alternatives only one may fill.", _sell(one, "alice", "WETH", *more, nonce=7)
    yield (
        "alternatives-pairs",
        "Alternatives in different pairs.",
        _sell(one, "alice", "DAI", 2_000 * 10**18, "USDC", 1_900 * 10**6, nonce=7).with_sell(
            "carol", ("USDC", 2_000), ("DAI", 1_900)
        ),
    )
    both = _sell(_sell(bob, "alice", "WETH", *limit), "alice", "WETH", *limit)
    yield "shared-funds", "Two orders of one owner share the funds of one.", both.with_funds("alice", "WETH", 1)
    yield "no-funds", "The owner has nothing.", crossed(tokens()).with_funds("alice", "WETH", 0)
    yield (
        "half-funds",
        "The owner has half of what the order gives.",
        crossed(tokens()).with_funds("alice", "WETH", "0.5"),
    )
    yield (
        "whole-half-funds",
        "The owner of a whole order has half of it.",
        bob.with_sell("alice", ("WETH", 2), ("USDC", 3_800), whole=True).with_funds("alice", "WETH", 1),
    )
    yield "buyer-funds", "The buyer can not pay the limit.", crossed(tokens()).with_funds("bob", "USDC", 1_000)
    yield "own-counterparty", "One owner stands on both sides.", _sell(bob, "bob", "WETH", *limit)
    many = tokens()
    for index in range(40):
        many = many.with_sell(f"seller{index}", ("WETH", 1), ("USDC", 1_900))
        many = many.with_buy(f"buyer{index}", ("WETH", 1), ("USDC", 2_100))
    yield "duplicates", "Forty times the same two orders.", many
    legs = ((("WETH", 1), ("DAI", 2_000)), (("USDC", 3_800),))
    basket = tokens().with_basket(Kind.SELL, "alice", *legs)
    yield (
        "basket",
        "A basket of two gives, and orders for each.",
        basket.with_sell("bob", ("USDC", 2_100), ("WETH", 1)).with_sell("carol", ("USDC", 2_100), ("DAI", 2_000)),
    )
    yield (
        "basket-whole",
        "A whole basket meets a whole basket.",
        tokens()
        .with_basket(Kind.SELL, "alice", *legs, whole=True)
        .with_basket(Kind.SELL, "bob", (("USDC", 4_100),), (("WETH", 1), ("DAI", 2_000)), whole=True),
    )
    wide = a_market()
    for index in range(16):
        wide = wide.with_token(f"W{index}", price=1)
    sides = tuple((f"W{index}", 1) for index in range(8)), tuple((f"W{index}", "0.9") for index in range(8, 16))
    back = tuple((f"W{index}", 1) for index in range(8, 16)), tuple((f"W{index}", "0.9") for index in range(8))
    yield (
        "basket-wide",
        "Baskets of eight legs a side, both ways.",
        wide.with_basket(Kind.SELL, "alice", *sides).with_basket(Kind.BUY, "bob", *back),
    )


def _terms_of_rounds() -> Iterator[Case]:
    deal = crossed(tokens())
    cheap, dear = deal.with_gas(GAS_PRICE), deal.with_gas(10**15)
    yield Case("gas", "Everybody pays a share of the gas.", cheap.batch(deadline_ms=DEADLINE_MS))
    yield Case("gas-eats-all", "Gas costs more than there is to gain.", dear.batch(deadline_ms=DEADLINE_MS))
    bare = cheap.batch(deadline_ms=DEADLINE_MS)
    small = bare.gas.model_copy(update={"limit": 100_000})
    yield Case("gas-limit", "No solution fits into the gas limit.", bare.model_copy(update={"gas": small}))
    tight = bare.gas.model_copy(update={"margin_bps": 0})
    yield Case("gas-no-margin", "A fee may be worth the gas, and no more.", bare.model_copy(update={"gas": tight}))
    yield Case("guard-zero", "Nobody may trade below the reference.", deal.batch(deadline_ms=DEADLINE_MS, guard_bps=0))
    lopsided = tokens().with_sell("alice", ("WETH", 1), ("USDC", 100)).with_buy("bob", ("WETH", 1), ("USDC", 200))
    yield Case(
        "guard", "All that cross are far off the reference.", lopsided.batch(deadline_ms=DEADLINE_MS, guard_bps=500)
    )
    yield Case("one-solution", "One solution is read.", deal.batch(deadline_ms=DEADLINE_MS, max_solutions=1))
    unheard = bare.model_copy(update={"tokens": ()})
    yield Case("tokens-unlisted", "The batch says nothing about the tokens that are traded.", unheard)
    yield Case("no-funds-listed", "The batch says of nobody what he has.", bare.model_copy(update={"funds": ()}))
