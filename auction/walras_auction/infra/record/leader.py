"""The fence around what only the leader writes (M. Kleppmann, *How to do distributed locking*, 2016).

A process may sleep through the end of its lease and go on believing that it leads. So a leader begins by writing its
token, which is larger than all before it, and every job of a leader looks, in the transaction that it writes in,
whether its own token is still the newest. No clock takes part.
"""

from __future__ import annotations

from walras_auction.infra.record.writer import Transaction
from walras_auction.ports import StaleLeader

_TAKE = (
    "INSERT INTO leader VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET token = excluded.token"
    " WHERE leader.token < excluded.token"
)


def take_over(transaction: Transaction, token: int) -> None:
    """From this transaction on, jobs of earlier leaders are refused. Raises :class:`StaleLeader` for an old token."""
    transaction.connection.execute(_TAKE, (token,))
    check(transaction, token)


def check(transaction: Transaction, token: int | None) -> None:
    """Raises :class:`StaleLeader` unless ``token`` is the newest that took over."""
    if token is None:
        raise StaleLeader("this process does not lead; nothing was written")
    row = transaction.connection.execute("SELECT token FROM leader WHERE id = 1").fetchone()
    newest = 0 if row is None else row[0]
    if token != newest:
        raise StaleLeader(f"leader {newest} has taken over from leader {token}; nothing was written")
