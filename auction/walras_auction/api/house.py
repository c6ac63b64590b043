"""What the API serves: one house, its parts put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from walras.signing import Signer
from walras.wire import HouseInfo

from walras_auction.api.admitting import admit_bodies
from walras_auction.api.cancelling import cancel_bodies
from walras_auction.api.gather import Gather
from walras_auction.api.limits import AddressLimits
from walras_auction.backing import Backing
from walras_auction.feed import Feed
from walras_auction.infra.opening import open_store
from walras_auction.infra.record.store import RecordStore
from walras_auction.intake import Intake, IntakeConfig
from walras_auction.liquidity import Liquidity
from walras_auction.log import Notary
from walras_auction.ports import Clock, IntakeChain
from walras_auction.standing import Standings


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Limits of the API. Bodies are counted while they are read; origins are those that CORS lets in.

    Without limits of ``addresses`` a client may send as much as it can.
    """

    max_body_bytes: int = 64 * 1024
    max_batch_bytes: int = 4 * 1024 * 1024
    cors_origins: tuple[str, ...] = ()
    addresses: AddressLimits | None = None


@dataclass(frozen=True, slots=True)
class House:
    """The parts of a running house that its API needs."""

    name: str
    chain: IntakeChain
    clock: Clock
    store: RecordStore
    feed: Feed
    intake: Intake
    gather: Gather
    gather_cancels: Gather
    signer_address: str
    round_seconds: int
    intake_config: IntakeConfig
    api_config: ApiConfig
    solvers: Standings
    liquidity: Liquidity | None = None

    @classmethod
    def open(
        cls,
        path: str | Path,
        chain: IntakeChain,
        clock: Clock,
        signer: Signer,
        *,
        name: str = "walras",
        round_seconds: int = 5,
        intake_config: IntakeConfig | None = None,
        api_config: ApiConfig | None = None,
        liquidity: Liquidity | None = None,
    ) -> House:
        """Open (or create) the store at ``path`` and put the house's door together around it.

        ``path`` is a file of SQLite or a ``postgresql://`` address.
        """
        intake_config = intake_config or IntakeConfig()
        store = open_store(path)
        notary = Notary(signer, chain.domain)
        feed = Feed(store, clock)
        backing = Backing(store.claims(), intake_config.backing) if intake_config.backing else None
        intake = Intake(store, chain, clock, feed, intake_config, notary, backing)
        return cls(
            name=name,
            chain=chain,
            clock=clock,
            store=store,
            feed=feed,
            intake=intake,
            gather=Gather(partial(admit_bodies, intake)),
            gather_cancels=Gather(partial(cancel_bodies, intake)),
            signer_address=signer.address,
            round_seconds=round_seconds,
            intake_config=intake_config,
            api_config=api_config or ApiConfig(),
            solvers=Standings(store),
            liquidity=liquidity,
        )

    def info(self) -> HouseInfo:
        """What a client needs to sign for this house."""
        contracts = self.chain.contracts
        return HouseInfo(
            name=self.name,
            version=version("walras"),
            chain_id=self.chain.domain.chain_id,
            settlement=contracts.settlement,
            vault=contracts.vault,
            executor=contracts.executor,
            registry=contracts.registry,
            treasury=contracts.treasury,
            wrapped_native=contracts.wrapped_native,
            house_signer=self.signer_address,
            log_epoch=self.store.log_epoch(),
            max_body_bytes=self.api_config.max_body_bytes,
            max_future_seconds=self.intake_config.max_future_seconds,
            round_seconds=self.round_seconds,
            time=self.clock.now(),
            tokens=self.chain.tokens(),
        )

    def close(self) -> None:
        """End the event streams and write what is queued."""
        self.intake.flush()
        self.feed.close()
        self.store.close()
