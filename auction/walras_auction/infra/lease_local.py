"""The lease on one machine: a lock that the operating system takes back when its process dies, and a token in a file.

``flock`` belongs to an open file: it ends with the process whatever kills it, so there is no time to wait out, and
``ttl`` means nothing. The folder has to be on a disk of this machine, not on a network.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from walras_auction.ports_lease import LeaseError

_LOCK, _TOKEN = "lease.lock", "lease.token"


class LocalLease:
    """The :class:`~walras_auction.ports_lease.Lease` port on a folder. No call waits for another process."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._lock_file: int | None = None
        self._token: int | None = None
        self._guard = threading.Lock()

    def acquire(self, holder: str, ttl: float) -> int | None:
        if ttl <= 0:
            raise ValueError(f"a lease lasts more than 0 s, not {ttl} s")
        with self._guard, _as_lease_error():
            if self._token is not None or (lock_file := self._try_lock(fcntl.LOCK_EX)) is None:
                return None
            try:
                token = self._read() + 1
                self._write(token, holder)
            except BaseException:
                os.close(lock_file)
                raise
            self._lock_file, self._token = lock_file, token
            return token

    def renew(self, token: int) -> bool:
        with self._guard, _as_lease_error():
            return self._holds(token)

    def release(self, token: int) -> None:
        with self._guard:
            if self._token == token:
                self._let_go()

    def check(self, token: int) -> bool:
        """Also of a token that another process of this machine got."""
        with self._guard, _as_lease_error():
            if self._token is not None:
                return self._holds(token)
            probe = self._try_lock(fcntl.LOCK_SH)
            if probe is not None:
                os.close(probe)
            return probe is None and self._read() == token

    def close(self) -> None:
        with self._guard:
            self._let_go()

    def _holds(self, token: int) -> bool:
        return self._token == token == self._read()

    def _let_go(self) -> None:
        lock_file, self._lock_file, self._token = self._lock_file, None, None
        if lock_file is not None:
            os.close(lock_file)

    def _try_lock(self, kind: int) -> int | None:
        """An open file with the lock, or None if somebody else has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock_file = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock_file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock_file)
            return None
        except BaseException:
            os.close(lock_file)
            raise
        return lock_file

    def _read(self) -> int:
        path = self._folder / _TOKEN
        try:
            first = path.read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return 0
        if not first.isascii() or not first.isdecimal() or len(first) > 18:
            raise LeaseError(f"{path} does not begin with a token, without which leaders can not be told apart")
        return int(first)

    def _write(self, token: int, holder: str) -> None:
        """On disk before anybody is told: a token may never be given out twice."""
        path = self._folder / _TOKEN
        draft = path.with_suffix(".new")
        with draft.open("w") as file:
            file.write(f"{token}\n{holder}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _as_lease_error() -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        raise LeaseError(f"the lease's folder: {error}") from error
