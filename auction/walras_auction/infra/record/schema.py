"""The tables of a record.

The log is the source of truth: what an intent says is its entry's body, and an intent that nothing has happened to
has no other row. Amounts are decimal text, since the databases' integers end at 2^63. Each dialect fills in its names
of types.
"""

from __future__ import annotations

from walras_auction.log import GENESIS

SCHEMA_VERSION = 3
#: The row of ``tail`` before anything was written.
FIRST_TAIL = "INSERT INTO tail VALUES (1, ?, 0, ?, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (id) DO NOTHING"
FIRST_EPOCH = 1
FIRST_VALUES = (FIRST_EPOCH, GENESIS)

#: ``uid_key`` and ``owner_key`` are the first 8 bytes of intents' uids and owners: short keys keep the indices small.
#: Two uids with one key are told apart by their entries (``Index.find``).
TABLES = """
CREATE TABLE IF NOT EXISTS tail (
  id {integer} PRIMARY KEY, epoch {bigint} NOT NULL, sequence {bigint} NOT NULL, head {bytes} NOT NULL,
  event {bigint} NOT NULL, round {bigint} NOT NULL, version {bigint} NOT NULL, cancel {bigint} NOT NULL,
  indexed {bigint} NOT NULL, merging {bigint} NOT NULL, merged {bigint} NOT NULL
);
CREATE TABLE IF NOT EXISTS log (
  sequence {key}, body {bytes} NOT NULL, head {bytes} NOT NULL, previous {bytes} NOT NULL,
  uid_key {bigint}, owner_key {bigint}
);
CREATE TABLE IF NOT EXISTS uid_index (
  key {bigint} NOT NULL, sequence {bigint} NOT NULL, PRIMARY KEY (key, sequence)
){compact};
CREATE TABLE IF NOT EXISTS owner_index (
  key {bigint} NOT NULL, sequence {bigint} NOT NULL, PRIMARY KEY (key, sequence)
){compact};
CREATE TABLE IF NOT EXISTS standing (
  sequence {key}, state TEXT NOT NULL, executed TEXT NOT NULL, reason TEXT, detail TEXT NOT NULL,
  version {bigint} NOT NULL
);
CREATE INDEX IF NOT EXISTS standing_by_version ON standing (version);
CREATE INDEX IF NOT EXISTS standing_by_state ON standing (state, sequence);
CREATE TABLE IF NOT EXISTS cancels (
  owner {bytes} NOT NULL, scope TEXT NOT NULL, value {bytes} NOT NULL, sequence {bigint} NOT NULL,
  first_round {bigint} NOT NULL, ahead {integer} NOT NULL, PRIMARY KEY (owner, scope, value)
);
CREATE INDEX IF NOT EXISTS cancels_ahead ON cancels (sequence) WHERE ahead = 1;
CREATE TABLE IF NOT EXISTS fills (
  sequence {bigint} NOT NULL, round {bigint} NOT NULL, report {bytes} NOT NULL, PRIMARY KEY (sequence, round)
);
CREATE TABLE IF NOT EXISTS rounds (
  id {key}, time {bigint} NOT NULL, cut {bigint} NOT NULL, summary {bytes}, record {bytes}, sequence {bigint}
);
CREATE TABLE IF NOT EXISTS settlements (
  id {bigint} NOT NULL, round {bigint} NOT NULL, hash TEXT NOT NULL, raw {bytes} NOT NULL, draft {bytes} NOT NULL,
  PRIMARY KEY (round, hash)
);
CREATE TABLE IF NOT EXISTS league (
  solver TEXT PRIMARY KEY, bids {bigint} NOT NULL, wins {bigint} NOT NULL, surplus TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
  id {key}, count {bigint} NOT NULL, time {bigint} NOT NULL, kind TEXT NOT NULL, data {bytes} NOT NULL
);
CREATE TABLE IF NOT EXISTS leader (id {integer} PRIMARY KEY, token {bigint} NOT NULL);
CREATE TABLE IF NOT EXISTS refusals (reason TEXT PRIMARY KEY, count {bigint} NOT NULL);
CREATE TABLE IF NOT EXISTS counts (state TEXT PRIMARY KEY, count {bigint} NOT NULL);
"""


def statements(names: dict[str, str]) -> list[str]:
    """The statements that create what is missing."""
    return [part.strip() for part in TABLES.format(**names).split(";") if part.strip()]
