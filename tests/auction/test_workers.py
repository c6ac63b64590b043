"""Children on one socket: replaced when they end, ended with whoever started them."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import pytest
from walras_auction.clock import SystemClock
from walras_auction.workers import Workers

SECONDS = 30.0
#: Answers every connection with its process id, until SIGTERM or until the pipe ends.
CHILD = """
import os, socket, sys, threading
sock = socket.socket(fileno=int(sys.argv[1]))
threading.Thread(target=lambda: (os.read(int(sys.argv[2]), 1), os._exit(0)), daemon=True).start()
while True:
    connection, _ = sock.accept()
    connection.sendall(str(os.getpid()).encode())
    connection.close()
"""


def command(listener: int, life: int) -> list[str]:
    return [sys.executable, "-c", CHILD, str(listener), str(life)]


def ask(sock: socket.socket) -> int:
    with socket.create_connection(sock.getsockname(), SECONDS) as connection:
        return int(connection.recv(100))


def await_that(holds: Callable[[], bool]) -> None:
    clock, pause = SystemClock(), threading.Event()
    end = clock.monotonic() + SECONDS
    while not holds():
        assert clock.monotonic() < end
        pause.wait(0.02)


def test_a_child_that_ends_is_replaced_and_all_end_at_close() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        workers = Workers(command, 2, sock, SystemClock())
        try:
            await_that(lambda: len(workers.pids) == 2)
            first = workers.pids
            assert ask(sock) in first
            os.kill(first[0], signal.SIGKILL)
            await_that(lambda: len(set(workers.pids) - {first[0]}) == 2)
            assert ask(sock) in {*workers.pids, first[1]}
        finally:
            workers.close()
        assert workers.pids == []
        for pid in first:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_close_does_not_wait_out_the_pause_before_the_next_start() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        workers = Workers(lambda listener, life: [sys.executable, "-c", "raise SystemExit(3)"], 1, sock, SystemClock())
        workers.close()
        assert workers.pids == []
