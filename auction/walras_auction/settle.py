"""Stage 7: bundle the winners, submit, follow, and survive a crash in between.

Every transaction is journaled with the round's draft record before it is sent. After a restart ``recover`` sends
what was journaled again (the same bytes, so the chain takes it at most once), waits, and publishes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from walras_auction.bids import Verified
from walras_auction.faultpoints import reach
from walras_auction.ports import ChainError
from walras_auction.record import BundleOutcome


@dataclass(frozen=True, slots=True)
class Entry:
    """One winner on its way to the chain."""

    hash: str
    solver: str
    solution: bytes
    gas_limit: int


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """A signed settlement transaction and the winners in it, in order."""

    transaction: str
    raw: bytes
    hashes: tuple[str, ...]


class SettlementChain(Protocol):
    """The part of the chain that settlement needs."""

    block_gas: int

    def sign_bundle(self, round_id: int, entries: Sequence[Entry], deadline: int) -> SignedBundle:
        """Award every entry and sign the transaction; nothing is sent."""
        ...

    def send(self, raw: bytes) -> str: ...

    def follow(self, bundle: SignedBundle) -> BundleOutcome | None:
        """The outcome once mined, or None if it is not mined in time."""
        ...


def execution_gas(gas: int) -> int:
    """The gas limit of one solution's execution: a quarter above the simulation, for state that moved since."""
    return gas * 5 // 4 + 50_000


def entries_of(winners: Sequence[Verified], encoded: Mapping[str, bytes]) -> list[Entry]:
    """Winners by score, greatest first, so that the dearest is least at the mercy of the others."""
    ordered = sorted(winners, key=lambda winner: (-winner.score, winner.hash))
    return [
        Entry(
            winner.hash,
            winner.checked.proposed.solver.address,
            encoded[winner.hash],
            execution_gas(winner.simulation.gas) + max(trade.reserve_gas for trade in winner.checked.trades),
        )
        for winner in ordered
    ]


def bundles_of(entries: Sequence[Entry], block_gas: int) -> list[list[Entry]]:
    """One bundle, or as many as it takes to stay below the gas of a block."""
    bundles: list[list[Entry]] = []
    room = 0
    for entry in entries:
        if not bundles or entry.gas_limit > room:
            bundles.append([])
            room = block_gas
        bundles[-1].append(entry)
        room -= entry.gas_limit
    return bundles


def deliver(chain: SettlementChain, bundle: SignedBundle) -> BundleOutcome:
    """Send a journaled bundle and follow it. What was never mined counts as failed with that reason."""
    try:
        chain.send(bundle.raw)
    except ChainError as error:
        # "already known" and "nonce too low" mean that an earlier try got through; the receipt decides.
        refusal = str(error)
    else:
        refusal = "it was not mined in time"
    reach("after-send")
    outcome = chain.follow(bundle)
    if outcome is not None:
        return outcome
    return BundleOutcome(bundle.transaction, 0, 0, 0, dict.fromkeys(bundle.hashes, (False, refusal)))
