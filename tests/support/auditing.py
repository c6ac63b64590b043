"""A house behind its API with a ledger in memory, and the receipts of a house that lies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from house_fakes import DOMAIN, HOUSE_SIGNER, NO_PAGES, NOW, ManualClock, a_request, open_house
from walras.digest import keccak, receipt_digest
from walras.signing import Signer
from walras.wire import Receipt
from walras_auction.api.app import create_app
from walras_auction.api.house import House
from walras_auction.proofs import LogProofs
from walras_auction.rootposts import RootPosts
from walras_auction.server import serving

from support.ledgers import FakeLedger


@dataclass
class Audited:
    """A house at ``url`` that posts to ``ledger`` when told."""

    house: House
    ledger: FakeLedger
    posts: RootPosts
    clock: ManualClock
    url: str

    def grow(self, count: int) -> list[Receipt]:
        """Accept so many intents; their receipts."""
        start = self.house.store.snapshot(0).log_length
        submit = self.house.intake.submit
        return [Receipt.model_validate(_receipt(submit(a_request(1, nonce=start + step)))) for step in range(count)]

    def post(self) -> None:
        self.posts.post()
        self.clock.time += 5  # so that readers look again


def _receipt(accepted: object) -> object:
    return getattr(accepted, "receipt", accepted)


def forged(sequence: int, words: str = "left out", signer: Signer = HOUSE_SIGNER, time: int = NOW) -> Receipt:
    """A receipt for an entry that the log does not hold, signed by the house unless said otherwise."""
    names = ("uid", "previous", "head")
    place = {name: "0x" + keccak(f"{words} {name}".encode()).hex() for name in names}
    signature = signer.sign(receipt_digest(1, sequence, time, *place.values(), DOMAIN))
    return Receipt(kind="intent", epoch=1, sequence=sequence, time=time, signature=signature, **place)


@contextlib.contextmanager
def an_audited_house(folder: Path) -> Iterator[Audited]:
    """Open it, serve it; closed with the context."""
    ledger, clock = FakeLedger(), ManualClock()
    with contextlib.closing(open_house(folder / "store.db", clock=clock)) as house:
        proofs = LogProofs(house.store, house.store.log_epoch())
        posts = RootPosts(proofs, ledger, lambda: None, clock, lambda _: None)
        with serving(create_app(house, NO_PAGES, posts)) as url:
            yield Audited(house, ledger, posts, clock, url)
            house.feed.close()
