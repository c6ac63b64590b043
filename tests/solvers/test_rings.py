"""Rings of orders far off the market: found, priced as well as can be, and exact where an atom is dear."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array
from solver_checker import check
from walras.testing import Market, a_market
from walras_solvers.clearing import ClearingSolver
from walras_solvers.kernels import market as kernel
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.program import Program
from walras_solvers.kernels.quantities import Columns, best_parts
from walras_solvers.kernels.rings import Edges, best_rings

E18 = 10**18
SYMBOLS = ("A", "B", "C", "D")


def far_market(decimals: int = 18) -> Market:
    """Ann sells A for next to nothing of B, and Carl asks 9,000 A for a C; in between B and C trade as they always do.

    At prices where B and C are worth 10,000 A all of Ann's A comes to Carl, who gains what Ann's limit leaves.
    """
    market = a_market().with_token("A", price=1).with_token("B", decimals=decimals, price=1).with_token("C", price=1)
    return (
        market.with_sell("ann", ("A", 1_000), ("B", "0.1"))
        .with_sell("bob", ("B", "0.1"), ("C", "0.1"))
        .with_sell("carl", ("C", "0.1"), ("A", 900))
    )


@pytest.mark.parametrize("decimals", [18, 6, 5])
def test_a_ring_far_from_the_reference_prices_trades(decimals: int) -> None:
    batch = far_market(decimals).batch()
    best = next(iter(ClearingSolver().solve(batch)))
    found = check(best, batch)
    assert len(found.filled) == 3
    # Carl's 100 A beyond his limit, less what an atom of B, the tenth of a token in so many, is worth there.
    assert 100 * E18 * (1 - 10 / 10 ** (decimals - 1) - 1e-6) <= found.score <= 100 * E18 * (1 + 1e-6)


def test_a_far_ring_comes_beside_the_trade_that_is_near() -> None:
    """They share nothing, so the house can settle both."""
    market = far_market().with_token("D", price=1).with_token("E", price=1)
    batch = market.with_sell("dora", ("D", 10), ("E", 9)).with_sell("emil", ("E", 10), ("D", 9)).batch()
    filled = [set(check(solution, batch).filled) for solution in ClearingSolver().solve(batch)]
    near, far = ({batch.intents[place].uid for place in places} for places in ((3, 4), (0, 1, 2)))
    assert far in filled
    assert near in filled


def random_ring(draw: random.Random, length: int) -> Market:
    market = a_market()
    for symbol in SYMBOLS[:length]:
        market = market.with_token(symbol, price=1)
    for place in range(length):
        for number in range(draw.randint(1, 3)):
            give, want = SYMBOLS[place], SYMBOLS[(place + 1) % length]
            amount, limit = draw.randint(1, 9), 10 ** draw.uniform(-1.5, 1.0)
            market = market.with_sell(f"{place}-{number}", (give, amount), (want, f"{amount * limit:.9f}"))
    return market


def exact(program: Program, log_prices: np.ndarray) -> float:
    """Wei of surplus at these prices by a linear programme of its own, orders at their limit willing."""
    singles, prices = program.singles, np.exp(log_prices)
    rate = prices[singles.give] / prices[singles.want]
    limit = singles.wants / singles.gives
    willing = np.flatnonzero(rate >= limit * (1 - 1e-12))
    if not len(willing):
        return 0.0
    value = singles.gives[willing] * prices[singles.give[willing]]
    gain = (
        singles.gives[willing]
        * np.maximum(rate[willing] - limit[willing], 0)
        * program.reference[singles.want[willing]]
    )
    balance = np.zeros((len(prices), len(willing)))
    balance[singles.give[willing], range(len(willing))] -= value
    balance[singles.want[willing], range(len(willing))] += value
    scale = value.max()
    found = linprog(-gain / E18, A_eq=balance / scale, b_eq=np.zeros(len(prices)), bounds=(0, 1), method="highs-ds")
    return float(-found.fun) * E18


@pytest.mark.parametrize("seed", range(12))
def test_no_prices_at_limits_gain_more_than_the_best_ring(seed: int) -> None:
    draw = random.Random(seed)
    length = draw.choice((3, 4))
    market = kernel.Market.of(random_ring(draw, length).batch())
    tokens = sorted({token for order in market.orders for token in (*order.gives, *order.wants)})
    program = Program(market, tokens, dict.fromkeys(market.orders, 0.0))
    singles = program.singles
    names = Edges.of(program).ends
    steps = [
        [
            float(limit)
            for limit, *ends in zip(singles.limits(), singles.give, singles.want, strict=True)
            if (*ends,) == e
        ]
        for e in names
    ]
    best = 0.0
    for loose in range(len(names)):
        tight = [place for place in range(len(names)) if place != loose]
        for levels in itertools.product(*(steps[place] for place in tight)):
            log, waiting = {names[tight[0]][0]: 0.0}, dict(zip(tight, levels, strict=True))
            while waiting:
                for place, level in list(waiting.items()):
                    give, want = names[place]
                    if give in log or want in log:
                        log.setdefault(want, log.get(give, 0.0) - level)
                        log.setdefault(give, log[want] + level)
                        del waiting[place]
            best = max(best, exact(program, np.array([log[token] for token in range(len(tokens))])))
    rings = best_rings(program, Deadline.after(lambda: 0.0, 1_000))
    assert (rings[0].worth if rings else 0.0) == pytest.approx(best, rel=1e-5, abs=1e-5 * E18)


def test_dust_and_a_whale_on_one_balance_are_one_programme() -> None:
    """A quotient of 10^17 in a row of shared funds: HiGHS refuses such numbers as they are."""
    matrix = np.array([[-1.0, -1.0, 1.0], [1.0, 1.0, -1.0]])
    rows = csr_array(np.array([[0.6, 0.6, 0.0]]))
    columns = Columns(np.array([1e-17, 1.0, 1.0]), csr_array(matrix).tocsc(), np.array([1e-17, 1.0, 1.0]), rows)
    parts = best_parts(columns)
    assert parts is not None
    assert float((rows @ parts)[0]) <= 1 + 1e-9
    assert parts[1:] == pytest.approx([1.0, 1.0])
