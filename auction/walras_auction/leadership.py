"""Which process leads: a loop that holds the lease while it can, and starts and stops the work that only a leader does.

Leadership ends by whichever comes first: the lease says no, or this process's own clock says that the lease may soon
run out unrenewed. The clock is watched by a thread of its own, so that a renewal that hangs delays nothing. Neither
is proof against a machine that stands still and goes on: that is what the fencing token is for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from walras_auction.ports import Clock
from walras_auction.ports_lease import Lease, LeaseError

#: Shares of the lease's time: between renewals, between attempts after a failed one, and until leadership is given up.
RENEW_SHARE, RETRY_SHARE, HOLD_SHARE = 1 / 3, 1 / 12, 3 / 4


class Leadership:
    """Leads when it can. ``ttl`` is how long the others wait for a leader that is gone, in seconds.

    ``on_start(token)`` begins the leader's work and ``on_stop()`` ends it; they alternate, from threads of this loop,
    and should return soon: a lease is renewed between them only. ``on_stop`` has a quarter of ``ttl`` before another
    process may lead.
    """

    def __init__(
        self,
        lease: Lease,
        holder: str,
        ttl: float,
        clock: Clock,
        on_start: Callable[[int], None],
        on_stop: Callable[[], None],
    ) -> None:
        self._lease = lease
        self._holder = holder
        self._ttl = ttl
        self._clock = clock
        self._on_start = on_start
        self._on_stop = on_stop
        self._token: int | None = None
        self._held_until = 0.0
        self._ended = False
        self._changed = threading.Condition(threading.RLock())  # also keeps the callbacks in order
        self._log = structlog.get_logger().bind(holder=holder)

    @property
    def token(self) -> int | None:
        """The fencing token to write with, or None if this process does not lead (any more)."""
        token, until = self._token, self._held_until
        return token if token is not None and self._clock.monotonic() < until else None

    def run(self, stopping: threading.Event) -> None:
        """Lead, or wait to, until ``stopping`` is set; then stop the work and let others lead at once."""
        watch = threading.Thread(target=self._watch, name="walras-lease-watch", daemon=True)
        self._ended = False
        watch.start()
        try:
            while not stopping.is_set():
                stopping.wait(self.attempt())
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
            watch.join()
            self.resign()

    def attempt(self) -> float:
        """Ask for the lease, or renew it, once. Returns the seconds until the next attempt."""
        self.expire()
        token, asked = self._token, self._clock.monotonic()  # asked: the lease lasts from a moment that is not before
        try:
            if token is None:
                return self._acquired(self._lease.acquire(self._holder, self._ttl), asked)
            return self._renewed(token, self._lease.renew(token), asked)
        except LeaseError as error:
            self._log.warning("lease_unreachable", error=str(error), leads=self.token is not None)
            return self._ttl * (RENEW_SHARE if token is None else RETRY_SHARE)

    def expire(self) -> float | None:
        """Give up if it is time to. Returns the seconds that are left; None for a process that does not lead."""
        with self._changed:
            if self._token is None:
                return None
            left = self._held_until - self._clock.monotonic()
            if left > 0:
                return left
            self._stop("lease_not_renewed")
            return None

    def resign(self) -> None:
        """Stop the work, if it runs, and let others lead."""
        with self._changed:
            token = self._token
            if token is not None:
                self._stop("resigned")
        if token is not None:
            self._release(token)

    def _acquired(self, token: int | None, asked: float) -> float:
        held_until = asked + self._ttl * HOLD_SHARE
        late = self._clock.monotonic() >= held_until
        if token is not None and (late or not self._start(token, held_until)):
            self._release(token)
        return self._ttl * RENEW_SHARE

    def _renewed(self, token: int, renewed: bool, asked: float) -> float:
        with self._changed:
            leads = self._token == token
            if leads and renewed:
                self._held_until = asked + self._ttl * HOLD_SHARE
                self._changed.notify_all()
            elif leads:
                self._stop("lease_lost")
        if renewed and not leads:  # given up while the answer was under way
            self._release(token)
        return self._ttl * RENEW_SHARE

    def _start(self, token: int, held_until: float) -> bool:
        """Start the work. False if it can not be started."""
        with self._changed:
            self._token, self._held_until = token, held_until
            self._changed.notify_all()
            self._log.info("leads", token=token)
            try:
                self._on_start(token)
            except Exception:
                self._log.exception("leader_failed_to_start", token=token)
                self._stop("failed_to_start")
                return False
        return True

    def _stop(self, why: str) -> None:
        """With the lock held."""
        token, self._token = self._token, None
        self._log.info("leads_no_more", token=token, why=why)
        try:
            self._on_stop()
        except Exception:
            self._log.exception("leader_failed_to_stop", token=token)

    def _release(self, token: int) -> None:
        try:
            self._lease.release(token)
        except LeaseError as error:
            self._log.warning("lease_not_released", token=token, error=str(error))

    def _watch(self) -> None:
        """Give up in time, whatever the attempts are waiting for."""
        with self._changed:
            while not self._ended:
                self._changed.wait(self.expire())
