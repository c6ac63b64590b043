"""The work that only one process of a house does: rounds, one after another, for as long as it leads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from walras_auction.ports import ChainError, StaleLeader, Store, StoreError
from walras_auction.rounds import RoundOutcome


class RoundRunner(Protocol):
    """What :class:`~walras_auction.rounds.Rounds` does."""

    def recover(self) -> list[int]: ...

    def run(self, *, skip_fruitless: bool = False) -> RoundOutcome | None: ...


class LeadersStore(Protocol):
    """What a leader needs of the store, besides the port."""

    def take_over(self, token: int) -> None: ...

    def fenced(self, token: Callable[[], int | None]) -> Store: ...


def keep_rounds(rounds: RoundRunner, interval: float, stop: threading.Event, *, recovered: bool = False) -> None:
    """Run rounds, one every ``interval`` seconds at most, until ``stop`` is set or another process leads.

    What a crash interrupted is finished first, and what a failed round left before the next one: one round's fault must
    not end the house. ``recovered``: it is finished already.
    """
    log = structlog.get_logger()
    while not stop.is_set():
        try:
            for round_id in [] if recovered else rounds.recover():
                log.info("finished a round that was interrupted", round=round_id)
            recovered = True
            outcome = rounds.run(skip_fruitless=True)
        except StaleLeader as error:
            log.warning("another process leads", error=str(error))
            return
        except (ChainError, StoreError) as error:
            log.warning("the round is tried again", error=str(error))
            recovered = False
        except Exception:
            log.exception("a round failed")
            recovered = False
        else:
            if outcome is not None:
                log.info("round", round=outcome.id, valid_bids=outcome.valid_bids, fills=outcome.fills)
        stop.wait(interval)


class Auctioneer:
    """Holds rounds while it leads; :meth:`start` and :meth:`stop` are for ``Leadership`` and return at once.

    ``make_rounds`` puts rounds together around the store that it is given.
    """

    def __init__(self, store: LeadersStore, make_rounds: Callable[[Store], RoundRunner], interval: float) -> None:
        self._store = store
        self._make_rounds = make_rounds
        self._interval = interval
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, token: int) -> None:
        """Begin to lead; work of an earlier time that is still going on ends first."""
        before, self._stop = self._thread, threading.Event()
        self._thread = threading.Thread(target=self._lead, args=(token, self._stop, before), name="rounds", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no further round. The one under way writes nothing once another process has taken over."""
        self._stop.set()

    def join(self) -> None:
        """Wait until the round under way has ended."""
        if self._thread is not None:
            self._thread.join()

    def _lead(self, token: int, stop: threading.Event, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        if self._taken_over(token, stop):
            keep_rounds(self._make_rounds(self._store.fenced(lambda: token)), self._interval, stop)

    def _taken_over(self, token: int, stop: threading.Event) -> bool:
        """Before anything is read: what earlier leaders wrote is in the store, and nothing of theirs comes later."""
        log = structlog.get_logger()
        while not stop.is_set():
            try:
                self._store.take_over(token)
            except StaleLeader as error:
                log.warning("another process leads", error=str(error))
                return False
            except StoreError as error:
                log.warning("the store can not be written; it is tried again", error=str(error))
                stop.wait(1)
            else:
                return True
        return False
