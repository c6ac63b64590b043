"""Benching: a winner that fails to settle sits out rounds, twice as many each time, unless it was not its fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from walras.rejections import Reason

from walras_auction.bids import SolverIdentity

#: Contract errors that a solver answers for; anything else (funds gone, nonce burned, a receiver that reverts)
#: is the doing of an intent's owner or of an earlier solution of the bundle.
SOLVER_FAULTS = ("CoverExceeded", "InteractionFailed", "NotConserved", "InsufficientCover")


class Bench:
    """Which solvers sit out, by round number."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}
        self._length: dict[str, int] = {}

    def reason(self, solver: SolverIdentity, round_id: int) -> Reason | None:
        return Reason.SOLVER_BENCHED if round_id <= self._until.get(solver.name, 0) else None

    def learn(self, record: Mapping[str, Any]) -> None:
        """Bench the solvers whose winning bids failed by their own fault; a settled win clears the slate."""
        round_id = record["inputs"]["batch"]["round"]
        for row in record["verdict"]["bids"]:
            name = row["solver"]
            if row["status"] == "won":
                self._length.pop(name, None)
            elif row["status"] == "failed" and row["detail"].startswith(SOLVER_FAULTS):
                self._length[name] = 2 * self._length.get(name, 0) or 1
                self._until[name] = round_id + self._length[name]
