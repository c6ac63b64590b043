"""``intake.http``: single submissions over loopback into a house in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from walras.wire import SubmitRequest, canonical

from .crypto import bare_recovery, compact
from .http_load import post_request, send_all
from .intake import PEER, signed_parts
from .machine import ROOT
from .measure import BenchError, Samples, a_core, interleaved, on_core, per_second, the_other_cores
from .rows import Row, row
from .sizes import Sizes


def http(sizes: Sizes) -> Row:
    """Parse, verify, sequence, commit, answer: intents accepted a second."""
    # One part more than passes: the first one warms the server up.
    warm, *parts = signed_parts(sizes.http, sizes.passes + 1)
    core = a_core()
    with served(core) as url, on_core(the_other_cores(core)[0] if core is not None else None):
        _load(url, [request for _, request in warm], sizes)()
        ours, peer = _measure(url, parts, core, sizes)
    detail = (
        f"{ours}; peer {peer}; {sizes.connections} kept-alive connections, one intent a request, client on another "
        "core; server (uvicorn, one process) and peer on the same core; SQLite WAL, synchronous=FULL; chain facts "
        "from memory"
    )
    return row("intake.http", ours.median, "intents/s", PEER, peer.median, detail, better="more")


def _measure(
    url: str, parts: list[list[tuple[bytes, SubmitRequest]]], core: int | None, sizes: Sizes
) -> tuple[Samples, Samples]:
    loads = [_load(url, [request for _, request in part], sizes) for part in parts]
    recoveries = [[(digest, compact(request.signature)) for digest, request in part] for part in parts]

    def bare(number: int) -> float:
        with on_core(core):  # the server is idle meanwhile
            return bare_recovery(recoveries[number])()

    return interleaved(lambda n: per_second(loads[n], sizes.http), bare, sizes.passes)


def _load(url: str, requests: Sequence[SubmitRequest], sizes: Sizes) -> Callable[[], None]:
    """Sends them all; their bytes are made beforehand."""
    host = urlsplit(url).netloc
    bodies = [post_request("/v1/intents", host, canonical(one.to_json())) for one in requests]
    return lambda: send_all(url, bodies, sizes.connections, 201)


@contextlib.contextmanager
def served(core: int | None) -> Iterator[str]:
    """The address of a house in a process of its own, kept on ``core``."""
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.http_server", folder, str(-1 if core is None else core)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url:
                raise BenchError("the house did not start")
            try:
                yield url
            finally:
                process.communicate()  # closes its input, which ends it
