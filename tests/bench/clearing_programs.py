"""Fill programmes of any size: as many intents a token pair as chance gives, sizes and limits spread like real ones."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array
from walras_solvers.kernels.fill_lp import FillProgram


def fill_program(count: int, tokens: int, seed: int) -> FillProgram:
    """``count`` sell intents over ``tokens`` tokens of falling popularity; a column moves value from give to want.

    Sizes are lognormal (σ = 1.5), log slacks to the limits normal (σ = 2 %), so about half could trade; pairs are drawn
    by the popularity 1/rank of both tokens.
    """
    draw = np.random.default_rng(seed)
    popular = 1 / np.arange(1, tokens + 1)
    popular /= popular.sum()
    give, want = (draw.choice(tokens, count, p=popular) for _ in range(2))
    want = np.where(give == want, (want + 1 + draw.integers(0, tokens - 1, count)) % tokens, want)
    gain, most = draw.normal(0.0, 0.02, count), draw.lognormal(0.0, 1.5, count)
    signs = np.tile([-1.0, 1.0], count)
    rows = np.column_stack([give, want]).ravel()
    balance = csc_array((signs, rows, np.arange(0, 2 * count + 1, 2)), shape=(tokens, count))
    return FillProgram(gain, most, balance)
