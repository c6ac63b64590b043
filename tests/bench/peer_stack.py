"""A plain stack, for comparison: FastAPI, pydantic, ``eth_account``, and one synchronous SQLite commit a request.

``python -m tests.bench.peer_stack FOLDER`` prints its address and ends when its standard input does. It does what a
straightforward intake does: parse, hash as EIP-712, recover, look the uid up, insert, commit.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_typing import Hash32
from fastapi import FastAPI, HTTPException
from walras.digest import typed_data
from walras.wire import SubmitRequest
from walras_auction.server import serving

from .fakes import DOMAIN


def create_app(path: Path) -> FastAPI:
    """One route, as most would write it."""
    app = FastAPI()
    lock = threading.Lock()
    store = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE intents (uid TEXT PRIMARY KEY, body TEXT NOT NULL)")

    @app.post("/v1/intents", status_code=201)
    def submit(request: SubmitRequest) -> dict[str, Any]:
        document = typed_data(request.intent.intent(), DOMAIN)
        digest = bytes(_hash_eip191_message(encode_typed_data(full_message=document)))
        signer = Account._recover_hash(Hash32(digest), signature=bytes.fromhex(request.signature[2:]))
        if str(signer).lower() != request.intent.owner:
            raise HTTPException(422, "bad signature")
        uid = "0x" + digest.hex()
        with lock:
            cursor = store.execute("INSERT INTO intents VALUES (?, ?)", (uid, request.model_dump_json()))
        return {"uid": uid, "sequence": cursor.lastrowid}

    return app


if __name__ == "__main__":
    with serving(create_app(Path(sys.argv[1]) / "plain.sqlite")) as url:
        print(url, flush=True)
        sys.stdin.read()
