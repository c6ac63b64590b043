"""Posting roots: once each, whatever fails in between, and nothing of it is the round's problem."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from house_fakes import ManualClock
from support.ledgers import FakeLedger
from support.merkle import heads, plain_root
from walras_auction.proofs import LogProofs
from walras_auction.rootposts import MOST_SECONDS, NO_RECORD, RootPosts

HEADS = heads(50)


@dataclass
class Office:
    """A log, a ledger, and what posts the one to the other."""

    ledger: FakeLedger = field(default_factory=FakeLedger)
    clock: ManualClock = field(default_factory=ManualClock)
    size: int = 5
    record: str | None = None
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.posts = self.open()

    def open(self) -> RootPosts:
        """As after a start: nothing in memory."""
        proofs = LogProofs(self, 1)
        return RootPosts(proofs, self.ledger, lambda: self.record, self.clock, self.warnings.append)

    def heads(self, start: int, limit: int) -> list[bytes]:
        return HEADS[: self.size][start - 1 : start - 1 + limit]

    def look(self) -> list[int]:
        """Sizes of the roots that are known, after a while."""
        self.clock.time += 5
        return [root.size for root in self.posts.page(0, 100)]


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_post_covers_the_whole_log(office: Office) -> None:
    office.record = "0x" + "ab" * 32
    office.posts.post()
    (root,) = office.ledger.mined
    assert (root.epoch, root.size, root.log_root) == (1, 5, "0x" + plain_root(HEADS[:5]).hex())
    assert root.state_root == office.record
    assert office.posts.last() == root


def test_without_a_round_the_state_root_is_zero(office: Office) -> None:
    office.posts.post()
    assert office.ledger.mined[0].state_root == NO_RECORD


def test_nothing_new_is_not_posted_again(office: Office) -> None:
    office.posts.post()
    office.posts.post()
    office.size = 9
    office.posts.post()
    assert [root.size for root in office.ledger.mined] == [5, 9]
    assert office.warnings == []


def test_an_empty_log_is_not_posted(office: Office) -> None:
    office.size = 0
    office.posts.post()
    assert office.ledger.mined == []


def test_after_a_restart_what_is_posted_is_known(office: Office) -> None:
    office.posts.post()
    office.posts = office.open()
    office.posts.post()
    assert [root.size for root in office.ledger.mined] == [5]
    assert office.look() == [5]


def test_a_chain_that_is_down_fails_nothing_and_the_next_post_covers(office: Office) -> None:
    office.ledger.down = True
    office.posts.post()
    assert "the node refused the connection" in office.warnings[0]
    assert office.look() == []
    office.ledger.down, office.size = False, 8
    office.posts.post()
    assert office.look() == [8]


def test_one_post_at_a_time(office: Office) -> None:
    office.ledger.instant = False
    office.posts.post()
    office.size = 9
    office.posts.post()
    assert [root.size for root in office.ledger.waiting.values()] == [5]
    assert office.look() == []
    office.ledger.mine()
    assert office.look() == [5]
    office.posts.post()
    office.ledger.mine()
    assert office.look() == [5, 9]
    assert office.ledger.event_reads == 0


def test_a_post_that_fails_on_chain_is_noted_and_the_next_one_goes_out(office: Office) -> None:
    office.ledger.instant, office.ledger.failing = False, True
    office.posts.post()
    office.posts.post()
    assert "the transaction failed" in office.warnings[0]
    office.ledger.failing = False
    office.posts.post()
    office.ledger.mine()
    assert office.look() == [5]


def test_what_others_posted_is_read_from_events(office: Office) -> None:
    other = Office(office.ledger)
    for size in (5, 7, 9):
        other.size = size
        other.posts.post()
    assert office.look() == [5, 7, 9]
    assert office.look() == [5, 7, 9]
    assert office.ledger.event_reads == 1


def test_a_root_that_a_reorganisation_undid_is_forgotten(office: Office) -> None:
    office.posts.post()
    office.size = 9
    office.posts.post()
    assert office.look() == [5, 9]
    office.ledger.mined.pop()
    assert office.look() == [5]
    office.posts.post()
    assert office.look() == [5, 9]


def test_readers_ask_the_chain_now_and_then_only(office: Office) -> None:
    office.posts.last()
    Office(office.ledger).posts.post()
    assert office.posts.last() is None
    assert office.look() == [5]


def test_pages_begin_after_a_size(office: Office) -> None:
    for size in (5, 7, 9):
        office.size = size
        office.posts.post()
    assert [root.size for root in office.posts.page(5, 1)] == [7]
    assert [root.size for root in office.posts.page(7, 10)] == [9]


def test_what_an_earlier_run_left_is_posted_at_once(office: Office) -> None:
    office.posts.keep_up()
    assert [root.size for root in office.ledger.mined] == [5]


def test_no_entry_waits_for_a_round_to_settle(office: Office) -> None:
    office.posts.post()
    office.size = 6
    office.posts.keep_up()
    office.clock.time += MOST_SECONDS - 1
    office.posts.keep_up()
    assert [root.size for root in office.ledger.mined] == [5]
    office.clock.time += 1
    office.posts.keep_up()
    office.size = 7
    office.posts.keep_up()
    assert [root.size for root in office.ledger.mined] == [5, 6]


def test_a_transaction_that_is_never_mined_is_sent_anew(office: Office) -> None:
    office.ledger.instant = False
    office.posts.post()
    office.ledger.waiting.clear()
    office.clock.time += 599
    office.posts.post()
    assert office.ledger.waiting == {}
    office.clock.time += 1
    office.posts.post()
    office.ledger.mine()
    assert office.look() == [5]
    assert "was not mined" in office.warnings[0]


def test_no_failure_of_any_kind_is_the_rounds_problem(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise ConnectionResetError("cut off")

    monkeypatch.setattr(office.ledger, "send_root", fail)
    office.posts.post()
    assert "ConnectionResetError: cut off" in office.warnings[0]
    monkeypatch.undo()
    office.posts.post()
    assert office.look() == [5]


def test_while_one_reader_asks_the_chain_the_others_get_what_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chain that hangs takes one reader with it, not all."""
    office.posts.post()
    assert office.look() == [5]
    asked, answer = threading.Event(), threading.Event()

    def hang(epoch: int) -> int:
        asked.set()
        answer.wait()
        return 5

    monkeypatch.setattr(office.ledger, "latest_size", hang)
    office.clock.time += 5
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(office.posts.last)
        asked.wait()
        assert office.posts.last() == office.ledger.mined[0]
        answer.set()
        assert slow.result() == office.ledger.mined[0]
