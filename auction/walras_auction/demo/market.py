"""Run one market through the house: submit over HTTP, auction until nothing is left to win, gather the figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from walras.atoms import ceil_div
from walras.calls import WalrasError
from walras.client import Client
from walras.intent import Intent
from walras.orders import Order
from walras.signing import Signer
from walras.wire import IntentStatus

from walras_auction.demo.recorded import RecordedBatch
from walras_auction.rounds import RoundOutcome, Rounds

MAX_ROUNDS = 12
Progress = Callable[[str], None]


@dataclass
class MarketRun:
    """What was submitted to a market and what came of it."""

    name: str
    orders: list[Order]
    accepted: dict[str, Intent] = field(default_factory=dict)  # uid → intent
    refused: Counter[str] = field(default_factory=Counter)
    outcomes: list[RoundOutcome] = field(default_factory=list)
    statuses: dict[str, IntentStatus] = field(default_factory=dict)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [outcome.record for outcome in self.outcomes]


def submit(run: MarketRun, client: Client) -> None:
    """Submit every order through the API; each is accepted or refused by name."""
    for order, outcome in zip(run.orders, client.submit_many(run.orders), strict=True):
        if isinstance(outcome, WalrasError):
            run.refused[outcome.problem.reason] += 1
        else:
            run.accepted[outcome.uid] = order.intent


def auction(run: MarketRun, rounds: Rounds, progress: Progress) -> None:
    """Run rounds until a full round yields no valid bid with a positive score."""
    for _ in range(MAX_ROUNDS):
        outcome = rounds.run()
        if outcome is None:
            return
        run.outcomes.append(outcome)
        verdict = outcome.record["verdict"]
        progress(
            f"round {outcome.id}: {len(verdict['bids'])} bids, {len(verdict['winners'])} won, {outcome.fills} fills"
        )
        if outcome.valid_bids == 0:
            return


def finish(run: MarketRun, client: Client) -> None:
    """Read every intent's standing."""
    for uid in run.accepted:
        run.statuses[uid] = client.status(uid)


def withdraw(run: MarketRun, client: Client, keys: Mapping[str, Signer]) -> None:
    """Cancel what is still open, as its owner would, so that the next market starts from an empty book."""
    for uid, status in run.statuses.items():
        if status.state in ("open", "parked"):
            client.cancel(uid, keys[status.intent.owner])


def surplus_reference(run: MarketRun, batch: RecordedBatch, keys: Mapping[str, str]) -> Decimal:
    """Received beyond the limit, valued at the recorded price of the received token, before fees, in reference units.

    ``keys`` maps token addresses to the batch's token keys. The fee is added back at the fill's own clearing price,
    rounded down.
    """
    total = 0
    for uid, status in run.statuses.items():
        intent = run.accepted[uid]
        want = intent.wants[0].token
        for fill in status.fills:
            executed = fill.gives[0]
            before_fees = fill.wants[0] + fill.fee * fill.prices[intent.gives[0].token] // fill.prices[want]
            limit = ceil_div(executed * intent.wants[0].start, intent.full_amount)
            total += (before_fees - limit) * batch.tokens[keys[want]].external_price
    return Decimal(total) / Decimal(10**36)


def solver_table(records: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Bids, wins and settled surplus (wei) by solver."""
    table: dict[str, dict[str, Any]] = {name: {"bids": 0, "wins": 0, "surplus": 0} for name in names}
    for record in records:
        for row in record["verdict"]["bids"]:
            table[row["solver"]]["bids"] += 1
            if row["status"] == "won":
                table[row["solver"]]["wins"] += 1
        for fill in record["result"]["fills"]:
            table[fill["solver"]]["surplus"] += int(fill["surplus"])
    return {name: {**row, "surplus": str(row["surplus"])} for name, row in table.items()}


def standing(run: MarketRun) -> Counter[str]:
    """Accepted intents as filled, partly filled and unfilled, and refused ones."""
    counts: Counter[str] = Counter(refused=sum(run.refused.values()))
    for uid, status in run.statuses.items():
        full = run.accepted[uid].full_amount
        counts["filled" if status.executed >= full else "partly_filled" if status.executed else "unfilled"] += 1
    return counts


def unfilled_reasons(run: MarketRun) -> dict[str, int]:
    """Intents with something left, by reason; ``""`` counts those without one."""
    reasons: dict[str, int] = defaultdict(int)
    for uid, status in run.statuses.items():
        if status.executed < run.accepted[uid].full_amount:
            reasons[status.reason or ""] += 1
    return dict(sorted(reasons.items()))
