"""The search for uniform prices of many tokens: tâtonnement towards balance, then direct search on the surplus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.outside import spot_ratios
from walras_solvers.kernels.pair import Matched, Pair, best_matches
from walras_solvers.kernels.program import Floats, Program

_TEMPERATURES = (0.1, 0.03, 0.01, 0.003, 0.001)
_STEPS_EACH = 60
FIRST_STEP = 0.03
_LAST_STEP = 3e-7
_SEED = 1
_GAIN = 1e-9  # the least relative improvement worth a step


def starting_prices(market: Market, tokens: Sequence[str]) -> Floats:
    """Log prices: the reference where there is one, and for the rest what pools and limits say beside known ones."""
    known = {token: float(np.log(market.value(token))) for token in tokens if market.value(token) > 0}
    hints = spot_ratios(market.liquidity)  # (token, other, log price of token less that of other)
    for order in market.orders:
        hints.append((order.gives[0], order.wants[0], float(np.log(order.limit))))
    while len(known) < len(tokens):
        found: dict[str, list[float]] = {}
        for one, other, ratio in hints:
            if other in known and one not in known:
                found.setdefault(one, []).append(known[other] + ratio)
            if one in known and other not in known:
                found.setdefault(other, []).append(known[one] - ratio)
        if not found:
            found = {min(token for token in tokens if token not in known): [0.0]}
        known |= {token: float(np.median(values)) for token, values in found.items()}
    return np.array([known[token] for token in tokens])


def tree_prices(market: Market, tokens: Sequence[str], fallback: Floats) -> Floats:
    """Log prices at which the most valuable pairs clear as well as they would alone.

    Pairs that form a tree do not constrain each other: each edge's ratio can be that pair's own best price. So the
    joint search starts no lower than the best pair-by-pair matching along the greatest tree (Kruskal, by surplus).
    """
    edges = [
        (-found.worth, base, quote, float(np.log(found.price)))
        for base, quote, found in _best_pairs(market)
        if base in tokens and quote in tokens
    ]
    groups = {token: {token: 0.0} for token in tokens}  # token → its tree, with log prices relative to the root's
    for _, base, quote, ratio in sorted(edges):
        one, other = groups[base], groups[quote]
        if one is other:
            continue
        shift = one[base] - ratio - other[quote]  # a base atom is worth `price` quote atoms
        for token, log in other.items():
            one[token] = log + shift
            groups[token] = one
    known = dict(zip(tokens, fallback.tolist(), strict=True))
    level = {
        id(tree): float(np.median([known[token] - log for token, log in tree.items()])) for tree in groups.values()
    }
    return np.array([groups[token][token] + level[id(groups[token])] for token in tokens])


def _best_pairs(market: Market) -> list[tuple[str, str, Matched]]:
    """(base, quote, best match) of every pair with two sides, each fill paying the gas of one solution for all."""
    books = market.by_pair()
    pairs = {
        (base, quote): Pair.of(market, base, quote, asks, books[quote, base])
        for (base, quote), asks in sorted(books.items())
        if base < quote and (quote, base) in books
    }
    first = {key: found[0] for key, pair in pairs.items() if (found := best_matches(pair))}
    # The best price lies where some order only just gains, so the fees must be in before it is looked for, and rather
    # too high than too low: half as many fills share the gas that is common to all.
    fills = sum(found.fills for found in first.values()) // 2
    paying = {key: best_matches(pairs[key].with_fees(fills, found.price)) for key, found in first.items()}
    return [(*key, found[0]) for key, found in paying.items() if found]


def tatonnement(program: Program, start: Floats, deadline: Deadline) -> list[Floats]:
    """Raise the price of what is asked for and lower that of what is offered, with ever sharper orders.

    Orders trade a share of themselves that rises smoothly from 0 to 1 around their limit; one result a sharpness.
    """
    log = start.copy()
    results: list[Floats] = []
    for temperature in _TEMPERATURES:
        for _ in range(_STEPS_EACH):
            if deadline.passed:
                return results
            wanted, offered = _asked(program, np.exp(log), temperature)
            step = temperature * (wanted - offered) / np.maximum(wanted + offered, 1e-300)
            log = log + step - step.mean()
        results.append(log.copy())
    return results


def _asked(program: Program, prices: Floats, temperature: float) -> tuple[Floats, Floats]:
    """(value wanted of each token, value offered of it) at ``prices``."""
    quote, moved = program.quote(prices)
    share = 1 / (1 + np.exp(np.clip(-quote.margin / temperature, -60, 60)))
    share *= program.sharing.scale(share, program.given(quote, moved))
    singles, tokens = program.singles, len(prices)
    traded = (quote.value * share)[: len(singles.fee)]
    baskets = share[len(singles.fee) :]
    wanted = np.bincount(singles.want, traded, tokens) + baskets @ (moved.received * prices)
    offered = np.bincount(singles.give, traded, tokens) + baskets @ (moved.given * prices)
    for flow in program.flows(prices):
        wanted[flow.into] += flow.amount * prices[flow.into]
        offered[flow.out] += flow.amount * prices[flow.into]
    return wanted, offered


def climb(
    worth: Callable[[Floats], float], starts: Sequence[Floats], deadline: Deadline, first: float, looks: int = 1_000_000
) -> Floats:
    """Direct search: steps along each token, then along random mixtures, smaller than ``first`` when none helps.

    Ends when no step of the smallest size helps, after ``looks`` prices, or at the deadline.
    """
    random = np.random.default_rng(_SEED)
    values = [(worth(start), -index) for index, start in enumerate(starts)]
    best, number = max(values)
    point = starts[-number]
    size, count, left = first, len(point), looks
    while size > _LAST_STEP and not deadline.passed and left > 0:
        improved = False
        mixtures = random.standard_normal((count, count))
        for direction in (*np.eye(count), *(mixtures / np.linalg.norm(mixtures, axis=1, keepdims=True))):
            for sign in (1.0, -1.0):
                moved, gained = point + sign * size * direction, False
                while left > 0 and not deadline.passed:
                    left -= 1
                    value = worth(moved)
                    if not value > best * (1 + _GAIN):
                        break
                    best, point, gained = value, moved, True
                    moved = point + sign * size * direction
                if gained:
                    improved = True
                    break
        if not improved:
            size /= 3
    return point
