"""Stage 5, second half: try each checked bid on chain state before it may be ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from walras.wire import Batch

from walras_auction.bids import Checked, Refused, Simulation
from walras_auction.verify import Book, expected_changes


class SimulationChain(Protocol):
    """The part of the chain that simulation needs."""

    def encode(self, checked: Checked, signatures: Mapping[str, str], batch: Batch) -> bytes:
        """The solution as the settlement contract reads it; ``signatures`` by uid."""
        ...

    def simulate(
        self, round_id: int, solver: str, solution: bytes, deadline: int, probes: Sequence[tuple[str, str]]
    ) -> Simulation:
        """Try the solution on the latest state; ``probes`` are (token, account) whose changes are asked for."""
        ...


def simulate(
    checked: Sequence[Checked | Refused], book: Book, signatures: Mapping[str, str], chain: SimulationChain
) -> tuple[dict[str, Simulation], dict[str, bytes]]:
    """(simulations, encoded solutions) by bid hash, for every bid that passed its checks.

    Equal solutions of different solvers that stake no cover are tried once: they differ in the award alone.
    """
    simulations: dict[str, Simulation] = {}
    encoded: dict[str, bytes] = {}
    seen: dict[bytes, Simulation] = {}
    for bid in checked:
        if isinstance(bid, Refused):
            continue
        proposed, batch = bid.proposed, book.batch
        data = chain.encode(bid, signatures, batch)
        key = data if not proposed.solution.cover else data + proposed.solver.address.encode()
        if key not in seen:
            probes = list(expected_changes(bid))
            seen[key] = chain.simulate(batch.round, proposed.solver.address, data, batch.settle_by, probes)
        encoded[proposed.hash], simulations[proposed.hash] = data, seen[key]
    return simulations, encoded
