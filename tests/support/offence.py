"""An honest bid beside an offender's: who wins, and what the record says of the other."""

from __future__ import annotations

from typing import Any

from walras_auction.record import replay
from walras_auction.rounds import RoundOutcome

from support.bids import WEI, always, at, fill
from support.desk import Desk, ScriptedDoor, row_of

OFFENDER = "rival"


def honest(market: tuple[str, str]) -> ScriptedDoor:
    sell, buy = market
    return ScriptedDoor(always(lambda batch: at(batch, 2_000, fill(sell, WEI), fill(buy, WEI))))


def assert_the_honest_bid_won(desk: Desk, market: tuple[str, str], outcome: RoundOutcome) -> None:
    assert row_of(outcome.record, "honest")["status"] == "won", outcome.record["verdict"]
    assert [desk.stored(uid).state for uid in market] == ["filled", "filled"]
    published = desk.house.store.round_record(outcome.id)
    assert replay(outcome.record) == published


def reasons(record: dict[str, Any], solver: str = OFFENDER) -> list[str]:
    """What the record says of the solver's answer and of its bids."""
    found = [failure["reason"] for failure in record["inputs"]["failures"] if failure["solver"] == solver]
    return found + [row["reason"] for row in record["verdict"]["bids"] if row["solver"] == solver]
