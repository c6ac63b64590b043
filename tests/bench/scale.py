"""``scale.api.1``, ``.2``, ``.4``: API processes over one Postgres, submissions over loopback."""

from __future__ import annotations

from collections.abc import Callable

from support.engines import PostgresServer, running

from .http_intake import PEER, bare, served_from, singles
from .intake import signed_parts
from .machine import usable_cores
from .measure import interleaved, per_second
from .rows import Row, row
from .sizes import Sizes


def bench(name: str) -> Callable[[Sizes], Row]:
    """The row of so many processes as ``name`` ends with."""
    workers = int(name.rsplit(".", 1)[1])
    return lambda sizes: _scale(sizes, name, workers)


def _scale(sizes: Sizes, name: str, workers: int) -> Row:
    warm, *parts = signed_parts(sizes.http, sizes.passes + 1)
    with running(PostgresServer(durable=True)) as server, served_from(server.url, workers) as url:
        singles(url, warm, sizes)()
        ours, peer = interleaved(
            lambda n: per_second(singles(url, parts[n], sizes), sizes.http), lambda n: bare(parts[n]), sizes.passes
        )
    detail = (
        f"{ours}; peer {peer}, alone on one core; {workers} API processes, one Postgres with flushed commits and the "
        f"client share {len(usable_cores())} cores; {sizes.connections} connections, one intent a request, receipts "
        "signed; chain facts from memory"
    )
    return row(name, ours.median, "intents/s", PEER, peer.median, detail, better="more")
