"""A house on the world's chain, driven by a test: submit, run a round with these doors, look at what came of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from walras.digest import intent_uid
from walras.intent import Intent
from walras.orders import Order
from walras.wire import Answer, Batch, GasTerms, Notice, PermitMessage, Solution
from walras_auction.api.house import House
from walras_auction.bids import SolverIdentity
from walras_auction.close import RoundTerms
from walras_auction.infra.chain import EvmChain
from walras_auction.invite import SolverDoor
from walras_auction.ports import StoredIntent
from walras_auction.rounds import RoundOutcome, Rounds
from walras_auction.settle import SignedBundle

from support.world import World, person

FREE = GasTerms(price=0, base=200_000, per_fill=120_000, per_interaction=210_000, margin_bps=10_000)
ONE_GWEI = FREE.model_copy(update={"price": 10**9})
Bid = Callable[[Batch], Iterable[Solution]]


@dataclass
class ScriptedDoor:
    """A solver inside the test: ``bid`` answers each batch. What it is told afterwards is kept."""

    bid: Bid
    name: str = "honest"
    told: list[Notice] = field(default_factory=list)

    @property
    def identity(self) -> SolverIdentity:
        return SolverIdentity(self.name, person(self.name).address)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        asked = Batch.model_validate_json(batch[len(b'{"method":"solve","batch":') : -2])
        answer = Answer(round=asked.round, solutions=tuple(self.bid(asked)))
        return answer.model_dump_json(by_alias=True).encode()

    def tell(self, notices: Sequence[Notice]) -> None:
        self.told += notices

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """An open house, its chain, and the rounds it has run."""

    world: World
    chain: EvmChain
    house: House
    terms: RoundTerms
    folder: Path
    rounds: Rounds | None = None
    _nonce: int = 0

    def restart(self) -> None:
        """What a new process finds: the store on disk and the chain; nothing that was in memory."""
        self.house.close()
        self.chain, self.rounds = self.world.chain(), None
        self.house = open_house(self.world, self.folder, self.chain)

    def next_nonce(self) -> int:
        self._nonce += 1
        return self._nonce

    def sell(self, owner: str, give: tuple[str, int], want: tuple[str, int], **rest: Any) -> Intent:
        """A sell of ``owner``; amounts in atoms, tokens by symbol, valid for a day."""
        return Intent.sell(person(owner).address, self._leg(give), self._leg(want), **self._rest(rest))

    def buy(self, owner: str, want: tuple[str, int], give: tuple[str, int], **rest: Any) -> Intent:
        return Intent.buy(person(owner).address, self._leg(want), self._leg(give), **self._rest(rest))

    def submit(self, owner: str, intent: Intent, permits: Sequence[PermitMessage] = ()) -> str:
        """Sign, submit through intake; the uid."""
        request = Order(intent, person(owner), permits).request(self.chain.domain)
        return self.house.intake.submit(request).uid

    def uid(self, intent: Intent) -> str:
        return intent_uid(intent, self.chain.domain)

    def round(self, *doors: SolverDoor) -> RoundOutcome:
        """Run one round with these doors; what the house remembers of solvers stays from round to round."""
        self.rounds = self.open_rounds(doors, self.rounds)
        outcome = self.rounds.run()
        assert outcome is not None, "no open intents"
        return outcome

    def open_rounds(self, doors: Sequence[SolverDoor], before: Rounds | None = None) -> Rounds:
        house = self.house
        rounds = Rounds(house.store, self.chain, house.clock, house.feed, doors, self.terms)
        if before is not None:
            rounds._bench, rounds._relay = before._bench, before._relay
            rounds._setbacks = before._setbacks
        return rounds

    def stored(self, uid: str) -> StoredIntent:
        stored = self.house.store.get(uid)
        assert stored is not None
        return stored

    def _leg(self, leg: tuple[str, int]) -> tuple[str, int]:
        return self.world.token(leg[0]), leg[1]

    def _rest(self, rest: dict[str, Any]) -> dict[str, Any]:
        return {"valid_to": self.world.clock.now() + 86_400, "nonce": self.next_nonce(), **rest}


@contextlib.contextmanager
def a_desk(
    world: World, folder: Path, terms: RoundTerms | None = None, chain: EvmChain | None = None
) -> Iterator[Desk]:
    """Open a house on the world's chain with its store in ``folder``."""
    chain = chain or world.chain()
    terms = terms or RoundTerms(gas=FREE, deadline_ms=4_000)
    desk = Desk(world, chain, open_house(world, folder, chain), terms, folder)
    try:
        yield desk
    finally:
        desk.house.close()


def open_house(world: World, folder: Path, chain: EvmChain) -> House:
    return House.open(folder / "house.sqlite", chain, world.clock, person("house"))


def meddle(desk: Desk, act: Callable[[], object]) -> None:
    """Once, between the bid and the block: ``act`` runs after the next bundle is signed and before it is sent."""
    signed = desk.chain.sign_bundle

    def sign(*args: Any) -> SignedBundle:
        bundle = signed(*args)
        desk.chain.sign_bundle = signed  # type: ignore[method-assign]
        act()
        return bundle

    desk.chain.sign_bundle = sign  # type: ignore[method-assign]


def row_of(record: dict[str, Any], solver: str, solution: int | None = None) -> dict[str, Any]:
    """The verdict's one row about a bid of ``solver``."""
    rows = [row for row in record["verdict"]["bids"] if row["solver"] == solver and solution in (None, row["solution"])]
    assert len(rows) == 1, rows
    row: dict[str, Any] = rows[0]
    return row
