"""Real Redis and Postgres servers for tests, each in a temporary folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import TypeVar

import psycopg

from support.server import Server, as_user

Engine = TypeVar("Engine", bound=Server)


class EngineMissing(Exception):
    """A program that the tests need is not installed. Never a reason to skip one."""


def find_program(name: str) -> str:
    """A server's program, also from where Debian keeps Postgres."""
    places = [os.environ["PATH"], *sorted(glob("/usr/lib/postgresql/*/bin"), key=_version, reverse=True)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise EngineMissing(f"{name} is not installed; type: sh scripts/system.sh stack")
    return found


def _version(path: str) -> int:
    digits = Path(path).parent.name
    return int(digits) if digits.isdecimal() else 0


class RedisServer(Server):
    """Redis that keeps nothing: a restart is a restart from empty."""

    ready_line = "Ready to accept connections"
    port_taken_line = "Address already in use"

    def __init__(self) -> None:
        super().__init__()
        self._program = find_program("redis-server")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(self.folder)}
        return [self._program, *(word for name, value in options.items() for word in (f"--{name}", value))]


class PostgresServer(Server):
    """Postgres with one cluster. ``durable``: it waits for the disk as in earnest; otherwise it is fast."""

    ready_line = "database system is ready to accept connections"
    port_taken_line = "Address already in use"

    def __init__(self, durable: bool = False) -> None:
        super().__init__()
        self._program = find_program("postgres")
        self._durable = durable
        self._data = self.folder / "data"
        if os.geteuid() == 0:  # Postgres refuses to run as root
            self.user = "postgres"
            shutil.chown(self.folder, self.user)
        self._create()

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://walras@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database that lives as long as the server."""
        name = f"town_{uuid.uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        return self.url_of(name)

    def kill(self) -> None:
        """The crash that Postgres itself provides for: every process of it ends at once, without a checkpoint."""
        self.resume()
        self._end(signal.SIGQUIT)

    def command(self) -> Sequence[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "fsync": "on" if self._durable else "off",
            "synchronous_commit": "on",
            "full_page_writes": "on" if self._durable else "off",
        }
        return [
            self._program,
            *("-D", str(self._data)),
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ]

    def _create(self) -> None:
        program = find_program("initdb")
        words = ["-D", str(self._data), "-U", "walras", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run([program, *words], cwd=self.folder, capture_output=True, text=True, **as_user(self.user))
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")


@contextlib.contextmanager
def running(server: Engine) -> Iterator[Engine]:
    try:
        server.start()
        yield server
    finally:
        server.close()
