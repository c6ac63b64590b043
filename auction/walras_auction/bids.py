"""A bid on its way through a round: ``Proposed → Checked → Verified → Ranked``.

Each stage takes the previous stage's class, so an unverified bid cannot be ranked. ``Refused`` is where a bid's
way ends early, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from walras.amounts import Amounts
from walras.intent import Intent
from walras.rejections import Reason
from walras.wire import Fill, Solution

Pair = tuple[str, str]
"""A directed token pair: (give, want), the native coin counted as its wrapped token."""


@dataclass(frozen=True, slots=True)
class SolverIdentity:
    """A solver as the house knows it: its name, and the bonded account that wins, is paid and is liable."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """One solution as received. ``hash`` is the keccak of solver and canonical solution; ties go by it."""

    solver: SolverIdentity
    solution: Solution
    hash: str


@dataclass(frozen=True, slots=True)
class SolverFailure:
    """A solver whose answer as a whole could not be used."""

    solver: SolverIdentity
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Trade:
    """One fill with everything the house recomputed about it.

    ``surplus`` is wei of the native coin. ``shared`` are the atoms of the fee that go to the terms' fee shares;
    ``reserved`` says that only this solver may fill the intent now. ``extra_gas`` is what the terms should use,
    ``reserve_gas`` what must be left for their hooks and reads, used or not.
    """

    fill: Fill
    intent: Intent
    amounts: Amounts
    surplus: int
    pairs: tuple[Pair, ...]
    shared: int = 0
    reserved: bool = False
    extra_gas: int = 0
    reserve_gas: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A solution whose own integers obey every rule that needs no chain (DESIGN §5, rules 1–5 and 7)."""

    proposed: Proposed
    trades: tuple[Trade, ...]
    score: int
    pair_scores: Mapping[str, int]
    draws: Mapping[tuple[str, str], int]  # (owner, token) → atoms the solution takes
    pools: frozenset[str]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the chain said when the solution was tried on its state.

    ``gas`` is all gas of the solution: its execution, its share of the transaction and its calldata.
    ``changes`` are the balance changes of its traders in atoms, in the order of ``verify.expected_changes``.
    """

    ok: bool
    gas: int
    changes: tuple[int, ...]
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "gas": self.gas, "changes": [str(a) for a in self.changes], "error": self.error}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Simulation:
        return cls(data["ok"], data["gas"], tuple(int(a) for a in data["changes"]), data["error"])


@dataclass(frozen=True, slots=True)
class Verified:
    """A valid bid: it may be ranked."""

    checked: Checked
    simulation: Simulation

    @property
    def score(self) -> int:
        return self.checked.score

    @property
    def hash(self) -> str:
        return self.checked.proposed.hash


@dataclass(frozen=True, slots=True)
class Refused:
    """A bid that ended at a rule: the reason, and the sentence with the numbers."""

    proposed: Proposed
    reason: Reason
    detail: str
    score: int = 0
    simulation: Simulation | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """A valid bid that did not win, and why."""

    bid: Verified
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """The outcome of selection. ``bound`` is the proven upper bound on the total; equal to it when optimal."""

    winners: tuple[Verified, ...]
    losses: tuple[Loss, ...]
    total: int
    bound: int
    rewards: Mapping[str, int]  # solver name → wei

    @property
    def proof(self) -> str:
        return "optimal" if self.total == self.bound else "bounded"
