"""The store of record: what it keeps, in what order, over restarts. On each database alike."""

from contextlib import closing

import pytest
from house_fakes import DOMAIN, NOW, A, an_intent, key
from support.stores import PostgresRecord, Record
from walras.cancels import Scope
from walras.digest import intent_uid
from walras.rejections import Reason, Rejection
from walras.wire import FillReport, PermitMessage
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import GENESIS, intent_entry
from walras_auction.ports import (
    IntentUpdate,
    Place,
    Placed,
    RoundSummary,
    SolverTally,
    State,
    StoredIntent,
    StoreError,
    Wish,
)

HASH = "0x" + "77" * 32


def put(store: RecordStore, number: int, nonce: int = 1) -> Place:
    intent = an_intent(key(number), nonce=nonce)
    uid = intent_uid(intent, DOMAIN)
    (placed,) = store.accept([intent_entry(uid, intent, "0xab")], NOW)
    assert isinstance(placed, Placed)
    return placed.place


def held(store: RecordStore, uid: str) -> StoredIntent:
    stored = store.get(uid)
    assert stored is not None
    return stored


def cancel(store: RecordStore, uid: str, number: int) -> Place:
    (outcome,) = store.cancel_many([Wish(Scope.UID, uid, key(number).address, uid, "0xcd")], NOW + 1)
    if isinstance(outcome, Rejection):
        raise outcome
    return outcome.place


def summary(round_id: int) -> RoundSummary:
    return RoundSummary(round_id, NOW, 3, 2, ("orderbook",), 2**70, 1, HASH, HASH)


def report(round_id: int) -> FillReport:
    return FillReport.model_validate(
        {
            "round": round_id,
            "solver": "orderbook",
            "transaction": HASH,
            "block": 9,
            "gives": [400],
            "wants": [380],
            "fee": 1,
            "surplus": 20,
            "prices": {A: 10},
        }
    )


def test_an_empty_store_starts_at_genesis(store: RecordStore) -> None:
    assert store.verify_chain() == "0x" + GENESIS.hex()
    assert (store.open_intents(), store.rounds(None, 10), store.events(0, 10)) == ([], [], [])


def test_an_accepted_intent_comes_back_as_it_went_in(store: RecordStore) -> None:
    intent = an_intent(key(1), want=(A[:-1] + "9", 2**250))
    uid = intent_uid(intent, DOMAIN)
    permit = PermitMessage(token=A, value=5, deadline=6, signature="0x0102")
    (placed,) = store.accept([intent_entry(uid, intent, "0xab", (permit,))], NOW)
    assert isinstance(placed, Placed)
    stored = held(store, uid)
    assert (stored.intent, stored.signature, stored.permits) == (intent, "0xab", (permit,))
    assert (stored.time, placed.new, store.places([uid])) == (NOW, True, {uid: placed.place})
    assert (stored.state, stored.executed, stored.remaining) == ("open", 0, 1000)


def test_what_is_open_is_read_the_same_from_memory_and_disk(record: Record) -> None:
    with closing(record.open()) as store:
        for number in (3, 1, 2):
            put(store, number)
        before = store.open_intents()
    with closing(record.open()) as again:
        assert again.open_intents() == before
    assert [one.sequence for one in before] == [1, 2, 3]


def test_the_log_goes_on_after_a_restart(record: Record) -> None:
    with closing(record.open()) as store:
        first = put(store, 1)
    with closing(record.open()) as again:
        second = put(again, 2)
        assert (second.sequence, second.previous) == (2, first.head)
        assert again.verify_chain() == second.head
        assert [event.id for event in again.events(0, 10)] == [1, 2]


def test_a_changed_file_does_not_verify(record: Record) -> None:
    with closing(record.open()) as store:
        put(store, 1)
        body = store.log(1, 1)[0].body
    record.run("UPDATE log SET body = ?", (body.replace(b"1000", b"1001"),))
    with closing(record.open()) as store, pytest.raises(Exception, match="entry 1"):
        store.verify_chain()


def test_a_known_uid_gets_its_first_receipt_and_no_new_place(store: RecordStore) -> None:
    first = put(store, 1)
    put(store, 2)
    assert put(store, 1) == first
    assert len(store.log(1, 10)) == 2
    assert store.places([first.uid, HASH]) == {first.uid: first}


def test_a_duplicate_inside_one_call_is_one_entry(store: RecordStore) -> None:
    intent = an_intent(key(1))
    entry = intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")
    one, two = store.accept([entry, entry], NOW)
    assert isinstance(one, Placed)
    assert isinstance(two, Placed)
    assert (one.place, one.new, two.new) == (two.place, True, False)
    assert store.snapshot(0).log_length == 1


def test_an_accepted_intent_is_announced_without_its_signature(store: RecordStore) -> None:
    receipt = put(store, 1)
    (event,) = store.events(0, 10)
    assert (event.kind, event.data["uid"]) == ("accepted", receipt.uid)
    assert "signature" not in event.data


def test_a_cancel_closes_the_intent_once(store: RecordStore) -> None:
    uid = put(store, 1).uid
    receipt = cancel(store, uid, 1)
    assert (receipt.kind, receipt.sequence) == ("cancel", 2)
    assert cancel(store, uid, 1) == receipt
    assert (held(store, uid).state, held(store, uid).reason) == ("cancelled", "cancelled")
    assert store.open_intents() == []
    assert [event.kind for event in store.events(0, 10)] == ["accepted", "cancelled"]
    store.verify_chain()


@pytest.mark.parametrize("state", ["filled", "expired"])
def test_what_is_over_cannot_be_cancelled(store: RecordStore, state: State) -> None:
    uid = put(store, 1).uid
    store.update_intents([IntentUpdate(uid, state, 1000, None, "")])
    with pytest.raises(Rejection) as refused:
        cancel(store, uid, 1)
    assert refused.value.reason is Reason.NOT_CANCELLABLE
    assert store.snapshot(0).log_length == 1


def test_a_foreign_intent_cannot_be_cancelled(store: RecordStore) -> None:
    uid = put(store, 1).uid
    with pytest.raises(Rejection) as refused:
        cancel(store, uid, 2)
    assert refused.value.reason is Reason.BAD_SIGNATURE


def test_a_round_is_published_with_all_that_it_changes(store: RecordStore) -> None:
    uid = put(store, 1).uid
    round_id = store.begin_round(NOW)
    update = IntentUpdate(uid, "open", 400, None, "partly filled", report(round_id))
    entry = store.publish_round(summary(round_id), b"{}", [update], NOW, [SolverTally("orderbook", 2, 1, 2**80)])
    assert (held(store, uid).executed, held(store, uid).remaining) == (400, 600)
    assert store.fills(uid) == (report(round_id),)
    assert (entry.kind, entry.uid, store.round_record(round_id)) == ("round", HASH, b"{}")
    assert store.rounds(None, 5) == [summary(round_id)]
    assert store.league() == [SolverTally("orderbook", 2, 1, 2**80)]
    store.verify_chain()


def test_publishing_a_round_again_changes_nothing(store: RecordStore) -> None:
    round_id = store.begin_round(NOW)
    tally = [SolverTally("clearing", 1, 1, 7)]
    first = store.publish_round(summary(round_id), b"one", [], NOW, tally)
    assert store.publish_round(summary(round_id), b"two", [], NOW, tally) == first
    assert (store.round_record(round_id), store.league()) == (b"one", tally)


def test_a_round_that_names_an_unknown_intent_leaves_no_trace(store: RecordStore) -> None:
    round_id = store.begin_round(NOW)
    with pytest.raises(LookupError):
        store.publish_round(summary(round_id), b"{}", [IntentUpdate(HASH, "filled", 1, None, "")], NOW)
    assert (store.rounds(None, 5), store.round_record(round_id), store.snapshot(0).log_length) == ([], None, 0)


def test_a_cancelled_intent_is_reopened_by_no_round_but_its_fill_counts(store: RecordStore) -> None:
    uid = put(store, 1).uid
    cancel(store, uid, 1)
    store.update_intents([IntentUpdate(uid, "open", 300, "no_counterparty", "", report(1))])
    stored = held(store, uid)
    assert (stored.state, stored.executed, stored.reason) == ("cancelled", 300, "cancelled")
    store.update_intents([IntentUpdate(uid, "filled", 1000, None, "")])
    assert held(store, uid).state == "filled"


def test_a_filled_intent_that_a_reorganisation_reopens_is_open_in_its_place(store: RecordStore) -> None:
    uids = [put(store, number).uid for number in (1, 2)]
    store.update_intents([IntentUpdate(uids[0], "filled", 1000, None, "")])
    store.update_intents([IntentUpdate(uids[0], "open", 0, None, "")])
    assert [one.uid for one in store.open_intents()] == uids


def test_parked_intents_stay_with_the_open_ones(store: RecordStore) -> None:
    uid = put(store, 1).uid
    store.update_intents([IntentUpdate(uid, "parked", 0, "parked_funds", "")])
    assert [one.state for one in store.open_intents()] == ["parked"]
    assert store.counts() == {"parked": 1}


def test_intents_are_listed_by_owner_and_state_a_page_at_a_time(store: RecordStore) -> None:
    mine = [put(store, 1, nonce).uid for nonce in range(3)]
    put(store, 2)
    cancel(store, mine[1], 1)
    owner = key(1).address
    assert [one.uid for one in store.list_intents(owner, None, 0, 10)] == mine
    assert [one.uid for one in store.list_intents(owner, "open", 0, 10)] == [mine[0], mine[2]]
    assert [one.sequence for one in store.list_intents(None, None, 1, 2)] == [2, 3]


def test_rounds_come_newest_first(store: RecordStore) -> None:
    for _ in range(3):
        store.publish_round(summary(store.begin_round(NOW)), b"{}", [], NOW)
    store.begin_round(NOW)
    assert [line.id for line in store.rounds(None, 2)] == [3, 2]
    assert [line.id for line in store.rounds(2, 2)] == [1]


def test_refusals_are_counted_by_reason(store: RecordStore) -> None:
    for reason in ("expired", "expired", "malformed"):
        store.append_event("refused", {"uid": "", "reason": reason}, NOW)
    assert store.refusals() == {"expired": 2, "malformed": 1}


def test_a_journaled_settlement_is_unfinished_until_its_round_is_published(record: Record) -> None:
    with closing(record.open()) as store:
        one, two = store.begin_round(NOW), store.begin_round(NOW)
        store.journal_settlement(one, HASH, b"raw", b"draft")
        store.journal_settlement(two, HASH, b"raw2", b"draft2")
        store.publish_round(summary(one), b"{}", [], NOW)
    with closing(record.open()) as again:
        assert again.unfinished_settlements() == [(two, HASH, b"raw2", b"draft2")]
        assert again.begin_round(NOW) == two + 1


def test_the_snapshot_agrees_with_itself(store: RecordStore) -> None:
    receipt = put(store, 1)
    store.append_event("refused", {"uid": "", "reason": "expired"}, NOW)
    snapshot = store.snapshot(5)
    assert (snapshot.event, snapshot.log_length, snapshot.log_head) == (2, 1, receipt.head)
    assert (snapshot.counts, snapshot.refusals) == ({"open": 1}, {"expired": 1})


def test_the_log_serves_entries_and_heads_in_order(store: RecordStore) -> None:
    places = [put(store, 1), cancel(store, intent_uid(an_intent(key(1)), DOMAIN), 1)]
    last = store.publish_round(summary(store.begin_round(NOW)), b"{}", [], NOW)
    entries = store.log(1, 10)
    assert [(one.kind, one.head) for one in entries[:2]] == [(place.kind, place.head) for place in places]
    assert entries[2] == last
    assert store.heads(2, 5) == [bytes.fromhex(one.head[2:]) for one in entries[1:]]


def test_a_closed_store_says_so(record: Record) -> None:
    store = record.open()
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        put(store, 1)


def test_a_record_of_another_version_is_refused(record: Record) -> None:
    if isinstance(record, PostgresRecord):
        record.run("CREATE TABLE walras_schema (version integer PRIMARY KEY)")
        record.run("INSERT INTO walras_schema VALUES (99)")
    else:
        record.run("PRAGMA user_version=99")
    with pytest.raises(StoreError, match="version 99"):
        record.open()
