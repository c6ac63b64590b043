"""Rings among traded pairs."""

from __future__ import annotations

from collections.abc import Set as AbstractSet


def has_ring(pairs: AbstractSet[tuple[str, str]]) -> bool:
    """Whether directed pairs (give → want) close a cycle over three tokens or more that no two-token match explains.

    A pair traded in both directions is a match between two sides, so a ring must use a pair traded one way only.
    """
    one_way = {(give, want) for give, want in pairs if (want, give) not in pairs}
    return any(_reaches(pairs, want, give) for give, want in one_way)


def _reaches(pairs: AbstractSet[tuple[str, str]], start: str, goal: str) -> bool:
    seen, frontier = {start}, [start]
    while frontier:
        token = frontier.pop()
        if token == goal:
            return True
        for give, want in pairs:
            if give == token and want not in seen:
                seen.add(want)
                frontier.append(want)
    return False
