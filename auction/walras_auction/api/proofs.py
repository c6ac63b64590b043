"""Routes for auditors: the log's root, the roots on chain, and proofs between them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from walras.log_proofs import ConsistencyProof, InclusionProof, LogRoot, RootPage
from walras.rejections import Reason

from walras_auction.api.house import House
from walras_auction.api.limits import MAX_ID
from walras_auction.api.problems import documented
from walras_auction.proofs import LogProofs
from walras_auction.rootposts import RootPosts

_REFUSALS = documented(Reason.NOT_IN_LOG, Reason.MALFORMED)
Sequence = Annotated[int, Query(ge=1, le=MAX_ID, description="Sequence number of the entry; the first is 1.")]
Size = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Entries under the root; all there are, if absent.")]
Start = Annotated[int, Query(alias="from", ge=1, le=MAX_ID, description="Entries of the older log.")]
After = Annotated[int, Query(ge=0, le=MAX_ID, description="Only roots over more entries than this.")]


def routes(house: House, posts: RootPosts | None) -> APIRouter:
    """The routes; ``posts`` is None for a house that posts no roots."""
    proofs = posts.proofs if posts else LogProofs(house.store, house.store.log_epoch())
    router = APIRouter(tags=["auditing"])

    @router.get("/log/root")
    def root() -> LogRoot:
        """The log's size and Merkle root now, and the newest root on chain."""
        # The chain first: the log never has fewer entries than a root that was posted before it was asked.
        posted = posts.last() if posts else None
        size, found = proofs.root()
        return LogRoot(
            epoch=proofs.epoch,
            size=size,
            root="0x" + found.hex(),
            ledger=posts.address if posts else None,
            posted=posted,
        )

    @router.get("/log/inclusion", responses=_REFUSALS)
    def inclusion(sequence: Sequence, size: Size = None) -> InclusionProof:
        """Proof that an entry is one of the first ``size`` (RFC 9162, 2.1.3)."""
        return proofs.inclusion(sequence, size)

    @router.get("/log/consistency", responses=_REFUSALS)
    def consistency(start: Start, size: Size = None) -> ConsistencyProof:
        """Proof that the log of ``size`` entries begins with the one of ``from`` (RFC 9162, 2.1.4)."""
        return proofs.consistency(start, size)

    @router.get("/log/roots", responses=documented(Reason.MALFORMED))
    def roots(after: After = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> RootPage:
        """The roots on chain, by size."""
        found = posts.page(after, limit) if posts else ()
        return RootPage(roots=found, next=found[-1].size if len(found) == limit else None)

    return router
