"""What a process of a house does: ``api`` takes intents and answers, ``auctioneer`` holds rounds, ``all`` does both.

All processes of a house have one record and one key. Of the auctioneers one leads; the others stand by.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from walras.signing import Signer
from web3 import HTTPProvider, Web3

from walras_auction.api.app import create_app
from walras_auction.api.house import ApiConfig, House
from walras_auction.assembly import root_posts
from walras_auction.auctioneer import Auctioneer
from walras_auction.bids import SolverIdentity
from walras_auction.clock import SystemClock
from walras_auction.close import RoundTerms
from walras_auction.config import Config, ConfigError, SolverSection
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.batch import BatchReads
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.infra.missing import MissingExtra
from walras_auction.infra.opening import open_bus, open_lease
from walras_auction.infra.solver_cow import CowDoor
from walras_auction.infra.solver_process import SolverProcess, start_all
from walras_auction.leadership import Leadership
from walras_auction.liquidity import Liquidity
from walras_auction.liquidity.watch import watching
from walras_auction.news import News
from walras_auction.ports import Clock, PoolSource, Store
from walras_auction.rounds import Rounds
from walras_auction.server import serving_on


class Role(StrEnum):
    """What ``walras serve --role`` takes."""

    ALL = "all"
    API = "api"
    AUCTIONEER = "auctioneer"

    @property
    def serves(self) -> bool:
        return self is not Role.AUCTIONEER

    @property
    def holds_rounds(self) -> bool:
        return self is not Role.API


@dataclass(frozen=True, slots=True)
class Post:
    """One process's place in a house: the record and the chain, opened."""

    config: Config
    house: House
    chain: EvmChain
    liquidity: Liquidity


#: What parsers of requests may nest: far above any message, far below the end of a stack.
RECURSION_LIMIT = 2_000


@contextlib.contextmanager
def opened(config: Config, key: Signer) -> Iterator[Post]:
    """Open the record, the chain and the bus. Raises :class:`ConfigError` if a package for them is missing."""
    # Libraries of the EVM raise the limit beyond what a thread's stack holds: nested JSON would end the process. Only
    # the in-process chain of development needs as much.
    sys.setrecursionlimit(min(sys.getrecursionlimit(), RECURSION_LIMIT))
    clock = SystemClock()
    config.folder.mkdir(parents=True, exist_ok=True)
    liquidity = liquidity_of(config, clock)
    chain = _chain(config, key, liquidity)
    try:
        house = House.open(
            config.record,
            chain,
            clock,
            key,
            name=config.name,
            round_seconds=max(round(config.rounds.interval_seconds), 1),
            api_config=ApiConfig(cors_origins=config.cors_origins, addresses=config.limits.addresses()),
            intake_config=config.limits.intake(),
            liquidity=liquidity,
        )
    except MissingExtra as error:
        raise ConfigError(str(error)) from error
    with contextlib.ExitStack() as stack:
        stack.callback(house.close)
        try:
            bus = open_bus(config.bus.url, clock) if config.bus.url else None
        except MissingExtra as error:
            raise ConfigError(str(error)) from error
        stack.enter_context(News(house.feed, house.store, bus).running())
        yield Post(config, house, chain, liquidity)


@contextlib.contextmanager
def answering(post: Post, sock: socket.socket) -> Iterator[None]:
    """Serve the API on a socket that listens, while the context lasts."""
    with serving_on(create_app(post.house, roots=root_posts(post.house, post.chain)), sock):
        try:
            yield
        finally:
            post.house.intake.stop()
            post.house.feed.close()  # ends the streams, for which the server would wait


@contextlib.contextmanager
def auctioning(post: Post) -> Iterator[Leadership]:
    """Hold rounds whenever this process leads, while the context lasts; the round under way is finished at its end."""
    config, stopping = post.config, threading.Event()
    with contextlib.ExitStack() as stack:
        if config.liquidity.names_any:
            stack.enter_context(watching(post.liquidity, config.liquidity.poll_seconds))
        doors = [door_to(section) for section in config.solvers]
        for door in doors:
            stack.callback(door.close)
        start_all([door for door in doors if isinstance(door, SolverProcess)])
        post.house.solvers.doors = doors
        roots = root_posts(post.house, post.chain)

        def make_rounds(store: Store) -> Rounds:
            return Rounds(store, post.chain, post.house.clock, post.house.feed, doors, terms_of(config), roots)

        work = Auctioneer(post.house.store, make_rounds, config.rounds.interval_seconds)
        stack.callback(work.join)
        lease = open_lease(config.record, config.folder)
        stack.callback(lease.close)
        holder = f"{socket.gethostname()}:{os.getpid()}"
        leadership = Leadership(lease, holder, config.lease.seconds, post.house.clock, work.start, work.stop)
        thread = threading.Thread(target=leadership.run, args=(stopping,), name="leadership", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(stopping.set)
        yield leadership


def door_to(section: SolverSection) -> SolverProcess | CowDoor:
    """The way to a configured solver: a process here, or an engine of CoW Protocol at a URL."""
    identity = SolverIdentity(section.name, section.address)
    if section.cow_url is None:
        return SolverProcess(identity)
    return CowDoor(identity, section.cow_url, section.cow_gas_percent)


def terms_of(config: Config) -> RoundTerms:
    """The terms of the rounds, as configured."""
    rounds = config.rounds
    return RoundTerms(
        gas=rounds.gas(),
        deadline_ms=rounds.deadline_ms,
        max_solutions=rounds.max_solutions,
        guard_bps=rounds.guard_bps,
        horizon=rounds.horizon_seconds,
    )


def liquidity_of(config: Config, clock: Clock) -> Liquidity:
    """Outside liquidity as configured. It has a connection of its own: a large reading holds up no settlement."""
    reads = BatchReads(Rpc(Web3(HTTPProvider(config.rpc))))
    return Liquidity(reads, config.liquidity, [section.address for section in config.tokens], clock)


def _chain(config: Config, key: Signer, outside: PoolSource) -> EvmChain:
    return EvmChain(
        Rpc(Web3(HTTPProvider(config.rpc))),
        config.contracts.contracts(),
        config.contracts.lens,
        key,
        [section.token() for section in config.tokens],
        [section.pool() for section in config.pools],
        gas_price=config.rounds.gas_price,
        block_gas=config.rounds.settlement_gas,
        outside=outside,
    )
