"""HTTP by hand: bytes to a socket, whatever comes back, and the answers in it."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

#: A house that has said nothing for so long hangs.
PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    """One answer; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection to the house at ``url``."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._socket = socket.create_connection((where.hostname, where.port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def send(self, *pieces: bytes) -> None:
        """Send the pieces one after the other; a house that has hung up meanwhile does not mind."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                self._socket.sendall(piece)

    def hang_up(self) -> None:
        """Close at once, without a word of farewell (RST)."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def finish(self) -> None:
        """Say that nothing more will come."""
        with contextlib.suppress(OSError):  # the house was faster
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self) -> Answer | None:
        """The next answer; None if the house closed the connection. Raises ``TimeoutError`` if it does neither."""
        while b"\r\n\r\n" not in self._read:
            if not self._more():
                return None
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        if status == 100:
            return Answer(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Answer(status, headers, self._chunks())
        length = int(headers.get("content-length", "0"))
        while len(self._read) < length and self._more():
            pass
        body, self._read = self._read[:length], self._read[length:]
        if not headers.keys() & {"content-length"}:
            while self._more():
                pass
            body, self._read = self._read, b""
        return Answer(status, headers, body)

    def answers(self) -> list[Answer]:
        """All answers until the house closes the connection."""
        found = []
        while (one := self.answer()) is not None:
            found.append(one)
        return found

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._read:
                self._more()
            size, _, self._read = self._read.partition(b"\r\n")
            wanted = int(size, 16) + 2
            while len(self._read) < wanted and self._more():
                pass
            body, self._read = body + self._read[: wanted - 2], self._read[wanted:]
            if wanted == 2:
                return body

    def _more(self) -> bool:
        try:
            data = self._socket.recv(65_536)
        except (ConnectionResetError, BrokenPipeError):
            return False
        self._read += data
        return bool(data)


def post(path: str, body: bytes, *headers: str, length: int | str | None = None) -> bytes:
    """A request as bytes; ``length`` is what it says of its body instead of the truth."""
    said = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "Host: house", "Content-Type: application/json", f"Content-Length: {said}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def chunked(path: str, chunks: Sequence[bytes], end: bytes = b"0\r\n\r\n", *headers: str) -> bytes:
    """A request whose body comes in chunks."""
    lines = [f"POST {path} HTTP/1.1", "Host: house", "Content-Type: application/json", "Transfer-Encoding: chunked"]
    head = "\r\n".join([*lines, *headers, "", ""]).encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end
