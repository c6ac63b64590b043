"""One round of the auction, in the order of the design: close, invite, verify, select, settle, publish.

Intake and log have happened before (``intake.py``, ``log.py``); the feed happens after (``feed.py``). The file to
read first. Everything it touches comes in by the constructor, so replay and simulation run the same code as live.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from walras.rejections import Reason
from walras.wire import Batch, Notice, canonical

from walras_auction.authority import revoked
from walras_auction.bench import Bench
from walras_auction.bids import SolverFailure
from walras_auction.candidates import Candidates
from walras_auction.close import ChainView, RoundTerms, close, sweep
from walras_auction.faultpoints import reach
from walras_auction.house_chain import HouseChain
from walras_auction.idle import Idle
from walras_auction.invite import Bids, SolverDoor, invite
from walras_auction.judge import Judgement, check_all, judge
from walras_auction.ports import Clock, FeedPort, Store, StoredIntent
from walras_auction.publish import Published, notices, publish
from walras_auction.record import BundleOutcome, Inputs, write
from walras_auction.relay import PermitRelay
from walras_auction.rootposts import RootPosts
from walras_auction.setbacks import Setbacks
from walras_auction.settle import SignedBundle, bundles_of, deliver, entries_of
from walras_auction.simulate import simulate
from walras_auction.timing import Stopwatch
from walras_auction.verify import Book
from walras_auction.waiting import waiting


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """A finished round. ``valid_bids`` counts bids that could have won."""

    id: int
    record: dict[str, Any]
    valid_bids: int
    fills: int


class Rounds:
    """Runs rounds one after another. Blocking: the house gives it a thread of its own."""

    def __init__(
        self,
        store: Store,
        chain: HouseChain,
        clock: Clock,
        feed: FeedPort,
        doors: Sequence[SolverDoor],
        terms: RoundTerms,
        roots: RootPosts | None = None,
    ) -> None:
        self._roots = roots
        self._store = store
        self._chain = chain
        self._clock = clock
        self._feed = feed
        self._doors = list(doors)
        self.terms = terms
        self._bench = Bench()
        self._setbacks = Setbacks()
        self._relay = PermitRelay(chain, store, feed)
        self._idle = Idle()
        self._candidates = Candidates(store, terms.batch_size)

    def run(self, *, skip_fruitless: bool = False) -> RoundOutcome | None:
        """Run one round over the open intents; None if there are none.

        ``skip_fruitless``: also None while nothing changed since a round in which nobody could bid.
        """
        watch = Stopwatch(self._clock)
        if self._roots is not None:
            self._roots.keep_up()
        intents, view = self._refresh()
        if not any(stored.state == "open" and stored.uid not in view.waiting for stored in intents):
            return None
        now = self._now(view)
        if skip_fruitless and self._idle.skips(intents, view, now):
            return None
        intents, batch = self._close(intents, view, now)
        watch.lap("close")
        if not batch.intents:
            return None
        bids = self._invite(batch)
        watch.lap("invite")
        judgement, inputs, encoded = self._judge(batch, bids, intents, watch)
        bundles = self._settle(batch, inputs, judgement, encoded)
        outcome = self._publish(inputs, judgement, bundles)
        self._idle.learn(intents, view, now, outcome.valid_bids)
        return outcome

    def _refresh(self) -> tuple[list[StoredIntent], ChainView]:
        """Relay permits, then retire what expired and park what lost its funds."""
        tokens, ends_before = self._chain.tokens(), self._clock.now() + self.terms.horizon
        intents = self._candidates.pick(ends_before, tokens)
        self._relay.run(intents)
        intents = self._candidates.again(intents)
        view = self._chain.view([(stored.uid, stored.intent) for stored in intents])
        now = self._now(view)
        held = waiting(intents, self._chain, view.block, now, now + self.terms.horizon)
        held |= self._setbacks.waiting(now)
        view = replace(view, revoked=revoked(intents, self._chain), waiting=held)
        updates = sweep(intents, view, now, self.terms)
        if updates:
            self._store.update_intents(updates)
            for update in updates:
                self._feed.publish(update.state, {"uid": update.uid, "reason": update.reason, "detail": update.detail})
            intents = self._candidates.again(intents)
        self._candidates.learn(intents, view)
        return intents, view

    def _now(self, view: ChainView) -> int:
        # A block cannot carry a time before its parent's, and the house's clock may lag behind the chain's.
        return max(self._clock.now(), view.time + 1)

    def _close(self, intents: Sequence[StoredIntent], view: ChainView, now: int) -> tuple[list[StoredIntent], Batch]:
        """Begin the round, then cut its batch from the intents as they stand now.

        In this order: what was cancelled before the round began is not in it, as the cancel's receipt promises.
        """
        round_id = self._store.begin_round(now)
        reach("after-begin-round")
        standing = self._candidates.again(intents)
        chain = self._chain
        batch = close(round_id, standing, view, now, self.terms, chain.contracts, chain.domain.chain_id, chain.tokens())
        if batch.intents:
            opened = {"round": round_id, "intents": len(batch.intents), "block": batch.block}
            self._feed.publish("round_open", opened)
        return standing, batch

    def _invite(self, batch: Batch) -> Bids:
        invited, kept_out = [], []
        for door in self._doors:
            reason = self._bench.reason(door.identity, batch.round)
            if reason is None and not self._chain.is_bonded(door.identity.address):
                reason = Reason.SOLVER_NOT_BONDED
            if reason is None:
                invited.append(door)
            else:
                kept_out.append(SolverFailure(door.identity, reason, reason.sentence))
        bids = invite(invited, batch)
        return Bids(bids.proposed, (*bids.failures, *kept_out))

    def _judge(
        self, batch: Batch, bids: Bids, intents: Sequence[StoredIntent], watch: Stopwatch
    ) -> tuple[Judgement, Inputs, dict[str, bytes]]:
        covers = {
            (bid.solver.address, token): self._chain.cover(bid.solver.address, token)
            for bid in bids.proposed
            for token in bid.solution.cover
        }
        book = Book(batch, covers)
        checked = check_all(bids.proposed, book)
        watch.lap("check")
        signatures = {stored.uid: stored.signature for stored in intents}
        simulations, encoded = simulate(checked, book, signatures, self._chain)
        watch.lap("simulate")
        judgement = judge(checked, simulations, book)
        watch.lap("select")
        inputs = Inputs(batch, covers, bids.proposed, bids.failures, simulations, watch.laps, self.terms.market)
        return judgement, inputs, encoded

    def _settle(
        self, batch: Batch, inputs: Inputs, judgement: Judgement, encoded: dict[str, bytes]
    ) -> list[BundleOutcome]:
        """Journal, send and follow each bundle; the round's inputs go into the journal with it."""
        outcomes: list[BundleOutcome] = []
        for entries in bundles_of(entries_of(judgement.ranked.winners, encoded), self._chain.block_gas):
            bundle = self._chain.sign_bundle(batch.round, entries, batch.settle_by)
            draft = {"inputs": inputs.to_json(), "hashes": list(bundle.hashes)}
            self._store.journal_settlement(batch.round, bundle.transaction, bundle.raw, canonical(draft))
            reach("after-journal")
            self._feed.publish("settling", {"round": batch.round, "transaction": bundle.transaction})
            outcomes.append(deliver(self._chain, bundle))
        return outcomes

    def _publish(self, inputs: Inputs, judgement: Judgement, bundles: Sequence[BundleOutcome]) -> RoundOutcome:
        record = write(inputs, judgement, bundles)
        reach("before-publish")
        done = publish(record, self._store, self._feed, self._clock.now())
        reach("after-publish")
        self._bench.learn(record)
        self._setbacks.learn(record)
        self._notify(record)
        if self._roots is not None and record["result"]["fills"]:
            self._roots.post()
        return _outcome(done)

    def _notify(self, record: dict[str, Any]) -> None:
        by_solver: dict[str, list[Notice]] = notices(record)
        for door in self._doors:
            door.tell(by_solver.get(door.identity.name, []))

    def recover(self) -> list[int]:
        """Finish what a crash interrupted between journal and publication; the ids of those rounds.

        The journaled bytes are sent again (the chain takes them at most once), followed, and published.
        """
        journaled: dict[int, list[tuple[SignedBundle, Any]]] = defaultdict(list)
        for round_id, transaction, raw, draft in self._store.unfinished_settlements():
            body = json.loads(draft)
            journaled[round_id].append((SignedBundle(transaction, raw, tuple(body["hashes"])), body["inputs"]))
        for round_id in sorted(journaled):
            bundles = [deliver(self._chain, bundle) for bundle, _ in journaled[round_id]]
            inputs = Inputs.from_json(journaled[round_id][0][1])
            book = Book(inputs.batch, inputs.covers)
            judgement = judge(check_all(inputs.proposed, book), inputs.simulations, book)
            self._publish(inputs, judgement, bundles)
        return sorted(journaled)


def _outcome(done: Published) -> RoundOutcome:
    valid = sum(1 for row in done.record["verdict"]["bids"] if row["status"] != "refused")
    return RoundOutcome(done.id, done.record, valid, len(done.record["result"]["fills"]))
