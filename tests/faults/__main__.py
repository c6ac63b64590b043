"""``python -m tests.faults``: the campaign at length. Exits with 1 at the first thing that must never happen."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.engines import PostgresServer, running
from support.town import a_town
from walras_auction.faultpoints import POINTS

from .campaign import run


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="houses; each is killed once at every point")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow")
    parser.add_argument("--store", choices=("sqlite", "postgres", "both"), default="both", help="in turn, if both")
    given = parser.parse_args(arguments)
    total: Counter[str] = Counter()
    nonce = 0
    with ExitStack() as stack:
        town = stack.enter_context(a_town())
        stores = ["sqlite", "postgres"] if given.store == "both" else [given.store]
        server = stack.enter_context(running(PostgresServer(durable=True))) if "postgres" in stores else None
        for number in range(given.runs):
            store, seed = stores[number % len(stores)], given.seed + number
            where = server.new_database() if server is not None and store == "postgres" else None
            found, nonce = run(town, seed, nonce, where=where)
            total.update(found)
            print(f"run {number + 1} of {given.runs}: seed {seed}, {store}: {found}", flush=True)
    seeds = f"seeds {given.seed} to {given.seed + given.runs - 1}"
    print(f"survived: {given.runs} runs of {len(POINTS)} points, {seeds}; {dict(total)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
