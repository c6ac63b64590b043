"""The batches that the clearing engine is measured on, and what its answers are worth."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from walras.testing.generate import Draft, batch_of
from walras.testing.market import address_of
from walras.wire import Batch, Solution, TokenInfo

from .machine import ROOT
from .measure import BenchError
from .referee_book import Book, Floats
from .referee_fills import Valued, best_fills

DATA = ROOT / "examples" / "data"
RECORDED = {"497": "batch-5342282-497-orders.json", "803": "batch-803-orders.json"}
_CHECKER = ROOT / "tests" / "solvers" / "solver_checker.py"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded batch for an engine; ``unit`` is wei of the native coin for a whole reference token."""

    batch: Batch
    unit: Fraction


def recorded(name: str, deadline_ms: int) -> Recorded:
    """The funded orders between tokens with a recorded price, gas being free."""
    raw = json.loads((DATA / RECORDED[name]).read_text())
    keys = sorted(
        (key for key, token in raw["tokens"].items() if token), key=lambda key: raw["tokens"][key]["alias"] != "WETH"
    )
    native = raw["tokens"][keys[0]]["externalPrice"]
    tokens = [_token(raw["tokens"][key], native) for key in keys]
    drafts, purses = [], dict[tuple[str, str], int]()
    for order in raw["orders"]:
        account, sell, buy = order["accountID"], order["sellToken"], order["buyToken"]
        held = int(raw["accounts"].get(account, {}).get(sell, 0))
        amount = int(order["sellAmount"])
        gives = min(amount, held)
        if gives > 0 and int(order["buyAmount"]) > 0 and {sell, buy} <= set(keys):
            # Rounded up: the limit is no worse for the trader than the recorded one.
            wants = -(-int(order["buyAmount"]) * gives // amount)
            purse = purses.setdefault((account, sell), len(purses))
            drafts.append(Draft(purse, keys.index(sell), keys.index(buy), gives, wants, held))
    return Recorded(batch_of(tokens, drafts, deadline_ms=deadline_ms), Fraction(10**36, native))


def _token(token: dict[str, Any], native: int) -> TokenInfo:
    price = token["externalPrice"] * 10**18 // native
    address = address_of(f"token:{token['alias']}")
    return TokenInfo(address=address, symbol=token["alias"], decimals=token["decimals"], price=price)


def book_of(batch: Batch) -> Book:
    """A batch of sells with one leg a side as the referee sees it; surplus then counts whole native coins."""
    at = {token.address: index for index, token in enumerate(batch.tokens)}
    available = {(entry.owner, entry.token): entry.available for entry in batch.funds}
    keys = sorted(available)
    purses = {key: index for index, key in enumerate(keys)}
    sides = [(entry.intent.owner, entry.intent.gives[0], entry.intent.wants[0]) for entry in batch.intents]
    return Book(
        tokens=tuple(token.symbol for token in batch.tokens),
        recorded=np.array([(token.price or 0) / 1e18 for token in batch.tokens]),
        give=np.array([at[give.token] for _, give, _ in sides]),
        want=np.array([at[want.token] for _, _, want in sides]),
        most=np.array([float(give.end) for _, give, _ in sides]),
        limit=np.array([want.end / give.end for _, give, want in sides]),
        purse=np.array([purses[owner, give.token] for owner, give, _ in sides]),
        funds=np.array([float(available[key]) for key in keys]),
    )


def score(solution: Solution, batch: Batch) -> Fraction:
    """Wei of surplus of a solution that the house would accept. Raises ``BenchError`` if it would not."""
    try:
        return _check()(solution, batch).score  # type: ignore[no-any-return]
    except AssertionError as error:
        raise BenchError(f"the answer is not valid: {error}") from error


def exact_surplus(solution: Solution, batch: Batch, valued: Valued) -> float:
    """The most that linear programming finds at the solution's own prices, in whole native coins."""
    return best_fills(_traded(solution, batch), _log_prices(solution, batch), valued).surplus


def _traded(solution: Solution, batch: Batch) -> Book:
    """The book of the orders between tokens that the solution has prices for."""
    orders = [
        entry
        for entry in batch.intents
        if {entry.intent.gives[0].token, entry.intent.wants[0].token} <= set(solution.prices)
    ]
    return book_of(batch.model_copy(update={"intents": tuple(orders)}))


def _log_prices(solution: Solution, batch: Batch) -> Floats:
    return np.log([float(solution.prices.get(token.address, 1)) for token in batch.tokens])


def _check() -> Callable[[Solution, Batch], Any]:
    """The rules of the house as the tests hold them, in rational numbers; in no package, so loaded by its path."""
    name = "clearing_checker"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _CHECKER)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    check: Callable[[Solution, Batch], Any] = sys.modules[name].check
    return check
