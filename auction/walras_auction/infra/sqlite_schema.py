"""The SQLite file of a house: its tables, and how a connection to it is opened.

The log is the source of truth: an intent's own row holds where it stands, its text is the log entry's body.
Amounts are decimal text, since SQLite's integers end at 2^63.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

Connect = Callable[[str], sqlite3.Connection]

SCHEMA_VERSION = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS log (
  sequence INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL, uid TEXT NOT NULL,
  body BLOB NOT NULL, previous TEXT NOT NULL, head TEXT NOT NULL, signature TEXT
);
CREATE TABLE IF NOT EXISTS intents (
  uid TEXT PRIMARY KEY, sequence INTEGER NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, executed TEXT NOT NULL,
  reason TEXT, detail TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS intents_by_sequence ON intents (sequence);
CREATE INDEX IF NOT EXISTS intents_by_owner ON intents (owner, sequence);
CREATE INDEX IF NOT EXISTS intents_by_state ON intents (state, sequence);
CREATE TABLE IF NOT EXISTS cancels (uid TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fills (
  id INTEGER PRIMARY KEY, uid TEXT NOT NULL, round INTEGER NOT NULL, report BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS fills_by_uid ON fills (uid, id);
CREATE TABLE IF NOT EXISTS rounds (
  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, summary BLOB, record BLOB, sequence INTEGER
);
CREATE TABLE IF NOT EXISTS settlements (
  round INTEGER NOT NULL, hash TEXT NOT NULL, raw BLOB NOT NULL, draft BLOB NOT NULL, PRIMARY KEY (round, hash)
);
CREATE TABLE IF NOT EXISTS league (
  solver TEXT PRIMARY KEY, bids INTEGER NOT NULL, wins INTEGER NOT NULL, surplus TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS refusals (reason TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""


class StoreError(Exception):
    """The store could not do what was asked; nothing of it was written."""


def connect(path: str) -> sqlite3.Connection:
    """A connection with explicit transactions, usable from any one thread at a time."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)


def prepare(connection: sqlite3.Connection) -> None:
    """Set durability and create what is missing. Raises :class:`StoreError` for a file of another version."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, SCHEMA_VERSION):
        raise StoreError(f"the store has schema version {version}; this program reads {SCHEMA_VERSION}")
    connection.executescript(f"BEGIN;{_TABLES}PRAGMA user_version={SCHEMA_VERSION};COMMIT;")


def open_writer(path: str | Path, connector: Connect = connect) -> sqlite3.Connection:
    """The one connection that writes."""
    connection = connector(str(path))
    prepare(connection)
    return connection
