"""The peer of ``router.200``: the same problem in cvxpy, solved by Clarabel. Run as a program of its own.

cvxpy and OR-Tools must not meet in one process. Reads ``{"pools": [[i, j, reserve i, reserve j, kept]], "tokens": n,
"start": s, "end": e, "amount": a}`` on standard input; writes ``{"seconds": t, "earned": atoms}``. Trades are counted
in parts of each pool's own reserves: unscaled, the solver's answers are wrong.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import cvxpy
import numpy as np


def solve(problem: dict[str, Any]) -> tuple[float, float]:
    """(seconds of modelling and solving, atoms earned)."""
    began = time.perf_counter()
    pools, tokens = problem["pools"], problem["tokens"]
    given, taken = cvxpy.Variable((len(pools), 2), nonneg=True), cvxpy.Variable((len(pools), 2), nonneg=True)
    kept = np.array([pool[4] for pool in pools])[:, None]
    after = 1 + cvxpy.multiply(np.repeat(kept, 2, axis=1), given) - taken
    rules: list[Any] = [cvxpy.geo_mean(after[k]) >= 1 for k in range(len(pools))]
    worth = _prices(pools, tokens)
    scale = problem["amount"] * worth[problem["start"]]
    net: list[Any] = [0.0] * tokens
    for k, (i, j, reserve_i, reserve_j, _) in enumerate(pools):
        net[i] = net[i] + (taken[k, 0] - given[k, 0]) * (reserve_i * worth[i] / scale)
        net[j] = net[j] + (taken[k, 1] - given[k, 1]) * (reserve_j * worth[j] / scale)
    net[problem["start"]] = net[problem["start"]] + 1.0
    rules += [net[token] >= 0 for token in range(tokens) if token != problem["end"]]
    program = cvxpy.Problem(cvxpy.Maximize(net[problem["end"]]), rules)
    program.solve(solver=cvxpy.CLARABEL)
    return time.perf_counter() - began, float(program.value) * scale / worth[problem["end"]]


def _prices(pools: list[Any], tokens: int) -> list[float]:
    """Rough prices along the path of pools that joins all tokens."""
    worth = [1.0] * tokens
    for i, j, reserve_i, reserve_j, _ in pools[: tokens - 1]:
        worth[j] = worth[i] * reserve_i / reserve_j
    return worth


if __name__ == "__main__":
    seconds, earned = solve(json.load(sys.stdin))
    print(json.dumps({"seconds": seconds, "earned": earned}))
