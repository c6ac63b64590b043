"""``intake.http``, ``intake.http.batch``: submissions over loopback into a house, and into a plain stack beside it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from walras.wire import canonical

from .crypto import bare_recovery, compact
from .http_load import post_request, send_all
from .intake import PEER, Part, signed_parts
from .machine import ROOT, usable_cores
from .measure import BenchError, Samples, interleaved, per_second
from .rows import Row, row
from .sizes import Sizes

#: Intents in one request of the batch endpoint.
BATCH = 250
#: How many times as many intents a pass has in batches: some requests each connection, as single ones have.
LONGER = 3
#: Connections that send batches, by core: few, but none of the processes may be left without one.
BATCH_CONNECTIONS = 4
#: What the plain stack is sent in a pass; it takes a thousandth of a second and more for each.
PLAIN_SHARE = 8


def http(sizes: Sizes) -> Row:
    """Parse, verify, sequence, commit, sign, answer: intents accepted a second, one a request."""
    warm, last, *parts = signed_parts(sizes.http, sizes.passes + 2)
    workers = len(usable_cores())
    with served(workers) as url, plain() as plain_url:
        singles(url, warm, sizes)()
        plain_part = warm[: max(len(warm) // PLAIN_SHARE, 1)]
        beside = per_second(singles(plain_url, plain_part, sizes), len(plain_part))
        ours, peer = interleaved(
            lambda n: per_second(singles(url, parts[n], sizes), sizes.http), lambda n: bare(parts[n]), sizes.passes
        )
        waits = sorted(singles(url, last, sizes, rate=ours.median / 2)())
    half = f"p50 {waits[len(waits) // 2] * 1e3:.1f} ms, p99 {waits[len(waits) * 99 // 100] * 1e3:.1f} ms"
    detail = (
        f"{ours}; peer {peer}, alone on one core; {sizes.connections} kept-alive connections, one intent a request; "
        f"{workers} API processes share {workers} cores with the client; SQLite WAL, synchronous=FULL, receipts "
        f"signed; chain facts from memory; at half that rate: {half}; a plain stack (FastAPI, pydantic, eth_account, "
        f"a commit a request), one process, the same client: {beside:,.0f}/s, {ours.median / beside:.1f} times less"
    )
    return row("intake.http", ours.median, "intents/s", PEER, peer.median, detail, better="more")


def batch(sizes: Sizes) -> Row:
    """The same with many intents a request, under one signature, beside one intent a request."""
    count = sizes.http * LONGER
    warm, *parts = signed_parts(2 * count + sizes.http, sizes.passes + 1)
    workers = len(usable_cores())
    signed: list[float] = []

    def each(part: Part) -> float:
        signed.append(per_second(_batches(url, part[count : 2 * count], "each"), count))
        return per_second(singles(url, part[2 * count :], sizes), sizes.http)

    with served(workers) as url:
        singles(url, warm[:count], sizes)()
        ours, peer = interleaved(
            lambda n: per_second(_batches(url, parts[n][:count], "last"), count),
            lambda n: each(parts[n]),
            sizes.passes,
        )
    with_each = Samples(tuple(signed))
    detail = (
        f'{ours}; single requests {peer}; {BATCH} intents a request, "receipts": "last", over '
        f"{workers * BATCH_CONNECTIONS} connections; with each receipt signed {with_each.median:,.0f}/s, "
        f"{with_each.median / peer.median:.2f} times one a request ({with_each}); otherwise as intake.http"
    )
    return row("intake.http.batch", ours.median, "intents/s", "one a request", peer.median, detail, better="more")


def bare(part: Part) -> float:
    """Recoveries a second of the same signatures, while the server is idle."""
    return bare_recovery([(digest, compact(request.signature)) for digest, request in part])()


def singles(url: str, part: Part, sizes: Sizes, rate: float | None = None) -> Callable[[], list[float]]:
    """Sends them one by one; their bytes are made beforehand."""
    host = urlsplit(url).netloc
    bodies = [post_request("/v1/intents", host, canonical(request.to_json())) for _, request in part]
    return lambda: send_all(url, bodies, sizes.connections, 201, rate)


def _batches(url: str, part: Part, receipts: str) -> Callable[[], list[float]]:
    host = urlsplit(url).netloc
    groups = [part[start : start + BATCH] for start in range(0, len(part), BATCH)]
    bodies = [
        canonical({"intents": [request.to_json() for _, request in group], "receipts": receipts}) for group in groups
    ]
    requests = [post_request("/v1/intents/batch", host, body) for body in bodies]
    return lambda: send_all(url, requests, len(usable_cores()) * BATCH_CONNECTIONS, 200)


@contextlib.contextmanager
def served(workers: int = 1) -> Iterator[str]:
    """The address of a house in ``workers`` processes of its own."""
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder, served_from(folder, workers) as url:
        yield url


@contextlib.contextmanager
def served_from(where: str, workers: int) -> Iterator[str]:
    """The same with its store in the folder, or the database, ``where``."""
    with _child("http_server", where, workers) as url:
        yield url


@contextlib.contextmanager
def plain() -> Iterator[str]:
    """The address of the plain stack."""
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder, _child("peer_stack", folder) as url:
        yield url


@contextlib.contextmanager
def _child(module: str, *arguments: object) -> Iterator[str]:
    command: Sequence[str] = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise BenchError(f"{module} did not start")
        try:
            yield url
        finally:
            process.communicate()  # closes its input, which ends it
