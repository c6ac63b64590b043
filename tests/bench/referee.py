"""``python -m tests.bench.referee FILE --minutes 10 --seed N``: what is the most that a recorded batch could clear for?

A random search over prices with exact fills (``referee_search``), and the exact best of pair-by-pair matching
(``referee_pairs``). The answers are kept in ``examples/data/referee.json`` with how they came about, so that a
benchmark of the clearing engine need not search for ten minutes each time.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from .machine import ROOT, this_commit, this_machine
from .referee_book import Book, read_book
from .referee_fills import Valued, best_fills
from .referee_pairs import pair_by_pair, starts
from .referee_search import Found, search

ANSWERS = ROOT / "examples" / "data" / "referee.json"


def answer(path: Path, valued: Valued, minutes: float, seed: int) -> dict[str, Any]:
    """The search's best, as it is stored; prices are atoms of the reference token for 10^18 atoms."""
    book = read_book(path)
    found = search(book, valued, minutes, seed, starts(book))
    return {
        "command": f"python -m tests.bench.referee {path.name} --minutes {minutes:g} --seed {seed} --valued {valued}",
        "machine": str(this_machine()),
        "commit": str(this_commit()),
        "source": "gnosis/dex-open-solver, test instances (Apache-2.0)",
        "unit": f"whole {book.tokens[0]}, at {valued} prices",
        "prices_tried": found.tried,
        "surplus": found.surplus,
        "prices": _scaled(book, found),
        "pair_by_pair": sum(one.surplus for one in pair_by_pair(book)),
        **_otherwise(book, found, valued),
    }


def _otherwise(book: Book, found: Found, valued: Valued) -> dict[str, float]:
    """The same prices under the other valuation."""
    other: Valued = "clearing" if valued == "recorded" else "recorded"
    return {f"surplus_at_{other}_prices": best_fills(book, found.prices, other).surplus}


def _scaled(book: Book, found: Found) -> dict[str, float]:
    level = found.prices - found.prices[0]
    return {name: float(f"{price:.15g}") for name, price in zip(book.tokens, np.exp(level) * 1e18, strict=True)}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.referee", description=__doc__)
    parser.add_argument("file", type=Path, help="a recorded batch, by path or by its name in examples/data")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--valued", choices=["recorded", "clearing"], default="recorded")
    options = parser.parse_args(arguments)
    path = options.file if options.file.is_file() else ROOT / "examples" / "data" / options.file
    print(json.dumps(answer(path, options.valued, options.minutes, options.seed), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
