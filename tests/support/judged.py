"""A round judged without a chain: a market, bids, and simulations that say what the solutions say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from walras.testing.market import Market, a_market
from walras.wire import Batch, Fill, Solution
from walras_auction.bids import Checked, Proposed, Simulation, SolverFailure, SolverIdentity
from walras_auction.judge import Judgement, check_all, judge
from walras_auction.record import BundleOutcome, Inputs
from walras_auction.verify import Book, expected_changes, propose

WEI, MICRO = 10**18, 10**6


def tokens() -> Market:
    """WETH at one, USDC and DAI at a two-thousandth, JUNK without a price."""
    market = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")
    return market.with_token("DAI", price="0.0005").with_token("JUNK")


def two_sides() -> Market:
    """Alice sells a WETH for 1,900 or more; Bob buys one for 2,100 or less."""
    return tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))


def solver(name: str) -> SolverIdentity:
    return SolverIdentity(name, "0x" + name.encode().hex().ljust(40, "0")[:40])


def a_match(batch: Batch, usdc: int = 2_000, weth: int = WEI, number: int = 1) -> Solution:
    """The first two intents at one price."""
    address = {token.symbol: token.address for token in batch.tokens}
    fills = tuple(Fill(uid=entry.uid, executed=weth) for entry in batch.intents[:2])
    return Solution(id=number, prices={address["WETH"]: usdc * MICRO, address["USDC"]: WEI}, fills=fills)


@dataclass
class Round:
    """Bids on a batch, and what was made of them."""

    batch: Batch
    bids: list[Proposed] = field(default_factory=list)
    covers: dict[tuple[str, str], int] = field(default_factory=dict)
    failures: tuple[SolverFailure, ...] = ()
    gas: int = 400_000
    broken: Mapping[str, str] = field(default_factory=dict)  # bid hash → how its simulation reverts

    def bid(self, name: str, solution: Solution) -> str:
        """Add a bid; its hash."""
        proposed = propose(solver(name), solution)
        self.bids.append(proposed)
        return proposed.hash

    @property
    def book(self) -> Book:
        return Book(self.batch, self.covers)

    def simulations(self) -> dict[str, Simulation]:
        return {
            checked.proposed.hash: self._simulation(checked)
            for checked in check_all(self.bids, self.book)
            if isinstance(checked, Checked)
        }

    def _simulation(self, checked: Checked) -> Simulation:
        error = self.broken.get(checked.proposed.hash)
        if error is not None:
            return Simulation(False, 0, (), error)
        return Simulation(True, self.gas, tuple(expected_changes(checked).values()))

    def judge(self) -> Judgement:
        return judge(check_all(self.bids, self.book), self.simulations(), self.book)

    def inputs(self) -> Inputs:
        return Inputs(
            self.batch, self.covers, tuple(self.bids), self.failures, self.simulations(), {"close": 3, "select": 5}
        )


def mined(hashes: Sequence[str], failed: Mapping[str, str] | None = None) -> BundleOutcome:
    """A settlement of these winners; ``failed`` names those that reverted, and why."""
    failed = failed or {}
    outcomes = {key: (key not in failed, failed.get(key, "")) for key in hashes}
    return BundleOutcome("0x" + "ab" * 32, 7, 1_800_000_010, 500_000, outcomes)
