"""A first round that no house holds: it compiles the kernels, or finds the machine code of an earlier process."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array
from walras.solver import Solver
from walras.wire import Batch, Funds, GasTerms, IntentMessage, LegMessage, OpenIntent, Pool, TokenInfo

from walras_solvers.kernels.fill_lp_dual import minimised
from walras_solvers.kernels.ring_edges import STEPS, best_ring

_ONE = 10**18
#: Compiling takes some ten seconds at first; the deadline must not cut it short.
_DEADLINE_MS = 120_000


def warm_up(solver: Solver) -> None:
    """Have ``solver`` answer a round of two orders beside two pools, and solve what only large rounds need."""
    list(solver.solve(_batch()))
    steps, one = np.ones((1, STEPS)), np.ones(1)
    best_ring(np.zeros(3, dtype=np.int64), steps, steps, steps, one.astype(np.int64), one, np.ones(3))
    minimised(csc_array(np.array([[1.0, -1.0], [-1.0, 1.0]])), np.array([0.2, 0.1]), np.ones(2))


def _batch() -> Batch:
    one, other, third = (f"0x{number:040x}" for number in (1, 2, 3))
    tokens = tuple(TokenInfo(address=token, symbol="T", decimals=18, price=_ONE) for token in (one, other, third))
    pools = tuple(
        Pool(id=end, address=end, token0=one, token1=end, reserve0=10**24, reserve1=10**24, fee_ppm=3_000)
        for end in (other, third)
    )
    intents = (_sell(1, one, other, _ONE), _sell(2, other, one, 2 * _ONE))
    funds = tuple(
        Funds(owner=entry.intent.owner, token=entry.intent.gives[0].token, available=10**20) for entry in intents
    )
    return Batch(
        round=0,
        chain_id=1,
        settlement=f"0x{4:040x}",
        vault=f"0x{5:040x}",
        executor=f"0x{6:040x}",
        wrapped_native=one,
        block=1,
        time=1,
        deadline_ms=_DEADLINE_MS,
        max_solutions=8,
        gas=GasTerms(price=0, base=0, per_fill=0, per_interaction=0, margin_bps=0),
        tokens=tokens,
        intents=intents,
        funds=funds,
        pools=pools,
    )


def _sell(number: int, give: str, want: str, amount: int) -> OpenIntent:
    """An order that asks for nine tenths of what it gives."""
    least = amount * 9 // 10
    intent = IntentMessage(
        owner=f"0x{number + 100:040x}",
        gives=(LegMessage(token=give, start=amount, end=amount),),
        wants=(LegMessage(token=want, start=least, end=least),),
        kind="sell",
        fill="partial",
        min_fill=1,
        valid_from=0,
        decay_to=0,
        valid_to=2**40,
        nonce=0,
    )
    return OpenIntent(uid=f"0x{number:064x}", sequence=number, remaining=amount, intent=intent)
