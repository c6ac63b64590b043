"""Stage 8: store the record, tell every intent and every solver what happened, announce the round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from walras.intent import Intent
from walras.wire import FillReport, Notice, canonical

from walras_auction.ports import FeedPort, IntentUpdate, RoundSummary, SolverTally, Store
from walras_auction.record import Inputs, record_hash


@dataclass(frozen=True, slots=True)
class Published:
    """A round whose record is stored."""

    id: int
    record: dict[str, Any]
    hash: str


def publish(record: dict[str, Any], store: Store, feed: FeedPort, now: int) -> Published:
    """Store and announce. One transaction holds the record, its log entry and every intent's new standing."""
    body = canonical(record)
    done = Published(record["inputs"]["batch"]["round"], record, record_hash(body))
    store.publish_round(_summary(done, now), body, _updates(record, store), now, _tallies(record))
    feed.publish("round_closed", round_view(record, done.hash))
    return done


def round_view(record: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """The record without its bulk: what a viewer of the round needs."""
    batch = record["inputs"]["batch"]
    winners = set(record["verdict"]["winners"])
    prices = {key: vector for key, vector in clearing_prices(record).items() if key in winners}
    reasons: dict[str, int] = defaultdict(int)
    for row in record["result"]["unfilled"]:
        reasons[row["reason"]] += 1
    return {
        "round": batch["round"],
        "market": record["inputs"]["market"],
        "time": batch["time"],
        "block": batch["block"],
        "intents": len(batch["intents"]),
        "pools": len(batch["pools"]),
        "verdict": record["verdict"],
        "failures": record["inputs"]["failures"],
        "timingsMs": record["inputs"]["timingsMs"],
        "prices": prices,
        "fills": record["result"]["fills"],
        "unfilled": dict(sorted(reasons.items())),
        "settlement": record["settlement"],
        "recordHash": digest,
    }


def _summary(done: Published, now: int) -> RoundSummary:
    verdict, settlement = done.record["verdict"], done.record["settlement"]
    return RoundSummary(
        id=done.id,
        time=now,
        intents=len(done.record["inputs"]["batch"]["intents"]),
        bids=len(verdict["bids"]),
        winners=tuple(sorted({row["solver"] for row in verdict["bids"] if row["status"] == "won"})),
        score=int(verdict["total"]),
        fills=len(done.record["result"]["fills"]),
        transaction=settlement[0]["transaction"] if settlement else None,
        record_hash=done.hash,
    )


def _updates(record: Mapping[str, Any], store: Store) -> list[IntentUpdate]:
    """New standing of every intent of the batch: its fill, or why it has none."""
    batch = record["inputs"]["batch"]
    why = {row["uid"]: row for row in record["result"]["unfilled"]}
    fills = {row["uid"]: row for row in record["result"]["fills"]}
    places = {
        key: bundle
        for bundle in record["settlement"]
        for key, outcome in bundle["outcomes"].items()
        if outcome["settled"]
    }
    prices = clearing_prices(record)
    updates = []
    for entry in batch["intents"]:
        uid = entry["uid"]
        stored = store.get(uid)
        if stored is None or stored.state not in ("open", "parked", "cancelled", "expired"):
            continue
        report = None
        executed = stored.executed
        if uid in fills:
            row = fills[uid]
            executed += int(row["executed"])
            report = _report(row, places[row["bid"]], batch["round"], prices[row["bid"]], stored.intent)
        reason, detail = (why[uid]["reason"], why[uid]["detail"]) if uid in why else (None, "")
        state = "filled" if executed >= stored.intent.full_amount else stored.state
        updates.append(IntentUpdate(uid, state, executed, reason, detail, report))
    return updates


def clearing_prices(record: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Clearing prices by bid hash."""
    return {
        bid.hash: {token: str(price) for token, price in sorted(bid.solution.prices.items())}
        for bid in Inputs.from_json(record["inputs"]).proposed
    }


def _report(
    row: Mapping[str, Any], place: Mapping[str, Any], round_id: int, prices: Mapping[str, str], intent: Intent
) -> FillReport:
    tokens = {leg.token for leg in intent.gives + intent.wants}
    return FillReport(
        round=round_id,
        solver=row["solver"],
        transaction=place["transaction"],
        block=place["block"],
        gives=tuple(int(amount) for amount in row["gives"]),
        wants=tuple(int(amount) for amount in row["wants"]),
        fee=int(row["fee"]),
        surplus=int(row["surplus"]),
        prices={token: int(price) for token, price in prices.items() if token in tokens},
    )


def notices(record: Mapping[str, Any]) -> dict[str, list[Notice]]:
    """What to tell each solver about each of its solutions."""
    told: dict[str, list[Notice]] = defaultdict(list)
    for row in record["verdict"]["bids"]:
        told[row["solver"]].append(
            Notice(
                round=record["inputs"]["batch"]["round"],
                solution=row["solution"],
                status=row["status"],
                reason=row["reason"],
                detail=row["detail"],
                score=row["score"],
            )
        )
    return told


def _tallies(record: Mapping[str, Any]) -> list[SolverTally]:
    """Bids, wins and settled surplus of each solver in this round, for the league."""
    bids: Counter[str] = Counter(row["solver"] for row in record["verdict"]["bids"])
    wins = Counter(row["solver"] for row in record["verdict"]["bids"] if row["status"] == "won")
    surplus: Counter[str] = Counter()
    for fill in record["result"]["fills"]:
        surplus[fill["solver"]] += int(fill["surplus"])
    return [SolverTally(name, bids[name], wins[name], surplus[name]) for name in sorted(bids)]
