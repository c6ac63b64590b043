"""The lease in Postgres. Only the database's clock counts, so the machines' clocks may disagree.

The store's side of the fence is ``record/leader.py``: it needs no clock at all.
"""

from __future__ import annotations

import threading
from typing import Any

from walras_auction.infra.postgres_link import PostgresLink
from walras_auction.ports_lease import LeaseError

# The lock: two machines that create the table at the same moment would both find it missing.
CREATE = """
SELECT pg_advisory_xact_lock(hashtext('walras lease'));
CREATE TABLE IF NOT EXISTS lease (
  name text PRIMARY KEY, token bigint NOT NULL, holder text NOT NULL, until timestamptz NOT NULL
)
"""

_ENSURE = "INSERT INTO lease VALUES (%(name)s, 0, '', '-infinity') ON CONFLICT DO NOTHING"
_ACQUIRE = """
UPDATE lease SET
  token = token + 1, holder = %(holder)s, until = clock_timestamp() + make_interval(secs => %(ttl)s)
WHERE name = %(name)s AND until <= clock_timestamp()
RETURNING token
"""
_RENEW = """
UPDATE lease SET until = clock_timestamp() + make_interval(secs => %(ttl)s)
WHERE name = %(name)s AND token = %(token)s AND until > clock_timestamp() RETURNING token
"""
_RELEASE = """
UPDATE lease SET until = clock_timestamp()
WHERE name = %(name)s AND token = %(token)s AND until > clock_timestamp()
"""
_CHECK = "SELECT 1 FROM lease WHERE name = %(name)s AND token = %(token)s AND until > clock_timestamp()"


class PostgresLease:
    """The :class:`~walras_auction.ports_lease.Lease` port on one row of Postgres.

    ``conninfo`` as in ``postgresql://user:password@host:5432/walras``. A call takes at most ``call_seconds``,
    ``acquire`` twice that; the first one, and one after a failure, twice that in addition (2 s at least to connect).
    """

    def __init__(self, conninfo: str, name: str = "auctioneer", call_seconds: float = 2.0) -> None:
        self._name = name
        self._ttl: dict[int, float] = {}
        self._lock = threading.Lock()
        self._link = PostgresLink(conninfo, call_seconds, prepare=CREATE)

    def acquire(self, holder: str, ttl: float) -> int | None:
        if not 0 < ttl < 86_400:
            raise ValueError(f"a lease lasts more than 0 s and less than a day, not {ttl} s")
        self._ask(_ENSURE)  # by itself: an upsert would have two unique indices to race on
        token = self._ask(_ACQUIRE, holder=holder, ttl=ttl)
        if token is not None:
            self._ttl = {token: ttl}
        return token

    def renew(self, token: int) -> bool:
        ttl = self._ttl.get(token)
        return ttl is not None and self._ask(_RENEW, token=token, ttl=ttl) is not None

    def release(self, token: int) -> None:
        self._ask(_RELEASE, token=token)

    def check(self, token: int) -> bool:
        return self._ask(_CHECK, token=token) is not None

    def close(self) -> None:
        with self._lock:
            self._link.close()

    def _ask(self, sql: str, **parameters: Any) -> int | None:
        """The first column of the one row that ``sql`` returns."""
        with self._lock:
            row = self._link.one(sql, {"name": self._name, **parameters})
        if row is None:
            return None
        if not isinstance(row[0], int):
            raise LeaseError(f"the table lease holds a token that is no integer: {row[0]!r}")
        return row[0]
