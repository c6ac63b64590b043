"""Traps in the terms: exclusivity, fee shares, hooks, bounds on price impact."""

from __future__ import annotations

from collections.abc import Iterator

from walras.conformance.case import GAS_PRICE, SOLVER, Case, crossed, tokens
from walras.conformance.rules import DEADLINE_MS
from walras.terms import FeeShare, Hook, Terms, time_after
from walras.testing.market import TIME, address_of


def term_cases() -> Iterator[Case]:
    """Alice's order signs terms; Bob's crosses it."""
    stranger, share = address_of("another solver"), FeeShare(address_of("wallet"), 50)
    hook = Hook(address_of("hooked"), bytes.fromhex("12345678"), 100_000)
    for name, why, terms in (
        ("exclusive-here", "Only this solver may fill it, which counts nothing.", _exclusive(SOLVER, TIME + 600)),
        (
            "exclusive-elsewhere",
            "Only another solver may fill it, so it is not shown.",
            _exclusive(stranger, TIME + 600),
        ),
        ("exclusive-over", "The window of another solver is over.", _exclusive(stranger, TIME - 1)),
        ("exclusive-last", "The window of another solver ends this second.", _exclusive(stranger, TIME)),
        ("fee-shares", "A half per cent of what is given goes to a wallet, out of the fee.", Terms(shares=(share,))),
        (
            "fee-shares-two",
            "Two shares, each rounded for itself.",
            Terms(shares=(share, FeeShare(address_of("app"), 7))),
        ),
        ("impact-tight", "The owner bears no loss against the reference.", Terms(max_impact_bps=1)),
        ("condition", "A condition that holds.", Terms(time_after(TIME - 1))),
        ("hooks", "Hooks before and after, whose gas the owner pays.", Terms(before=(hook,), afterwards=(hook,))),
    ):
        market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_terms(terms)
        market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100))
        yield Case(f"terms-{name}", why, market.batch(deadline_ms=DEADLINE_MS))
        yield Case(
            f"terms-{name}-gas", f"{why} Gas is paid.", market.with_gas(GAS_PRICE).batch(deadline_ms=DEADLINE_MS)
        )
    both = crossed(tokens()).with_terms(Terms(shares=(share,)))
    yield Case(
        "terms-buy-shares", "Shares of what a buyer gives.", both.with_gas(GAS_PRICE).batch(deadline_ms=DEADLINE_MS)
    )
    yield from _quotes()


def _quotes() -> Iterator[Case]:
    """Quotes that a maker signed for this solver alone, and traders who would take them."""
    for price in (0, GAS_PRICE):
        market = tokens().with_gas(price)
        for index, (gives, wants) in enumerate((("20000", "10"), ("3950", "2"), ("0.000001", "0.0000000005"))):
            market = market.with_sell(f"maker{index}", ("USDC", gives), ("WETH", wants))
            market = market.with_terms(_exclusive(SOLVER, TIME + 600))
        sellers = market
        for index in range(6):
            limit = 1_900 + 10 * index
            sellers = sellers.with_sell(f"seller{index}", ("WETH", 1), ("USDC", limit), whole=index % 2 == 1)
        buyers = market.with_buy("buyer", ("USDC", 1_000), ("WETH", "0.6")).with_buy(
            "large", ("USDC", 50_000), ("WETH", 26), min_fill=2_000
        )
        for name, one in (("sellers", sellers), ("buyers", buyers), ("nobody", market)):
            suffix = "-gas" if price else ""
            yield Case(
                f"quotes-{name}{suffix}", f"Quotes for this solver alone, {name}.", one.batch(deadline_ms=DEADLINE_MS)
            )


def _exclusive(solver: str, until: int) -> Terms:
    return Terms(exclusive_solver=solver, exclusive_until=until)
