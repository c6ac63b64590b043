"""``memory.*``, ``restart.1m``, ``close.1m``: what a book of very many open intents costs.

The intents are real and sequenced by the real store; their signatures are not checked on the way in, since none of
these figures is about that. What is measured runs in a process of its own: ``python -m tests.bench.million FILE``.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from walras.digest import intent_digest
from walras.intent import Intent
from walras.wire import GasTerms, TokenInfo
from walras_auction.api.house import House
from walras_auction.candidates import atom_prices
from walras_auction.clock import SystemClock
from walras_auction.close import ChainView, RoundTerms, close
from walras_auction.infra.record.sqlite import SqliteDialect
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry
from walras_auction.ports import NewEntry, TokenFacts
from walras_auction.server import settle_heap

from .crypto import VALID_TO
from .fakes import CONTRACTS, DOMAIN, HOUSE, FundedChain
from .machine import ROOT
from .measure import BenchError
from .orders import token_address
from .rows import Row, row
from .sizes import Sizes

SIGNATURE = "0x" + "5a" * 64 + "1b"
TOKENS = tuple(
    TokenInfo(address=token_address(name), symbol=name, decimals=18, price=10**18 // (place + 1))
    for place, name in enumerate(("WETH", "USDC", "DAI", "WBTC", "USDT", "UNI", "LINK", "AAVE"))
)
#: Entries to a commit while the store is filled.
GROUP = 1024
BATCH = 10_000


def memory(sizes: Sizes, name: str) -> Row:
    """Resident memory of a house that holds them all, beside the bytes of their log entries."""
    figures = _measured(sizes.books[name])
    detail = (
        f"{figures['count']:,} open intents of {figures['owners']:,} owners; resident after start and one look at the "
        f"book; the whole process, of which {figures['before'] / 1e6:,.0f} MB before the store was opened"
    )
    peer = "their log entries alone"
    return row(name, figures["resident"] / 1e6, "MB", peer, figures["bytes"] / 1e6, detail, better="less")


def restart(sizes: Sizes) -> Row:
    """From a closed store to a house that serves and knows its book."""
    figures = _measured(sizes.books["restart.1m"])
    detail = (
        f"{figures['count']:,} open intents; opened, index and book read, first question answered; the peer reads the "
        "same rows and keeps nothing; file in the page cache for both"
    )
    return row(
        "restart.1m",
        figures["start"] * 1e3,
        "ms",
        "SELECT of the entries",
        figures["scan"] * 1e3,
        detail,
        better="less",
    )


def closing(sizes: Sizes) -> Row:
    """A batch of the best-funded, from a book that is up to date, with the chain's answers at hand."""
    figures = _measured(sizes.books["close.1m"])
    detail = (
        f"{figures['batch']:,} of {figures['count']:,} open intents: chosen by what their owners could give, read from "
        "their entries, put into a batch; the chain's facts about them come from memory; the peer parses the JSON of "
        "as many entries"
    )
    return row("close.1m", figures["close"] * 1e3, "ms", "json.loads", figures["parse"] * 1e3, detail, better="less")


@lru_cache(maxsize=4)
def _measured(count: int) -> dict[str, float]:
    """One store of ``count`` open intents, looked at by a process of its own."""
    with _filled(count) as path:
        command = [sys.executable, "-m", "tests.bench.million", str(path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout)
    if found["count"] != count:
        raise BenchError(f"{found['count']} of {count} intents came back")
    return found


@contextlib.contextmanager
def _filled(count: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        path = Path(folder) / "walras.sqlite"
        store = RecordStore(SqliteDialect(path))
        draw = random.Random(count)
        try:
            for start in range(0, count, GROUP):
                entries = [_entry(draw, number) for number in range(start, min(start + GROUP, count))]
                store.accept(entries, VALID_TO - 1)
        finally:
            store.close()
        yield path


def _entry(draw: random.Random, number: int) -> NewEntry:
    owner = f"0x{number // 4 + 1:040x}"
    give, want = draw.sample(TOKENS, 2)
    amount = round(draw.lognormvariate(42, 2)) + 1
    intent = Intent.sell(
        owner, (give.address, amount), (want.address, amount), valid_to=VALID_TO, nonce=number % 4, min_fill=1
    )
    return intent_entry("0x" + intent_digest(intent, DOMAIN).hex(), intent, SIGNATURE)


# ------------------------------------------------------------ the process that is measured


def look(path: Path) -> dict[str, float]:
    """Open the house on ``path``; what it took."""
    before = _resident()
    began = time.perf_counter()
    house = House.open(path, FundedChain(TOKENS), SystemClock(), HOUSE)
    count = house.store.open_count()
    started = time.perf_counter() - began
    resident = _resident()
    settle_heap()  # as a house does once it is open
    prices = atom_prices(TOKENS)
    house.store.shortlist(1, prices)
    began = time.perf_counter()
    chosen = house.store.shortlist(min(BATCH, count), prices)
    pairs = {(one.intent.owner, leg.token): _RICH for one in chosen for leg in one.intent.gives}
    nonces = {one.uid: (0, False, False, 0) for one in chosen}
    view = ChainView(1, VALID_TO - 1000, pairs, nonces, ())
    batch = close(1, chosen, view, VALID_TO - 999, _TERMS, CONTRACTS, DOMAIN.chain_id, TOKENS)
    closed = time.perf_counter() - began
    house.close()
    began = time.perf_counter()
    reader = SqliteDialect(path).open_reader()
    size = sum(len(body) for (body,) in reader.execute("SELECT body FROM log"))
    scanned = time.perf_counter() - began
    bodies = [body for (body,) in reader.execute("SELECT body FROM log LIMIT ?", (BATCH,))]
    began = time.perf_counter()
    parsed = [json.loads(body) for body in bodies]
    return {
        "count": count,
        "owners": len(range(0, count, 4)),
        "before": before,
        "resident": resident,
        "bytes": size,
        "start": started,
        "scan": scanned,
        "close": closed,
        "batch": len(batch.intents),
        "parse": time.perf_counter() - began,
        "parsed": len(parsed),
    }


_RICH = TokenFacts(10**40, 10**40)
_TERMS = RoundTerms(
    GasTerms(price=1, base=1, per_fill=1, per_interaction=1, margin_bps=0, limit=10**9), batch_size=BATCH
)


def _resident() -> int:
    """Bytes of memory that this process holds now."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(look(Path(sys.argv[1]))))
