"""How much each order of a level gets of what arrives."""

from __future__ import annotations

from collections.abc import Iterator

from walras_solvers.book.ladder import Level, Resting
from walras_solvers.book.messages import Rule


def shares(level: Level, quantity: int, rule: Rule) -> Iterator[tuple[Resting, int]]:
    """(order, its part of ``quantity``), in the order of time, without those that get nothing.

    The caller takes each part off its order before it asks for the next.
    """
    if rule is Rule.PRO_RATA and quantity < level.total:
        return pro_rata(level, quantity)
    return by_time(level, quantity)


def by_time(level: Level, quantity: int) -> Iterator[tuple[Resting, int]]:
    """Each as much as it can until nothing is left."""
    while quantity and level.queue:
        first = next(iter(level.queue.values()))
        part = min(first.left, quantity)
        quantity -= part
        yield first, part


def pro_rata(level: Level, quantity: int) -> Iterator[tuple[Resting, int]]:
    """Floors of quantity · left / total, which favour nobody; what that leaves goes to the first in time."""
    total = level.total
    parts = [(one, quantity * one.left // total) for one in level.queue.values()]
    rest = quantity - sum(part for _, part in parts)
    for one, part in parts:
        more = min(rest, one.left - part)
        rest -= more
        if part + more:
            yield one, part + more
