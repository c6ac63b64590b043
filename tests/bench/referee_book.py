"""A recorded batch as the referee sees it: arrays of sell orders, read from the file and sharing no engine code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Book:
    """Sell orders by number. ``recorded`` are values of an atom in the reference token's atoms.

    ``most`` is what an order gives at most (the lesser of its amount and its account's balance), ``limit`` the atoms it
    wants at least for an atom given. Orders of one account that give one token share a balance: ``purse`` numbers it,
    ``funds`` says how much it holds.
    """

    tokens: tuple[str, ...]
    recorded: Floats
    give: Indexes
    want: Indexes
    most: Floats
    limit: Floats
    purse: Indexes
    funds: Floats


def read_book(path: Path) -> Book:
    """The funded orders of a recorded batch of Gnosis Protocol v1 between tokens that have a recorded price.

    Nobody with a balance gives a token without one in either recorded batch, so orders that want one cannot trade.
    """
    raw = json.loads(path.read_text())
    names = [name for name, token in raw["tokens"].items() if token is not None]
    rows, purses = [], dict[tuple[str, str], int]()
    funds: list[float] = []
    for order in raw["orders"]:
        held = int(raw["accounts"].get(order["accountID"], {}).get(order["sellToken"], 0))
        gives, asks = int(order["sellAmount"]), int(order["buyAmount"])
        if min(gives, held, asks) <= 0 or not {order["sellToken"], order["buyToken"]} <= set(names):
            continue
        key = (order["accountID"], order["sellToken"])
        if key not in purses:
            purses[key] = len(funds)
            funds.append(float(held))
        sides = names.index(order["sellToken"]), names.index(order["buyToken"])
        rows.append((*sides, float(min(gives, held)), asks / gives, purses[key]))
    give, want, most, limit, purse = zip(*rows, strict=True)
    return Book(
        tokens=tuple(raw["tokens"][name]["alias"] for name in names),
        recorded=np.array([raw["tokens"][name]["externalPrice"] / 1e18 for name in names]),
        give=np.array(give),
        want=np.array(want),
        most=np.array(most),
        limit=np.array(limit),
        purse=np.array(purse),
        funds=np.array(funds),
    )
