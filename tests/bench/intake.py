"""``intake.inprocess``: signed intents through the house's door into its durable log, without HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from walras.intent import Intent
from walras.wire import IntentMessage, SubmitRequest, canonical
from walras_auction.api.admitting import parse_submission
from walras_auction.api.house import House
from walras_auction.clock import SystemClock
from walras_auction.intake import Accepted, Intake
from walras_auction.server import settle_heap

from .crypto import VALID_TO, bare_recovery, compact, sign_all
from .fakes import DOMAIN, HOUSE, FundedChain
from .measure import BenchError, a_core, interleaved, on_core, per_second
from .orders import generate
from .rows import Row, row
from .sizes import Sizes

PEER = "bare coincurve recovery"
#: Submissions that are admitted together.
GROUP = 1024
Part = list[tuple[bytes, SubmitRequest]]


def inprocess(sizes: Sizes) -> Row:
    """Parse, verify, sequence, commit: from the bytes of submissions to the disk; a chain in memory."""
    parts = signed_parts(sizes.intake, sizes.passes + 1)
    recoveries = [[(digest, compact(request.signature)) for digest, request in part] for part in parts]
    bodies = [[canonical(request.to_json()) for _, request in part] for part in parts]
    with on_core(a_core()), tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        house = House.open(Path(folder) / "walras.sqlite", FundedChain(), SystemClock(), HOUSE)
        try:
            admit_all(house.intake, bodies[-1])
            settle_heap()  # as a house does once it is open
            signing = per_second(lambda: [house.intake.notary.sign(one) for one in house.store.log(1, 500)], 500)
            ours, peer = interleaved(
                lambda n: per_second(lambda: admit_all(house.intake, bodies[n]), sizes.intake),
                lambda n: bare_recovery(recoveries[n])(),
                sizes.passes,
            )
            accepted = house.store.snapshot(0).log_length
        finally:
            house.close()
    if accepted != sizes.intake * len(parts):
        raise BenchError(f"{accepted} intents are in the log")
    detail = (
        f"{ours}; peer {peer}; same core for both; from the bytes of the requests, in groups of {GROUP}; SQLite WAL, "
        f"synchronous=FULL; chain facts from memory, not from a node; receipts are signed when they are sent "
        f"({signing:,.0f}/s alone)"
    )
    return row("intake.inprocess", ours.median, "intents/s", PEER, peer.median, detail, better="more")


def signed_parts(count: int, passes: int) -> list[Part]:
    """(digest, request) of different intents for each pass."""
    intents = list(generate(count * passes, VALID_TO).intents)
    requests = [
        (digest, request_of(intent, signature))
        for (_, intent), (digest, signature) in zip(intents, sign_all(intents), strict=True)
    ]
    return [requests[n * count : (n + 1) * count] for n in range(passes)]


def admit_all(intake: Intake, bodies: Sequence[bytes]) -> None:
    """Admit all; every one must be accepted as new."""
    for start in range(0, len(bodies), GROUP):
        for outcome in intake.admit_bodies(bodies[start : start + GROUP], parse_submission):
            if not isinstance(outcome, Accepted) or not outcome.new:
                raise BenchError(f"an intent was not accepted: {outcome}")


def request_of(intent: Intent, signature: str) -> SubmitRequest:
    return SubmitRequest(
        chain_id=DOMAIN.chain_id, settlement=DOMAIN.settlement, intent=IntentMessage.of(intent), signature=signature
    )
