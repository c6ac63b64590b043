"""What a solver would have done in a published round: its answer among the recorded bids, judged by the round's house.

The recorded bids keep what the chain said of them then. The new ones are judged by what the batch predicts, since the
chain has moved on: pools pay what the record says, gas is what the batch expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from walras.rejections import Reason

from walras_auction.bids import Checked, Proposed, Simulation
from walras_auction.conformance.simulated import predicted
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.invite import invite
from walras_auction.judge import Judgement, check_all, judge
from walras_auction.record import Inputs
from walras_auction.verify import Book


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would have become of one solution: ``status`` is won, lost or refused; ``score`` is wei."""

    solution: int
    status: str
    score: int
    reason: Reason | None
    detail: str

    def __str__(self) -> str:
        why = "" if self.reason is None else f": {self.reason.value}: {self.reason.sentence} {self.detail}"
        verb = "been refused" if self.status == "refused" else f"{self.status} with {self.score} wei"
        return f"solution {self.solution} would have {verb}{why}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A round with one solver more. Scores are wei.

    ``winners`` are the recorded winners with their scores, ``total`` what they came to together; ``with_yours`` is what
    the winning set comes to with the new bids, ``yours`` the part of it that those would have won, ``reward`` theirs.
    """

    round: int
    winners: tuple[tuple[str, int], ...]
    total: int
    with_yours: int
    yours: int
    reward: int
    outcomes: tuple[Outcome, ...]
    failures: tuple[tuple[Reason, str], ...]

    @property
    def sentence(self) -> str:
        best = max((outcome.score for outcome in self.outcomes if outcome.status != "refused"), default=0)
        against = ", ".join(f"{name} {score}" for name, score in self.winners) or "nobody's"
        return f"you would have scored {self.yours or best} wei against the winners' {self.total} wei ({against})"

    def to_json(self) -> dict[str, Any]:
        return {
            "round": self.round,
            "winners": [{"solver": name, "score": str(score)} for name, score in self.winners],
            "total": str(self.total),
            "withYours": str(self.with_yours),
            "yours": str(self.yours),
            "reward": str(self.reward),
            "solutions": [
                {
                    "solution": one.solution,
                    "status": one.status,
                    "score": str(one.score),
                    "reason": one.reason.value if one.reason else None,
                    "sentence": one.reason.sentence if one.reason else "",
                    "detail": one.detail,
                }
                for one in self.outcomes
            ],
            "failures": [{"reason": reason.value, "detail": detail} for reason, detail in self.failures],
        }


def replay_with(record: Mapping[str, Any], door: SolverProcess, deadline_ms: int | None = None) -> Replayed:
    """Ask ``door`` for bids on the record's batch and judge them together with the recorded ones.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` if it is no record.
    """
    inputs = Inputs.from_json(record["inputs"])
    before = _judged(inputs, inputs.proposed)
    batch = inputs.batch if deadline_ms is None else inputs.batch.model_copy(update={"deadline_ms": deadline_ms})
    bids = invite([door], batch)
    rivals = tuple(bid for bid in inputs.proposed if bid.solver.address != door.identity.address)
    after = _judged(inputs, (*rivals, *bids.proposed))
    mine = {bid.hash for bid in bids.proposed}
    won = [winner for winner in after.ranked.winners if winner.hash in mine]
    return Replayed(
        round=inputs.batch.round,
        winners=tuple((winner.checked.proposed.solver.name, winner.score) for winner in before.ranked.winners),
        total=before.ranked.total,
        with_yours=after.ranked.total,
        yours=sum(winner.score for winner in won),
        reward=after.ranked.rewards.get(door.identity.name, 0),
        outcomes=_outcomes(after, mine),
        failures=tuple((failure.reason, failure.detail) for failure in bids.failures),
    )


def _judged(inputs: Inputs, proposed: tuple[Proposed, ...]) -> Judgement:
    book = Book(inputs.batch, inputs.covers)
    checked = check_all(proposed, book)
    simulations: dict[str, Simulation] = dict(inputs.simulations)
    for bid in checked:
        if isinstance(bid, Checked) and bid.proposed.hash not in simulations:
            simulations[bid.proposed.hash] = predicted(bid, book)
    return judge(checked, simulations, book)


def _outcomes(judgement: Judgement, mine: set[str]) -> tuple[Outcome, ...]:
    found = [
        Outcome(bid.proposed.solution.id, "refused", bid.score, bid.reason, bid.detail)
        for bid in judgement.refused
        if bid.proposed.hash in mine
    ]
    for loss in judgement.ranked.losses:
        if loss.bid.hash in mine:
            number = loss.bid.checked.proposed.solution.id
            found.append(Outcome(number, "lost", loss.bid.score, loss.reason, loss.detail))
    for winner in judgement.ranked.winners:
        if winner.hash in mine:
            found.append(Outcome(winner.checked.proposed.solution.id, "won", winner.score, None, ""))
    return tuple(sorted(found, key=lambda one: one.solution))
