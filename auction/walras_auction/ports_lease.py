"""The lease port: of many processes that could lead, one does, and the store can tell.

A lease is a promise about time, and time can not be trusted: a process may sleep through its own lease and wake up
believing that it leads. So every holder gets a *fencing token*, an integer larger than all before it, and the store
refuses a transaction whose token is not the newest.
"""

from __future__ import annotations

from typing import Protocol


class LeaseError(Exception):
    """The lease's keeper can not be reached or its data is damaged: nobody may assume to hold the lease."""


class Lease(Protocol):
    """One named lease. Safe to use from any thread; every call returns within the bound its keeper states."""

    def acquire(self, holder: str, ttl: float) -> int | None:
        """A new token if nobody holds the lease, else None. It ends after ``ttl`` seconds unless renewed.

        ``holder`` is for people to read: who it is that leads. The holder itself gets None too.
        Raises :class:`LeaseError`.
        """
        ...

    def renew(self, token: int) -> bool:
        """Hold for the ``ttl`` once more from now. False if ``token`` does not hold the lease.

        Raises :class:`LeaseError`.
        """
        ...

    def release(self, token: int) -> None:
        """Let others have it at once. Nothing happens if ``token`` does not hold it. Raises :class:`LeaseError`."""
        ...

    def check(self, token: int) -> bool:
        """Whether ``token`` holds the lease now. Raises :class:`LeaseError`."""
        ...

    def close(self) -> None:
        """Give back what the keeper needs (connections, files), not the lease in the record."""
        ...
