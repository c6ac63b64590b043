"""`make stack`: the script behind it, with real servers."""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis
from walras_auction.clock import SystemClock
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.lease_postgres import PostgresLease

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "stack.sh"


def two_free_ports() -> tuple[int, int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        return probes[0].getsockname()[1], probes[1].getsockname()[1]


@dataclass
class Stack:
    folder: Path
    environment: dict[str, str]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", SCRIPT, *words], env=self.environment, capture_output=True, text=True, timeout=300, cwd="/"
        )

    def start(self) -> dict[str, str]:
        done = self.run()
        assert done.returncode == 0, done.stderr
        return dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("WALRAS_"))


def crash(pid_file: Path, how: signal.Signals) -> None:
    """Returns when the process is gone."""
    pid = int(pid_file.read_text().split()[0])
    watch = os.pidfd_open(pid)
    os.kill(pid, how)
    assert select.select([watch], [], [], 60)[0]
    os.close(watch)


@pytest.fixture
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="walras-stack-"))  # not under tmp_path, which the user postgres can not enter
    postgres, bus = map(str, two_free_ports())
    ports = {"WALRAS_STACK_POSTGRES_PORT": postgres, "WALRAS_STACK_REDIS_PORT": bus}
    stack = Stack(folder, {**os.environ, **ports, "WALRAS_STACK": str(folder)})
    yield stack
    stack.run("stop")
    shutil.rmtree(folder)


def test_it_starts_once_keeps_its_data_and_stops(stack: Stack) -> None:
    urls = stack.start()
    assert (stack.folder / "env").read_text().splitlines() == [f"{name}={url}" for name, url in urls.items()]
    assert stat.S_IMODE((stack.folder / "env").stat().st_mode) == 0o600, "it holds passwords"

    with closing(PostgresLease(urls["WALRAS_POSTGRES"])) as lease:
        assert lease.acquire("a", 600) == 1
    with closing(RedisBus(urls["WALRAS_REDIS"], SystemClock())) as bus:
        bus.publish("bids", {})

    assert stack.start() == urls, "starting twice is starting once"

    crash(stack.folder / "redis.pid", signal.SIGKILL)
    crash(stack.folder / "postgres" / "postmaster.pid", signal.SIGQUIT)
    assert stack.start() == urls
    with closing(PostgresLease(urls["WALRAS_POSTGRES"])) as lease:
        assert lease.check(1)

    assert stack.run("stop").returncode == 0
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(urls["WALRAS_POSTGRES"])
    assert stack.run("stop").returncode == 0


def test_nobody_gets_in_without_the_password(stack: Stack) -> None:
    urls = stack.start()
    port = urls["WALRAS_POSTGRES"].rsplit(":", 1)[1]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://walras@127.0.0.1:{port}")
    port = urls["WALRAS_REDIS"].rsplit(":", 1)[1]
    with redis.Redis.from_url(f"redis://127.0.0.1:{port}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_another_spare_port_is_taken_if_the_wished_one_is_not_free(stack: Stack) -> None:
    wished = int(stack.environment["WALRAS_STACK_REDIS_PORT"])
    with socket.create_server(("127.0.0.1", wished)):
        urls = stack.start()
    assert int(urls["WALRAS_REDIS"].rsplit(":", 1)[1].split("/")[0]) > wished


def test_an_unknown_word_is_refused(stack: Stack) -> None:
    done = stack.run("restart")
    assert done.returncode == 1
    assert "start or stop" in done.stderr
    assert list(stack.folder.iterdir()) == []


def test_the_compose_file_pins_versions_and_stays_at_home() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    assert re.findall(r"image: (\w+):\d", text) == ["postgres", "redis"]
    assert (
        len(re.findall(r"^ +- \"127\.0\.0\.1:\$\{\w+:-\d+\}:\d+\"$", text, re.MULTILINE)) == text.count("ports:") == 2
    )
    assert text.count("healthcheck:") == 2
