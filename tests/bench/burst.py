"""``cancel.burst``: very many cancels at once, one a request, while others go on submitting."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from walras.cancels import cancel_request
from walras.digest import intent_digest, keccak
from walras.intent import Intent
from walras.signing import Signer
from walras.wire import canonical
from walras_auction.infra.record.sqlite import SqliteDialect
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry

from .crypto import VALID_TO
from .fakes import DOMAIN
from .http_intake import bare, served_from
from .http_load import post_request, send_all
from .intake import PEER, request_of, signed_parts
from .machine import usable_cores
from .measure import BenchError, per_second
from .million import SIGNATURE
from .orders import token_address
from .rows import Row, row
from .sizes import Sizes

OWNERS = 500
#: New intents a second while the cancels come; the bound of how long one of them may wait for its receipt.
ADDS_PER_SECOND = 50.0
ADD_SECONDS = 1.0


def burst(sizes: Sizes) -> Row:
    """Cancels a second; every accepted intent and every cancel is in the log, every new intent was acknowledged."""
    count, adds = sizes.burst, max(sizes.burst // 100, 4)
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        path = Path(folder) / "walras.sqlite"
        signers = [Signer(keccak(f"walras burst {number}".encode())) for number in range(OWNERS)]
        uids = _fill(path, signers, count)
        with served_from(folder, len(usable_cores())) as url:
            host = urlsplit(url).netloc
            cancels = [
                canonical(cancel_request(uid, signers[number % OWNERS], DOMAIN).to_json())
                for number, uid in enumerate(uids)
            ]
            burst_requests = [post_request("/v1/cancels", host, body) for body in cancels]
            fresh = [_submission(signers[number % OWNERS], 10**9 + number) for number in range(adds)]
            add_requests = [post_request("/v1/intents", host, body) for body in fresh]
            with ThreadPoolExecutor(1) as pool:
                adding = pool.submit(send_all, url, add_requests, 8, 201, ADDS_PER_SECOND)
                rate = per_second(lambda: send_all(url, burst_requests, sizes.connections, 200), count)
                waits = sorted(adding.result())
        _check(path, count, adds)
    alone = bare(signed_parts(sizes.http, 1)[0])
    p99 = waits[len(waits) * 99 // 100] * 1e3
    detail = (
        f"{count:,} cancels, one a request, over {sizes.connections} connections, signed by {OWNERS} owners; all "
        f"logged ({2 * count + adds:,} entries, the chain verifies); {adds:,} intents submitted meanwhile, "
        f"{ADDS_PER_SECOND:.0f} a second, each acknowledged, p99 {p99:,.0f} ms (bound {ADD_SECONDS * 1e3:,.0f}); the "
        "client shares the cores; the peer recovers signatures alone on one core"
    )
    return row("cancel.burst", rate, "cancels/s", PEER, alone, detail, better="more")


def _fill(path: Path, signers: list[Signer], count: int) -> list[str]:
    """Open intents of these owners, straight into the store; their uids."""
    store = RecordStore(SqliteDialect(path))
    uids = []
    try:
        for start in range(0, count, 1024):
            entries = []
            for number in range(start, min(start + 1024, count)):
                intent = _intent(signers[number % len(signers)], number)
                uids.append("0x" + intent_digest(intent, DOMAIN).hex())
                entries.append(intent_entry(uids[-1], intent, SIGNATURE))
            store.accept(entries, VALID_TO - 1)
    finally:
        store.close()
    return uids


def _intent(signer: Signer, nonce: int) -> Intent:
    give, want = (token_address("WETH"), 10**18 + nonce), (token_address("USDC"), 10**9)
    return Intent.sell(signer.address, give, want, valid_to=VALID_TO, nonce=nonce, min_fill=1)


def _submission(signer: Signer, nonce: int) -> bytes:
    intent = _intent(signer, nonce)
    return canonical(request_of(intent, signer.sign(intent_digest(intent, DOMAIN))).to_json())


def _check(path: Path, count: int, adds: int) -> None:
    store = RecordStore(SqliteDialect(path))
    try:
        store.verify_chain()
        length, counts = store.snapshot(0).log_length, store.counts()
    finally:
        store.close()
    if length != 2 * count + adds or counts != {"cancelled": count, "open": adds}:
        raise BenchError(f"the log has {length} entries, intents stand {counts}")
