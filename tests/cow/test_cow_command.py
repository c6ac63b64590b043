"""``walras solver serve``: what it says when it cannot."""

from __future__ import annotations

import socket
import subprocess
import sys


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "walras.cli", "solver", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_an_engine_that_is_not_installed_is_named() -> None:
    done = serve("nobody", "--port", "0")
    assert done.returncode == 1
    assert "no solver is installed under the name 'nobody'" in done.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = serve("naive", "--processes", "1", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "in use" in done.stderr


def test_another_protocol_is_not_known() -> None:
    assert serve("naive", "--protocol", "carrier-pigeon").returncode == 2
