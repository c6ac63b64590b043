"""A server on loopback that answers every POST as a test scripts it, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[[BaseHTTPRequestHandler], None]


class Scripted(ThreadingHTTPServer):
    """``script`` answers requests to ``/solve``; others get 200. ``released`` ends those that wait."""

    daemon_threads = True
    script: Script
    sent: queue.Queue[tuple[str, bytes]]
    released: threading.Event

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.sent.put((self.path, body))
        with contextlib.suppress(OSError):
            if self.path.endswith("/solve"):
                self.server.script(self)
            else:
                reply(b"")(self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def reply(body: bytes, status: int = 200, **headers: str) -> Script:
    """A whole answer."""

    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return script


@contextlib.contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    server = Scripted(("127.0.0.1", 0), _Handler)
    server.script, server.sent, server.released = script, queue.Queue(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
