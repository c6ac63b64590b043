"""The best single path of an amount: no more than three swaps, one after the other."""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints, paid
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_split import Split, Step

HOPS = 3


@compiled
def _grow(edges: Ints, link: Ints, curve: Floats, ranges: Floats, held: Floats, came: Ints, hop: int) -> None:
    """``held[hop]`` from ``held[hop-1]``: the most of each token after one swap more, and the edge it came by.

    More of a token never buys less, so only the most of each token is worth carrying on. A pool is passed once.
    """
    for position in range(len(edges)):
        e = edges[position]
        for side in range(2):
            source, target = link[e, side], link[e, 1 - side]
            if held[hop - 1, source] <= 0.0:
                continue
            token, again = source, False
            for before in range(hop - 1, 0, -1):
                if link[came[before, token], 3] == link[e, 3]:
                    again = True
                token = link[came[before, token], 0] + link[came[before, token], 1] - token
                again = again or token == target
            if again or source == target:
                continue
            got = paid(e, side == 0, held[hop - 1, source], link, curve, ranges)
            if got > held[hop, target]:
                held[hop, target] = got
                came[hop, target] = e


def best_path(network: Network, start: str, end: str, amount: float) -> Split | None:
    """The path of at most three swaps that earns most for ``amount`` atoms of ``start``; None if there is none."""
    first, last = network.at[start], network.at[end]
    edges = network.edges_between(first, last)
    held, came = np.zeros((HOPS + 1, len(network.tokens))), np.zeros((HOPS + 1, len(network.tokens)), dtype=np.int64)
    held[0, first] = amount
    for hop in range(1, HOPS + 1):
        _grow(edges, network.link, network.curve, network.ranges, held, came, hop)
    hops = int(np.argmax(held[:, last]))
    if held[hops, last] <= 0:
        return None
    steps: list[Step] = []
    token = last
    for hop in range(hops, 0, -1):
        e = int(came[hop, token])
        i, j = int(network.link[e, 0]), int(network.link[e, 1])
        before = j if token == i else i
        steps.append(Step(e, before == i, before, token, 1.0))
        token = before
    return Split(first, last, tuple(reversed(steps)))


def widest_paths(made: Split, width: int) -> Split:
    """The split over no more edges than its ``width`` paths that carry most, each path taken out before the next."""
    carried = made.carried()
    kept: set[int] = set()
    for _ in range(width):
        path = _widest(made, carried)
        if not path:
            break
        part = min(carried[e] for e in path)
        for e in path:
            carried[e] -= part
        kept |= set(path)
    return Split(made.start, made.end, tuple(step for step in made.steps if step.edge in kept))


def _widest(made: Split, carried: dict[int, float]) -> list[int]:
    """The edges of the path whose narrowest carries most. Steps are in running order, so one pass finds it."""
    best: dict[int, tuple[float, list[int]]] = {made.start: (float("inf"), [])}
    for step in made.steps:
        if step.token_in not in best:
            continue
        width, path = best[step.token_in]
        width = min(width, carried[step.edge])
        if width > 0 and width > best.get(step.token_out, (0.0, []))[0]:
            best[step.token_out] = width, [*path, step.edge]
    return best.get(made.end, (0.0, []))[1]
