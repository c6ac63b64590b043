"""How a house's solvers are: from the doors of the process that holds rounds, or else from the last round's record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from walras.answers import SolverHealth

from walras_auction.invite import SolverDoor
from walras_auction.ports import Store


@runtime_checkable
class Standing(Protocol):
    """A door that knows how its solver is."""

    def standing(self) -> SolverHealth: ...


class Standings:
    """The view behind ``GET /v1/solvers``. ``doors`` are those of this process, if it holds rounds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: tuple[int, tuple[SolverHealth, ...]] = (0, ())
        self.doors: Sequence[SolverDoor] = ()

    def read(self) -> tuple[SolverHealth, ...]:
        """By name. Of a door that does not know, what the last round says."""
        recorded = {one.name: one for one in self._recorded()}
        if not self.doors:
            return tuple(recorded[name] for name in sorted(recorded))
        return tuple(sorted((_of(door, recorded) for door in self.doors), key=lambda one: one.name))

    def _recorded(self) -> tuple[SolverHealth, ...]:
        """What the last round says: who bid, and who failed."""
        newest = self._store.rounds(None, 1)
        if newest and newest[0].id != self._seen[0]:
            self._seen = newest[0].id, _of_record(self._store.round_record(newest[0].id) or b"{}")
        return self._seen[1]


def _of(door: SolverDoor, recorded: Mapping[str, SolverHealth]) -> SolverHealth:
    if isinstance(door, Standing):
        return door.standing()
    name, address = door.identity.name, door.identity.address
    return recorded.get(name, SolverHealth(name=name, address=address, state="starting"))


def _of_record(record: bytes) -> tuple[SolverHealth, ...]:
    inputs = json.loads(record).get("inputs", {"bids": [], "failures": []})
    found = {bid["solver"]["name"]: SolverHealth(**bid["solver"], state="ready") for bid in inputs["bids"]}
    for row in inputs["failures"]:
        address = found[row["solver"]].address if row["solver"] in found else ""
        found[row["solver"]] = SolverHealth(
            name=row["solver"], address=address, state="failing", reason=row["reason"], detail=row["detail"]
        )
    return tuple(found[name] for name in sorted(found))
