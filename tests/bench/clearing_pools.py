"""Clearing beside the recorded pools of every kind: what all kinds are worth beside constant products alone.

Orders are sells between tokens of five recorded pools or more, of 0.1 to 50 WETH's worth, with limits up to 3 % below
the recorded price and a little above it. Beside the row's peer, the detail names what the router's bids are worth that
can settle together, the best first. Every answer is checked against the rules of the house in rational numbers.
"""

from __future__ import annotations

import json
import random

from walras.testing.generate import Draft, batch_of
from walras.wire import Batch, Pool, Solution, TokenInfo
from walras_solvers.clearing import ClearingSolver
from walras_solvers.router import RouterSolver

from .clearing_batches import score
from .measure import BenchError
from .router_pools import RECORDED, recorded
from .rows import Row, row
from .sizes import Sizes

_WEI = 10**18
_SYMBOLS = ("WETH", "DAI", "USDC", "USDT", "WBTC", "COMP", "UNI", "AAVE", "YFI")
_DEADLINE_MS = 5_000


def pooled(count: int, seed: int, deadline_ms: int = _DEADLINE_MS) -> Batch:
    """A batch of ``count`` sells beside the 53 recorded pools; gas is free."""
    raw = json.loads(RECORDED.read_text())["tokens"]
    pools, addresses = recorded()
    tokens = [
        TokenInfo(
            address=addresses[symbol],
            symbol=symbol,
            decimals=raw[addresses[symbol]]["decimals"],
            price=int(raw[addresses[symbol]]["external_price"] * _WEI),
        )
        for symbol in _SYMBOLS
    ]
    draw, drafts = random.Random(seed), []
    for number in range(count):
        give, want = draw.sample(range(len(tokens)), 2)
        wei = 10 ** draw.uniform(17, 19.7)
        gives, wants = (int(wei * _WEI / (tokens[place].price or 1)) for place in (give, want))
        drafts.append(Draft(number, give, want, gives, int(wants * draw.uniform(0.97, 1.003)), gives))
    batch = batch_of(tokens, drafts, deadline_ms=deadline_ms)
    return batch.model_copy(update={"pools": tuple(pools.values())})


def constant_only(batch: Batch) -> Batch:
    """The batch with the constant-product pools alone."""
    return batch.model_copy(update={"pools": tuple(pool for pool in batch.pools if isinstance(pool, Pool))})


def pools(sizes: Sizes) -> Row:
    """Surplus beside pools of all kinds, in whole native coins."""
    batch = pooled(sizes.books["clearing.pools"], 1)
    ours, peer = _best(batch), _best(constant_only(batch))
    best, worth = ours
    routed = together(list(RouterSolver().solve(batch)), batch)
    detail = f"{len(batch.intents)} intents, {len(batch.pools)} pools, {len(best.fills)} fills, "
    detail += f"{len(best.interactions)} swaps; the router's bids that fit together {routed / _WEI:.4f}"
    alone = peer[1] / _WEI
    return row("clearing.pools", worth / _WEI, "coins", "constant products alone", alone, detail, better="more")


def together(solutions: list[Solution], batch: Batch) -> float:
    """Wei of the solutions that can settle in one round, the best first: no pool and no pair of tokens twice."""
    total, pools, pairs = 0.0, set[str](), set[str]()
    scores = {solution.id: float(score(solution, batch)) for solution in solutions}
    for solution in sorted(solutions, key=lambda solution: -scores[solution.id]):
        used = {str(getattr(step, "pool", step)) for step in solution.interactions}
        filled = {fill.uid for fill in solution.fills}
        if not used & pools and not filled & pairs:
            total += scores[solution.id]
            pools |= used
            pairs |= filled
    return total


def _best(batch: Batch) -> tuple[Solution, float]:
    solutions = list(ClearingSolver().solve(batch))
    if not solutions:
        raise BenchError("the engine has no answer")
    scored = [(float(score(solution, batch)), -solution.id, solution) for solution in solutions]
    worth, _, best = max(scored, key=lambda item: item[:2])
    return best, worth
