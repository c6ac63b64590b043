"""Stage 8: the published record of a round, and its replay.

A record has four parts. ``inputs`` is everything that went in: the batch with its balances and pools, the raw
bids, what the simulations said, timings. ``verdict`` is what the house made of it. ``settlement`` is what the
chain then did. ``result`` says of every intent what happened and why. ``verdict`` and ``result`` are recomputed
by :func:`replay` from the other two, byte for byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from walras.digest import keccak
from walras.rejections import Reason
from walras.wire import Batch, Solution, canonical

from walras_auction.bids import Checked, Proposed, Ranked, Refused, Simulation, SolverFailure, SolverIdentity, Verified
from walras_auction.judge import Judgement, check_all, judge
from walras_auction.verify import Book, propose
from walras_auction.why import Unfilled

VERSION = 1
#: Why a winner failed that is in no bundle: a crash came between two bundles of a round.
NEVER_SUBMITTED = "the house stopped before it was submitted"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that went into a round."""

    batch: Batch
    covers: Mapping[tuple[str, str], int]
    proposed: tuple[Proposed, ...]
    failures: tuple[SolverFailure, ...]
    simulations: Mapping[str, Simulation]
    timings_ms: Mapping[str, int]
    market: str = ""  # what the operator calls this round's market, for viewers

    def to_json(self) -> dict[str, Any]:
        return {
            "batch": self.batch.to_json(),
            "covers": [[solver, token, str(amount)] for (solver, token), amount in sorted(self.covers.items())],
            "bids": [
                {
                    "solver": {"name": bid.solver.name, "address": bid.solver.address},
                    "solution": bid.solution.to_json(),
                    "simulation": self.simulations[bid.hash].to_json() if bid.hash in self.simulations else None,
                }
                for bid in sorted(self.proposed, key=lambda bid: bid.hash)
            ],
            "failures": [
                {"solver": f.solver.name, "reason": f.reason.value, "detail": f.detail}
                for f in sorted(self.failures, key=lambda f: (f.solver.name, f.reason.value))
            ],
            "timingsMs": dict(self.timings_ms),
            "market": self.market,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Inputs:
        proposed, simulations = [], {}
        for entry in data["bids"]:
            identity = SolverIdentity(entry["solver"]["name"], entry["solver"]["address"])
            bid = propose(identity, Solution.model_validate(entry["solution"]))
            proposed.append(bid)
            if entry["simulation"] is not None:
                simulations[bid.hash] = Simulation.from_json(entry["simulation"])
        failures = [
            SolverFailure(SolverIdentity(f["solver"], ""), Reason(f["reason"]), f["detail"]) for f in data["failures"]
        ]
        covers = {(solver, token): int(amount) for solver, token, amount in data["covers"]}
        batch = Batch.model_validate(data["batch"])
        return cls(batch, covers, tuple(proposed), tuple(failures), simulations, data["timingsMs"], data["market"])


@dataclass(frozen=True, slots=True)
class BundleOutcome:
    """One settlement transaction as mined: per winner's hash whether it settled, and the named reason if not."""

    transaction: str
    block: int
    time: int
    gas_used: int
    outcomes: Mapping[str, tuple[bool, str]]

    def to_json(self) -> dict[str, Any]:
        return {
            "transaction": self.transaction,
            "block": self.block,
            "time": self.time,
            "gasUsed": self.gas_used,
            "outcomes": {key: {"settled": ok, "reason": why} for key, (ok, why) in sorted(self.outcomes.items())},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BundleOutcome:
        outcomes = {key: (value["settled"], value["reason"]) for key, value in data["outcomes"].items()}
        return cls(data["transaction"], data["block"], data["time"], data["gasUsed"], outcomes)


def write(inputs: Inputs, judgement: Judgement, bundles: Sequence[BundleOutcome]) -> dict[str, Any]:
    """The record as JSON values; ``canonical`` of it is what is stored, hashed and published."""
    book = Book(inputs.batch, inputs.covers)
    settled = {key for bundle in bundles for key, (ok, _) in bundle.outcomes.items() if ok}
    return {
        "version": VERSION,
        "inputs": inputs.to_json(),
        "verdict": _verdict(judgement, bundles),
        "settlement": [bundle.to_json() for bundle in bundles],
        "result": _result(book, judgement.ranked, settled, judgement),
    }


def _verdict(judgement: Judgement, bundles: Sequence[BundleOutcome]) -> dict[str, Any]:
    ranked = judgement.ranked
    outcomes = {key: outcome for bundle in bundles for key, outcome in bundle.outcomes.items()}
    rows = [
        _row(bid.proposed, "refused", bid.reason, bid.detail, bid.score, bid.simulation) for bid in judgement.refused
    ]
    rows += [_bid_row(loss.bid, "lost", loss.reason, loss.detail) for loss in ranked.losses]
    for winner in ranked.winners:
        settled, why = outcomes.get(winner.hash, (False, NEVER_SUBMITTED))
        if settled:
            rows.append(_bid_row(winner, "won", None, ""))
        else:
            rows.append(_bid_row(winner, "failed", Reason.SETTLEMENT_FAILED, why))
    return {
        "bids": sorted(rows, key=lambda row: str(row["hash"])),
        "winners": sorted(winner.hash for winner in ranked.winners),
        "total": str(ranked.total),
        "bound": str(ranked.bound),
        "proof": ranked.proof,
        "rewards": {name: str(amount) for name, amount in sorted(ranked.rewards.items())},
    }


def _bid_row(bid: Verified, status: str, reason: Reason | None, detail: str) -> dict[str, Any]:
    row = _row(bid.checked.proposed, status, reason, detail, bid.score, bid.simulation)
    row["pairs"] = {pair: str(score) for pair, score in sorted(bid.checked.pair_scores.items())}
    return row


def _row(
    bid: Proposed, status: str, reason: Reason | None, detail: str, score: int, simulation: Simulation | None
) -> dict[str, Any]:
    return {
        "hash": bid.hash,
        "solver": bid.solver.name,
        "solution": bid.solution.id,
        "status": status,
        "reason": reason.value if reason else None,
        "detail": detail,
        "score": str(score),
        "fills": len(bid.solution.fills),
        "interactions": len(bid.solution.interactions),
        "gas": simulation.gas if simulation else None,
    }


def _result(book: Book, ranked: Ranked, settled: set[str], judgement: Judgement) -> dict[str, Any]:
    executed: dict[str, int] = {}
    draws: dict[tuple[str, str], int] = defaultdict(int)
    fills = []
    for winner in sorted(ranked.winners, key=lambda winner: winner.hash):
        if winner.hash not in settled:
            continue
        for key, amount in winner.checked.draws.items():
            draws[key] += amount
        for trade in winner.checked.trades:
            executed[trade.fill.uid] = trade.fill.executed
            fills.append(
                {
                    "uid": trade.fill.uid,
                    "bid": winner.hash,
                    "solver": winner.checked.proposed.solver.name,
                    "executed": str(trade.fill.executed),
                    "gives": [str(amount) for amount in trade.amounts.gives],
                    "wants": [str(amount) for amount in trade.amounts.wants],
                    "fee": str(trade.fill.fee),
                    "surplus": str(trade.surplus),
                }
            )
    return {"fills": fills, "unfilled": _unfilled(book, executed, draws, judgement, settled)}


def _unfilled(
    book: Book,
    executed: Mapping[str, int],
    draws: Mapping[tuple[str, str], int],
    judgement: Judgement,
    settled: set[str],
) -> list[dict[str, Any]]:
    """Every intent that still has something left, with the reason."""
    unsettled = {w.hash: w for w in judgement.ranked.winners if w.hash not in settled}
    lost: list[tuple[Checked, str]] = [(loss.bid.checked, loss.reason.value) for loss in judgement.ranked.losses]
    lost += [(winner.checked, Reason.SETTLEMENT_FAILED.value) for winner in unsettled.values()]
    proposed = {
        trade.fill.uid: f"{checked.proposed.solver.name}/{checked.proposed.solution.id} ({why})"
        for checked, why in lost
        for trade in checked.trades
    }
    explain = Unfilled(book.batch, executed, proposed)
    rows = []
    for entry in book.batch.intents:
        left = entry.remaining - executed.get(entry.uid, 0)
        if left:
            why = explain.explain(entry.uid, draws)
            rows.append({"uid": entry.uid, "left": str(left), "reason": why.reason.value, "detail": why.detail})
    return rows


def record_hash(record: bytes) -> str:
    return "0x" + keccak(record).hex()


def replay(record: Mapping[str, Any]) -> bytes:
    """Recompute a record from its inputs and settlement; equal bytes mean that the house judged as published."""
    inputs = Inputs.from_json(record["inputs"])
    book = Book(inputs.batch, inputs.covers)
    checked: list[Checked | Refused] = check_all(inputs.proposed, book)
    bundles = [BundleOutcome.from_json(bundle) for bundle in record["settlement"]]
    return canonical(write(inputs, judge(checked, inputs.simulations, book), bundles))
