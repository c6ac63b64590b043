"""What differs between the databases that can hold a record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from walras_auction.ports import StoreError

__all__ = ["Connection", "Cursor", "Dialect", "StoreError"]


class Cursor(Protocol):
    """The rows that a statement found."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Any: ...


class Connection(Protocol):
    """A connection to the database; statements mark their values with ``?``."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor: ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any: ...

    def close(self) -> None: ...


class Dialect(Protocol):
    """How to reach one kind of database.

    ``failures`` is what its client raises when it fails; ``conflict``, one of these, when a value that must be unique
    is there already. ``readers`` is how many connections of a process may read at once.
    """

    failures: tuple[type[Exception], ...]
    conflict: type[Exception]
    readers: int

    def open_writer(self) -> Connection:
        """A connection that writes; creates the tables if they are missing. Raises :class:`StoreError`."""
        ...

    def open_reader(self) -> Connection:
        """A connection that only reads."""
        ...

    def usable(self, connection: Connection) -> bool:
        """False for a connection that was lost while nobody used it."""
        ...

    def begin(self, connection: Connection) -> object:
        """Start a transaction in which nobody else writes; what to ask :meth:`committed` by."""
        ...

    def committed(self, transaction: object) -> bool | None:
        """Whether a transaction whose ``COMMIT`` failed was committed all the same; None if nobody can tell.

        Its connection must be closed, or have rolled back.
        """
        ...

    def ended(self) -> None:
        """The transaction that was begun last is over, one way or the other; let the next writer have its turn."""
        ...

    def begin_reading(self, connection: Connection) -> None:
        """Start a transaction that sees one moment."""
        ...
