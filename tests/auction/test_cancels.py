"""Cancels and amends in the record, on each database: what they close and keep out, and from which round on."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from support.stores import Record
from walras.cancels import CancelPayload, Scope
from walras.digest import intent_uid, keccak
from walras.rejections import Reason, Rejection
from walras_auction.infra.record.cancels import cancel_many as cancel_job
from walras_auction.infra.record.jobs import accept as accept_job
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.record.writer import Transaction
from walras_auction.log import intent_entry
from walras_auction.ports import (
    Amendment,
    Cancelled,
    IntentUpdate,
    NewEntry,
    Placed,
    RoundSummary,
    State,
    StoreError,
    Wish,
)

HASH = "0x" + "77" * 32
EPOCH = 1 << 192


def entry(number: int, nonce: int = 1, want: int = 900) -> NewEntry:
    intent = an_intent(key(number), nonce=nonce, want=("0x" + "b0" * 20, want))
    return intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")


def put(store: RecordStore, number: int, nonce: int = 1) -> str:
    (placed,) = store.accept([entry(number, nonce)], NOW)
    assert isinstance(placed, Placed), placed
    return placed.place.uid


def refused(store: RecordStore, number: int, nonce: int = 1) -> Rejection:
    (outcome,) = store.accept([entry(number, nonce)], NOW)
    assert isinstance(outcome, Rejection), outcome
    return outcome


def wish(number: int, scope: Scope, value: str | int) -> Wish:
    uid = str(value) if scope is Scope.UID else "0x" + keccak(f"{number}{scope}{value}".encode()).hex()
    return Wish(scope, str(value), key(number).address, uid, "0xcd")


def cancel(store: RecordStore, number: int, scope: Scope, value: str | int) -> Cancelled:
    (outcome,) = store.cancel_many([wish(number, scope, value)], NOW + 1)
    assert isinstance(outcome, Cancelled), outcome
    return outcome


def amend_wish(number: int, old: str, new: NewEntry) -> Wish:
    return Wish(Scope.AMEND, old, key(number).address, old, "0xab", by=new.uid)


def state(store: RecordStore, uid: str) -> State:
    stored = store.get(uid)
    assert stored is not None
    return stored.state


def kinds(store: RecordStore) -> list[str]:
    return [event.kind for event in store.events(0, 1000)]


def publish(store: RecordStore, round_id: int, *updates: IntentUpdate) -> None:
    summary = RoundSummary(round_id, NOW, 1, 1, (), 0, 0, None, HASH)
    store.publish_round(summary, b"{}", updates, NOW)


def test_a_cancel_names_the_round_after_the_last_that_began(store: RecordStore) -> None:
    uids = [put(store, 1, nonce) for nonce in range(3)]
    assert cancel(store, 1, Scope.UID, uids[0]).first_round == 1
    round_id = store.begin_round(NOW)
    done = cancel(store, 1, Scope.UID, uids[1])
    assert done.first_round == round_id + 1 == 2
    publish(store, round_id)
    assert cancel(store, 1, Scope.UID, uids[2]).first_round == 2


def test_the_log_entry_says_what_the_receipt_says(store: RecordStore) -> None:
    uid = put(store, 1)
    done = cancel(store, 1, Scope.UID, uid)
    logged = store.log(2, 1)[0]
    assert (logged.body, logged.head, logged.uid, logged.kind) == (done.body, done.place.head, uid, "cancel")
    said = CancelPayload.model_validate(json.loads(done.body)["payload"])
    assert (said.scope, said.value, said.owner, said.first_round) == (Scope.UID, uid, key(1).address, 1)
    store.verify_chain()


def test_a_word_closes_its_256_nonces_of_its_owner_and_nothing_else(store: RecordStore) -> None:
    word = 3 | 1 << 184
    inside = [put(store, 1, nonce) for nonce in (word * 256, word * 256 + 7, word * 256 + 255)]
    outside = [
        put(store, 1, word * 256 - 1),
        put(store, 1, word * 256 + 256),
        put(store, 1, 3 * 256),
        put(store, 2, 768),
    ]
    store.update_intents([IntentUpdate(inside[1], "parked", 0, "parked_funds", "")])
    done = cancel(store, 1, Scope.WORD, word)
    assert {state(store, uid) for uid in inside} == {"cancelled"}
    assert {state(store, uid) for uid in outside} == {"open"}
    assert store.counts() == {"cancelled": 3, "open": 4}
    told = [event.data for event in store.events(0, 100) if event.kind == "cancelled"]
    assert told == [{"firstRound": 1, "sequence": done.place.sequence, "uid": uid} for uid in inside]
    assert [one.uid for one in store.open_intents()] == outside


def test_an_epoch_closes_everything_up_to_it(store: RecordStore) -> None:
    old, now, later = (put(store, 1, epoch * EPOCH + 5) for epoch in (0, 2, 3))
    other = put(store, 2, 5)
    cancel(store, 1, Scope.EPOCH, 2)
    assert [state(store, uid) for uid in (old, now, later, other)] == ["cancelled", "cancelled", "open", "open"]


@pytest.mark.parametrize(("scope", "value"), [(Scope.UID, ""), (Scope.WORD, 2), (Scope.EPOCH, 0)])
def test_a_cancel_that_comes_first_keeps_its_intents_out(record: Record, scope: Scope, value: str | int) -> None:
    late = entry(1, 600)
    with closing(record.open()) as store:
        done = cancel(store, 1, scope, value if value != "" else late.uid)
        assert cancel(store, 1, scope, value if value != "" else late.uid) == done._replace(new=False)
        rejection = refused(store, 1, 600)
        assert (rejection.reason, rejection.extra) == (Reason.CANCELLED_BEFORE, {"sequence": "1"})
        assert "log entry 1" in rejection.detail
        assert put(store, 2, 600)
        assert put(store, 1, 600 + EPOCH)
        assert kinds(store) == ["accepted", "accepted"]
    with closing(record.open()) as again:  # remembered
        assert refused(again, 1, 600).reason is Reason.CANCELLED_BEFORE


def test_a_strangers_cancel_of_an_unknown_uid_keeps_nobody_out(store: RecordStore) -> None:
    cancel(store, 2, Scope.UID, entry(1).uid)
    assert state(store, put(store, 1)) == "open"


def test_one_that_is_kept_out_stops_no_other_of_its_commit(store: RecordStore) -> None:
    known = put(store, 1, 5)
    cancel(store, 1, Scope.WORD, 1)
    out = entry(1, 300)
    first, second, third = store.accept([entry(1, 1), out, entry(1, 2)], NOW)
    assert isinstance(second, Rejection)
    assert [one.place.sequence for one in (first, third) if isinstance(one, Placed)] == [3, 4]
    again, twice, refused_again, *_ = store.accept([entry(1, 5), entry(1, 1), out, entry(1, 7)], NOW)
    assert isinstance(again, Placed)
    assert isinstance(twice, Placed)
    assert (again.place.uid, again.new, twice.new) == (known, False, False)
    assert isinstance(refused_again, Rejection)
    store.verify_chain()


def test_what_was_known_before_its_cancel_keeps_its_place(store: RecordStore) -> None:
    uid = put(store, 1, 5)
    cancel(store, 1, Scope.WORD, 0)
    (placed,) = store.accept([entry(1, 5)], NOW)
    assert isinstance(placed, Placed)
    assert (placed.place.uid, placed.new, state(store, uid)) == (uid, False, "cancelled")


def test_another_process_knows_what_was_cancelled_ahead(record: Record) -> None:
    with closing(record.open()) as one, closing(record.open()) as other:
        put(one, 1, 1)
        put(other, 1, 2)
        cancel(other, 1, Scope.WORD, 1)
        cancel(other, 2, Scope.UID, entry(2, 9).uid)
        assert refused(one, 1, 300).reason is Reason.CANCELLED_BEFORE
        assert refused(one, 2, 9).reason is Reason.CANCELLED_BEFORE
        cancel(one, 3, Scope.EPOCH, 0)
        assert refused(other, 3, 1).reason is Reason.CANCELLED_BEFORE


def test_a_list_is_taken_in_its_order(store: RecordStore) -> None:
    one, two, three, four = (put(store, 1, nonce) for nonce in (1, 2, 300, 600))
    later = entry(1, 900).uid
    wishes = [
        wish(1, Scope.UID, one),
        wish(1, Scope.UID, one),
        wish(2, Scope.UID, two),
        wish(1, Scope.WORD, 1),
        wish(1, Scope.UID, three),
        wish(1, Scope.UID, later),
        wish(1, Scope.EPOCH, 0),
        wish(1, Scope.EPOCH, 0),
        wish(1, Scope.UID, four),
        wish(1, Scope.UID, later),
    ]
    outcomes = store.cancel_many(wishes, NOW)
    said = [one.reason.value if isinstance(one, Rejection) else one.place.sequence for one in outcomes]
    assert said == [5, 5, "bad_signature", 6, "not_cancellable", 7, 8, 8, "not_cancellable", 7]
    assert [one.new for one in outcomes if isinstance(one, Cancelled)] == [True, False, True, True, True, False, False]
    assert store.counts() == {"cancelled": 4}
    assert kinds(store) == ["accepted"] * 4 + ["cancelled"] * 4
    assert len(store.log(1, 100)) == 8
    store.verify_chain()


def test_a_fill_of_the_round_before_still_counts_and_is_not_undone_into_the_open(store: RecordStore) -> None:
    uid = put(store, 1)
    round_id = store.begin_round(NOW)
    cancel(store, 1, Scope.WORD, 0)
    publish(store, round_id, IntentUpdate(uid, "filled", 1000, None, ""))
    assert state(store, uid) == "filled"
    store.update_intents([IntentUpdate(uid, "open", 0, None, "")])  # the chain went back
    assert state(store, uid) == "cancelled"
    assert store.counts() == {"cancelled": 1}


def test_readers_find_the_cancel_of_an_intent(store: RecordStore) -> None:
    by_uid, by_word, still_open, over = (put(store, 1, nonce) for nonce in (1, 300, 600, 301))
    store.update_intents([IntentUpdate(over, "filled", 1000, None, "")])
    one, two = cancel(store, 1, Scope.UID, by_uid), cancel(store, 1, Scope.WORD, 1)
    stored = [found for uid in (by_uid, by_word, still_open, over) if (found := store.get(uid)) is not None]
    assert store.cancels_of(stored) == {by_uid: one._replace(new=False), by_word: two._replace(new=False)}


def test_an_amend_is_a_cancel_and_an_intent_in_its_place(store: RecordStore) -> None:
    old, new = put(store, 1), entry(1, want=901)
    round_id = store.begin_round(NOW)
    done = store.amend(new, amend_wish(1, old, new), NOW)
    assert (state(store, old), state(store, new.uid)) == ("cancelled", "open")
    assert (done.cancelled.place.sequence, done.placed.place.sequence, done.cancelled.first_round) == (
        2,
        3,
        round_id + 1,
    )
    said = CancelPayload.model_validate(json.loads(done.cancelled.body)["payload"])
    assert (said.scope, said.value, said.by, done.cancelled.place.uid) == (Scope.AMEND, old, new.uid, old)
    assert kinds(store) == ["accepted", "cancelled", "accepted"]
    again = store.amend(new, amend_wish(1, old, new), NOW + 5)
    assert again == Amendment(done.placed._replace(new=False), done.cancelled._replace(new=False))
    assert cancel(store, 1, Scope.UID, old) == done.cancelled._replace(new=False)
    store.verify_chain()


def amend_refused(store: RecordStore, old: str, new: NewEntry, reason: Reason) -> None:
    before = store.snapshot(0)
    with pytest.raises(Rejection) as refusal:
        store.amend(new, amend_wish(1, old, new), NOW)
    assert refusal.value.reason is reason
    assert store.snapshot(0) == before


def test_an_amend_of_what_can_not_be_replaced_changes_nothing(store: RecordStore) -> None:
    old, another, closed, part = put(store, 1), put(store, 2), put(store, 1, 2), put(store, 1, 3)
    cancel(store, 1, Scope.UID, closed)
    store.update_intents([IntentUpdate(part, "open", 400, None, "")])
    new = entry(1, want=901)
    amend_refused(store, HASH, new, Reason.UNKNOWN_INTENT)
    amend_refused(store, another, new, Reason.AMEND_MISMATCH)
    amend_refused(store, old, entry(1, nonce=4), Reason.AMEND_MISMATCH)
    amend_refused(store, closed, entry(1, nonce=2, want=901), Reason.NOT_AMENDABLE)
    amend_refused(store, part, entry(1, nonce=3, want=901), Reason.NOT_AMENDABLE)
    cancel(store, 1, Scope.UID, new.uid)
    amend_refused(store, old, new, Reason.CANCELLED_BEFORE)
    assert state(store, old) == "open"


def test_nobody_closes_an_intent_by_repeating_its_alternative(store: RecordStore) -> None:
    """The alternative's signature stands in the log for everyone to see."""
    old, other = put(store, 1), entry(1, want=901)
    store.accept([other], NOW)
    amend_refused(store, old, other, Reason.NOT_AMENDABLE)
    amend_refused(store, other.uid, other, Reason.NOT_AMENDABLE)


def test_a_failed_amend_leaves_no_trace_in_the_commit_that_it_shares(store: RecordStore) -> None:
    old = put(store, 1)
    new = entry(1, want=901)
    cancel(store, 1, Scope.UID, new.uid)
    amend_refused(store, old, new, Reason.CANCELLED_BEFORE)
    assert put(store, 1, 2)
    assert (len(store.log(1, 9)), store.counts()) == (3, {"open": 2})
    store.verify_chain()


WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT", "SAVEPOINT", "RELEASE")


@pytest.mark.parametrize("what", ["uid", "word", "amend"])
def test_whichever_write_fails_nothing_was_cancelled(record: Record, what: str) -> None:
    armed = [0]

    def strike(sql: str, done: bool) -> None:
        if armed[0] and not done and sql.split()[0] in WRITES:
            armed[0] -= 1
            if armed[0] == 0:
                raise record.failure("disk I/O error")

    with closing(record.open(strike)) as store:
        uid, new = put(store, 1), entry(1, want=901)

        def act() -> object:
            if what == "amend":
                return store.amend(new, amend_wish(1, uid, new), NOW)
            return cancel(store, 1, Scope.UID, uid) if what == "uid" else cancel(store, 1, Scope.WORD, 0)

        before, failures = store.snapshot(0), 0
        while True:
            armed[0] = failures + 1
            try:
                act()
                break
            except StoreError:
                failures += 1
                assert store.snapshot(0) == before
                assert [one.uid for one in store.open_intents()] == [uid]
        assert failures >= 8
        armed[0] = 0
        assert state(store, uid) == "cancelled"
        store.verify_chain()


def test_a_failed_cancel_ahead_keeps_nobody_out(record: Record) -> None:
    failing = [False]

    def strike(sql: str, done: bool) -> None:
        if failing[0] and not done and sql.startswith("COMMIT"):
            failing[0] = False
            raise record.failure("disk I/O error")

    with closing(record.open(strike)) as store:
        put(store, 2)
        failing[0] = True
        with pytest.raises(StoreError):
            cancel(store, 1, Scope.WORD, 0)
        assert put(store, 1)
        cancel(store, 1, Scope.WORD, 1)
        assert refused(store, 1, 300).reason is Reason.CANCELLED_BEFORE


def test_cancels_ahead_and_their_intents_in_one_commit_are_in_order(store: RecordStore) -> None:
    """Both jobs are queued while the writer is held up, so that they share a transaction."""
    held, go = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> None:
        held.set()
        assert go.wait(30)

    with ThreadPoolExecutor(4) as pool:
        waits = [store._writer.submit(hold)]
        assert held.wait(30)
        jobs = [
            store._writer.submit(lambda tx: accept_job(tx, [entry(1, 1)], NOW)),
            store._writer.submit(lambda tx: cancel_job(tx, [wish(1, Scope.WORD, 0)], NOW)),
            store._writer.submit(lambda tx: accept_job(tx, [entry(1, 2)], NOW)),
            store._writer.submit(lambda tx: cancel_job(tx, [wish(1, Scope.UID, entry(1, 1).uid)], NOW)),
        ]
        pool.submit(go.set)
        waits[0].result(30)
        (placed,), (done,), (late,), (again,) = (job.result(30) for job in jobs)
    assert isinstance(placed, Placed)
    assert isinstance(done, Cancelled)
    assert isinstance(late, Rejection)
    assert isinstance(again, Rejection)
    assert (late.reason, again.reason) == (Reason.CANCELLED_BEFORE, Reason.NOT_CANCELLABLE)
    assert state(store, entry(1, 1).uid) == "cancelled"
