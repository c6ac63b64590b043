"""Routing over the recorded pools and over synthetic ones: how near to the dual bound, and how fast."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
from walras_solvers.kernels.flow_edges import KEPT
from walras_solvers.kernels.flow_paths import best_path
from walras_solvers.kernels.flow_router import DEEP, Router, Solved

from .measure import BenchError, interleaved, milliseconds, per_second
from .router_bounds import over_chosen, over_every_pair
from .router_pools import SEED, address, recorded, synthetic
from .rows import Row, row
from .sizes import Sizes

Order = tuple[str, str, int]
#: Tokens of most recorded pools, and what one whole one is worth in wei of WETH, roughly.
_WORTH = {"WETH": 10**18, "DAI": 213 * 10**12, "USDC": 213 * 10**12, "USDT": 213 * 10**12, "COMP": 7 * 10**16}
_DECIMALS = {"USDC": 6, "USDT": 6}
_LEAST, _MOST = 17.0, 21.0  # orders of 0.1 to 1,000 WETH, by logarithm


def orders(count: int, symbols: dict[str, str]) -> list[Order]:
    """(start, end, atoms) of sells between the tokens that most recorded pools hold."""
    draw = random.Random(SEED)
    found = []
    for _ in range(count):
        one, other = draw.sample(sorted(_WORTH), 2)
        atoms = 10 ** draw.uniform(_LEAST, _MOST) / _WORTH[one] * 10 ** _DECIMALS.get(one, 18)
        found.append((symbols[one], symbols[other], int(atoms)))
    return found


def gap(sizes: Sizes) -> Row:
    """The worst distance of exact routes from the bound over the pools, pairs and directions that they use."""
    pools, symbols = recorded()
    router, ours, single = Router(pools), [], []
    for start, end, amount in orders(sizes.passes * 10, symbols):
        solved, path = router.solve(start, end, float(amount)), best_path(router.network, start, end, float(amount))
        if solved is None or path is None:
            raise BenchError("no route between two of the commonest tokens")
        earned = router.got(router.sell(start, end, amount), end)
        alone = router.got(path.swaps(router.network, amount), end)
        if earned < alone:
            raise BenchError(f"{earned} atoms are less than the {alone} of the best single path")
        ours.append(max(1 - earned / solved.bound, 1e-12))
        single.append(max(1 - alone / solved.bound, 1e-12))
    detail = f"{len(ours)} sells of 0.1 to 1,000 WETH's worth, {len(pools)} pools; medians {np.median(ours):.1e} "
    detail += f"and {np.median(single):.1e}; bound over the pairs and directions chosen, see router.choice"
    return row("router.gap", max(ours), "of the bound", "best single path", max(single), detail, better="less")


def choice(sizes: Sizes) -> Row:
    """What the choice of pools and pairs may lose: the distance from the bound over every pair of every pool, in the
    order of the route's tokens; and from a search of about eight times as long.
    """
    pools, symbols = recorded()
    quick, deep = Router(pools), Router(pools, DEEP)
    ours, longer, single, behind = [], [], [], []
    for start, end, amount in orders(sizes.passes * 10, symbols):
        size = float(amount)
        solved, other = quick.solve(start, end, size), deep.solve(start, end, size)
        path = best_path(quick.network, start, end, size)
        if solved is None or other is None or path is None:
            raise BenchError("no route between two of the commonest tokens")
        bound = over_every_pair(quick, solved, size)
        ours.append(1 - solved.bound / bound)
        single.append(1 - path.earns(quick.network, size) / bound)
        longer.append(1 - other.bound / over_every_pair(deep, other, size))
        behind.append(1 - solved.bound / other.bound)
    detail = (
        f"{len(ours)} sells, median {np.median(ours):.1e}; the bound lets a pool trade several pairs at once; for the "
    )
    detail += f"long search, whose routes pass more tokens, median {np.median(longer):.1e}, worst {max(longer):.1e}; "
    detail += f"the quick one is behind it by {np.mean(behind):.1e} on average and {max(behind):.1e} at most"
    return row("router.choice", max(ours), "of the bound", "best single path", max(single), detail, better="less")


def speed(sizes: Sizes) -> Row:
    """Exact routes a second on the recorded pools, beside scipy's L-BFGS-B on the same compiled dual, floats only.

    Cold: each pass reads the pools anew, and every order makes every choice anew. The peer is told the choices.
    """
    pools, symbols = recorded()
    work = orders(sizes.passes * 40, symbols)
    few, told = work[: sizes.passes * 4], Router(pools)
    chosen = [told.solve(start, end, float(amount)) for start, end, amount in few]
    ours, peer = interleaved(
        lambda _: per_second(lambda: route_all(Router(pools), work), len(work)),
        lambda _: per_second(lambda: descend_all(told, few, chosen), len(few)),
        sizes.passes,
    )
    deep = per_second(lambda: route_all(Router(pools, DEEP), few), len(few))
    detail = f"{len(work)} sells a pass, pools read and all choices made anew, exact swaps included; {ours}; "
    detail += f"with the long search of a round {deep:.0f}/s"
    return row(
        "router.per_second",
        ours.median,
        "orders/s",
        "scipy L-BFGS-B, the dual alone",
        peer.median,
        detail,
        better="more",
    )


def route_all(router: Router, work: list[Order]) -> None:
    for start, end, amount in work:
        if not router.sell(start, end, amount):
            raise BenchError("no route")


def descend_all(router: Router, work: list[Order], chosen: list[Solved | None]) -> None:
    for (_, _, amount), solved in zip(work, chosen, strict=True):
        if solved is not None:
            over_chosen(router, solved, float(amount))


def convex(sizes: Sizes) -> Row:
    """One route over 200 synthetic pools and 20 tokens, beside cvxpy with Clarabel; both checked against the dual."""
    count = 200 if sizes.passes > 2 else 12
    tokens = max(count // 10, 4)
    pools = synthetic(count, tokens)
    start, end, amount = address(0), address(tokens - 1), 10**23
    router = Router(pools)
    solved = router.solve(start, end, float(amount))
    if solved is None:
        raise BenchError("no route")
    earned = router.got(router.sell(start, end, amount), end)
    peers: list[float] = []

    def peer(_: int) -> float:
        seconds, other = cvxpy_route(router, start, end, amount)
        peers.append(other)
        return seconds * 1000

    ours, theirs = interleaved(
        lambda _: milliseconds(lambda: route_all(router, [(start, end, amount)])), peer, min(sizes.passes, 5)
    )
    if max(abs(one / solved.bound - 1) for one in (earned, *peers)) > 1e-3:
        raise BenchError(f"not near the bound {solved.bound}: {earned}, {peers}")
    detail = f"gap to the dual bound {1 - earned / solved.bound:.1e}, cvxpy's {1 - peers[-1] / solved.bound:.1e}; "
    detail += f"ours exact and {ours}, cvxpy's modelling included"
    return row("router.200", ours.median, "ms", "cvxpy + Clarabel, scaled", theirs.median, detail, better="less")


def cvxpy_route(router: Router, start: str, end: str, amount: int) -> tuple[float, float]:
    """(seconds, atoms earned) of the peer, in a process of its own."""
    network, edges = router.network, []
    for e, (i, j, *_) in enumerate(network.link.tolist()):
        edges.append([i, j, *network.depth(e), float(network.curve[e, KEPT])])
    problem = {"pools": edges, "tokens": len(network.tokens), "start": network.at[start], "end": network.at[end]}
    program = Path(__file__).with_name("router_convex.py")
    made = subprocess.run(
        [sys.executable, str(program)], input=json.dumps(problem | {"amount": amount}), capture_output=True, text=True
    )
    if made.returncode:
        raise BenchError(f"cvxpy: {made.stderr[-500:]}")
    answer = json.loads(made.stdout.splitlines()[-1])
    return float(answer["seconds"]), float(answer["earned"])
