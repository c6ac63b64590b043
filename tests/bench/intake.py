"""``intake.inprocess``: signed intents through the house's door into its durable log, without HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from walras.intent import Intent
from walras.wire import IntentMessage, SubmitRequest
from walras_auction.api.house import House
from walras_auction.clock import SystemClock
from walras_auction.intake import Accepted, Intake

from .crypto import VALID_TO, bare_recovery, compact, sign_all
from .fakes import DOMAIN, HOUSE, FundedChain
from .measure import BenchError, a_core, interleaved, on_core, per_second
from .orders import generate
from .rows import Row, row
from .sizes import Sizes

PEER = "bare coincurve recovery"
#: As the API hands them to intake: groups of at most this many, by two threads.
GROUP, THREADS = 256, 2


def inprocess(sizes: Sizes) -> Row:
    """Verify, sequence, commit; real store with flushed commits, a chain in memory."""
    parts = signed_parts(sizes.intake, sizes.passes)
    recoveries = [[(digest, compact(request.signature)) for digest, request in part] for part in parts]
    requests = [[request for _, request in part] for part in parts]
    with on_core(a_core()), tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        house = House.open(Path(folder) / "walras.sqlite", FundedChain(), SystemClock(), HOUSE)
        try:
            ours, peer = interleaved(
                lambda n: per_second(lambda: admit_all(house.intake, requests[n]), sizes.intake),
                lambda n: bare_recovery(recoveries[n])(),
                sizes.passes,
            )
            accepted = house.store.snapshot(0).log_length
        finally:
            house.close()
    if accepted != sizes.intake * sizes.passes:
        raise BenchError(f"{accepted} intents are in the log")
    detail = (
        f"{ours}; peer {peer}; same core for both; parsed requests in groups of {GROUP} from {THREADS} threads, as the "
        "API hands them over; SQLite WAL, synchronous=FULL, receipts signed; chain facts from memory, not from a node"
    )
    return row("intake.inprocess", ours.median, "intents/s", PEER, peer.median, detail, better="more")


def signed_parts(count: int, passes: int) -> list[list[tuple[bytes, SubmitRequest]]]:
    """(digest, request) of different intents for each pass."""
    intents = list(generate(count * passes, VALID_TO).intents)
    requests = [
        (digest, request_of(intent, signature))
        for (_, intent), (digest, signature) in zip(intents, sign_all(intents), strict=True)
    ]
    return [requests[n * count : (n + 1) * count] for n in range(passes)]


def admit_all(intake: Intake, requests: Sequence[SubmitRequest]) -> None:
    """Admit all; every one must be accepted as new."""
    groups = [requests[start : start + GROUP] for start in range(0, len(requests), GROUP)]
    with ThreadPoolExecutor(THREADS) as pool:
        for outcomes in pool.map(intake.admit, groups):
            for outcome in outcomes:
                if not isinstance(outcome, Accepted) or not outcome.new:
                    raise BenchError(f"an intent was not accepted: {outcome}")


def request_of(intent: Intent, signature: str) -> SubmitRequest:
    return SubmitRequest(
        chain_id=DOMAIN.chain_id, settlement=DOMAIN.settlement, intent=IntentMessage.of(intent), signature=signature
    )
