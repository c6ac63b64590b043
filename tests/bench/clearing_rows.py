"""``clearing.*``: the clearing engine on recorded and generated batches, called as a house's solver process calls it.

* ``clearing.497`` and ``clearing.803``: surplus in whole reference tokens at recorded prices, beside the best that ten
  minutes of random price search with exact fills found (``referee``; kept in ``examples/data/referee.json``). Gas is
  free there, as it was for the referee.
* ``clearing.rings``: surplus on crossing pairs and rings, beside the exact best of pair-by-pair matching.
* ``….ms``: the time for an answer, beside the time that is allowed for it.

Every answer is checked against the rules of the house in rational numbers.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from walras.testing.generate import recorded_like
from walras.testing.generate_rings import rings_and_pairs
from walras.wire import Batch, Solution
from walras_solvers.clearing import ClearingSolver

from .clearing_batches import RECORDED, Recorded, book_of, exact_surplus, recorded, score
from .clearing_lp import MOST_PASSES
from .clearing_memory import peak_mib
from .measure import BenchError, Samples
from .referee import ANSWERS
from .referee_pairs import pair_by_pair
from .rows import Row, row
from .sizes import Sizes

_ALLOWED_MS = {"497": 2_000, "803": 2_000, "10k": 3_000, "100k": 20_000}
_TOKENS = {"10k": 80, "100k": 50}
_WEI = 10**18


def surplus(name: str) -> Callable[[Sizes], Row]:
    """The surplus on a recorded batch."""

    def run(sizes: Sizes) -> Row:
        task = recorded(name, _deadline(name, sizes.books[f"clearing.{name}"]))
        best, worth = _best(_answer(task.batch)[0], task.batch)
        reached, stored = float(worth / task.unit), _stored(name)
        pairs = sum(one.surplus for one in pair_by_pair(book_of(task.batch))) * _WEI / float(task.unit)
        detail = (
            f"{stored['unit']}; {reached / pairs:.6f} of pair-by-pair ({pairs:.6g}); "
            f"{_fills_gap(best, task):.1e} below the exact fills at its own prices; at clearing prices "
            f"{exact_surplus(best, task.batch, 'clearing') * _WEI / float(task.unit):.6g}, the referee's best "
            f"{_clearing_best(name, stored):.6g}; {len(best.fills)} fills; referee: {stored['command']}"
        )
        peer = f"referee, {stored['prices_tried']} prices"
        return row(f"clearing.{name}", reached, "tokens", peer, stored["surplus"], detail, better="more")

    return run


def speed(name: str) -> Callable[[Sizes], Row]:
    """Milliseconds from the batch to the answer, within the time that is allowed."""

    def run(sizes: Sizes) -> Row:
        key = f"clearing.{name}.ms"
        batch, allowed = _batch(name, sizes), _ALLOWED_MS[name]
        _answer(batch)  # compiled kernels are loaded once a process
        answers = [_answer(batch) for _ in range(min(sizes.passes, MOST_PASSES))]
        taken = Samples(tuple(spent for _, spent in answers))
        best, worth = _best(answers[-1][0], batch)
        detail = f"{len(batch.intents)} intents, {len(batch.tokens)} tokens, {len(best.fills)} fills; {taken}"
        if name == "10k":
            longer = batch.model_copy(update={"deadline_ms": 10 * batch.deadline_ms})
            detail += f"; {float(worth / _best(_answer(longer)[0], longer)[1]):.5f} of what ten times as long reaches"
        if name == "100k":
            detail += f"; {peak_mib(batch):,.0f} MiB at most in a solver process of its own, the parsing included"
        return row(key, taken.median, "ms", "allowed", allowed, detail, better="less")

    return run


def rings(sizes: Sizes) -> Row:
    """The surplus on crossing pairs and rings, in whole native coins."""
    batch = rings_and_pairs(sizes.books["clearing.rings"], 8, 1, deadline_ms=5_000)
    best, worth = _best(_answer(batch)[0], batch)
    pairs = sum(one.surplus for one in pair_by_pair(book_of(batch)))
    detail = f"{len(batch.intents)} intents, 8 tokens, {len(best.fills)} fills; whole native coins"
    return row(
        "clearing.rings", float(worth / _WEI), "tokens", "best pair-by-pair matching", pairs, detail, better="more"
    )


def _batch(name: str, sizes: Sizes) -> Batch:
    count = sizes.books[f"clearing.{name}.ms"]
    if name in RECORDED:
        return recorded(name, _deadline(name, count)).batch
    # Ten orders a token at least, or there would be none to trade with.
    return _generated(count, min(_TOKENS[name], max(count // 10, 2)), _deadline(name, count))


def _deadline(name: str, count: int) -> int:
    """What is allowed, and less where only few orders are asked for; a recorded batch is always the whole one."""
    return min(_ALLOWED_MS[name], 5 * count)


@cache
def _generated(count: int, tokens: int, deadline_ms: int) -> Batch:
    return recorded_like(count, tokens, 1, deadline_ms=deadline_ms)


def _answer(batch: Batch) -> tuple[list[Solution], float]:
    """The engine's solutions and the milliseconds they took."""
    began = time.perf_counter()
    solutions = list(ClearingSolver().solve(batch))
    return solutions, 1000 * (time.perf_counter() - began)


def _best(solutions: list[Solution], batch: Batch) -> tuple[Solution, Any]:
    """The solution with the highest score and that score in wei; all must be valid."""
    if not solutions:
        raise BenchError("the engine has no answer")
    scores = [score(solution, batch) for solution in solutions]
    place = max(range(len(scores)), key=scores.__getitem__)
    return solutions[place], scores[place]


def _fills_gap(solution: Solution, task: Recorded) -> float:
    """How far the fills are below the linear programme's at the same prices, relative; 0 if they are above.

    They can be a little above: the programme lets no order trade beyond its limit by an atom's rounding.
    """
    exact = exact_surplus(solution, task.batch, "recorded") * _WEI
    return max(1 - float(score(solution, task.batch)) / exact, 0.0) if exact > 0 else 0.0


def _stored(name: str) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads(ANSWERS.read_text())[RECORDED[name]]
    recorded_answer: dict[str, Any] = answers["recorded"]
    return recorded_answer


def _clearing_best(name: str, stored: dict[str, Any]) -> float:
    """The most the referee found at clearing prices, whichever it searched for."""
    answers = json.loads(ANSWERS.read_text())[RECORDED[name]]
    other = answers.get("clearing")
    return float(max(stored["surplus_at_clearing_prices"], other["surplus"] if other else 0.0))
