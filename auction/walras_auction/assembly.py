"""Put a house together: store, API, solvers, rounds. One way for the demo, for development and for operators."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from walras.signing import Signer

from walras_auction.api.app import create_app
from walras_auction.api.house import ApiConfig, House
from walras_auction.auctioneer import keep_rounds
from walras_auction.clock import SystemClock
from walras_auction.close import RoundTerms
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.ledger import EvmLedger
from walras_auction.infra.solver_process import SolverProcess, start_all
from walras_auction.intake import IntakeConfig
from walras_auction.proofs import LogProofs
from walras_auction.rootposts import RootPosts
from walras_auction.rounds import Rounds
from walras_auction.server import serving

log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))


@dataclass(frozen=True, slots=True)
class Running:
    """A house that is open: its API at ``url``, its rounds ready to run."""

    house: House
    chain: EvmChain
    rounds: Rounds
    url: str


@contextlib.contextmanager
def running(
    chain: EvmChain,
    signer: Signer,
    doors: Sequence[SolverProcess],
    terms: RoundTerms,
    folder: Path,
    *,
    name: str = "walras",
    host: str = "127.0.0.1",
    port: int = 0,
    round_seconds: int = 5,
    api_config: ApiConfig | None = None,
    intake_config: IntakeConfig | None = None,
) -> Iterator[Running]:
    """Open the house; what an earlier run left unfinished on chain is finished first."""
    with contextlib.ExitStack() as stack:
        clock = SystemClock()
        for door in doors:
            stack.callback(door.close)
        start_all(doors)
        house = House.open(
            folder / "walras.sqlite",
            chain,
            clock,
            signer,
            name=name,
            round_seconds=round_seconds,
            api_config=api_config,
            intake_config=intake_config,
        )
        stack.callback(house.store.close)
        house.solvers.doors = doors
        roots = root_posts(house, chain)
        rounds = Rounds(house.store, chain, clock, house.feed, doors, terms, roots)
        for round_id in rounds.recover():
            log.info("finished a round that a crash had interrupted", round=round_id)
        url = stack.enter_context(serving(create_app(house, roots=roots), host, port))
        stack.callback(house.feed.close)  # ends the streams, for which the server would wait
        stack.callback(house.intake.stop)
        yield Running(house, chain, rounds, url)


def root_posts(house: House, chain: EvmChain) -> RootPosts | None:
    """What posts the roots of the house's log; None if the house has no ledger."""
    if int(chain.contracts.ledger or "0", 16) == 0:
        return None

    def newest_record() -> str | None:
        found = house.store.rounds(None, 1)
        return found[0].record_hash if found else None

    proofs = LogProofs(house.store, house.store.log_epoch())
    return RootPosts(proofs, EvmLedger(chain), newest_record, house.clock, log.warning)


@contextlib.contextmanager
def round_loop(rounds: Rounds, interval: float) -> Iterator[threading.Thread]:
    """Run rounds in a thread, one every ``interval`` seconds at most; it ends with the context, after its round."""
    stop = threading.Event()

    thread = threading.Thread(
        target=keep_rounds, args=(rounds, interval, stop), kwargs={"recovered": True}, name="rounds"
    )
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()
