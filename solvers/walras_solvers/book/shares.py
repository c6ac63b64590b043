"""How much each order of a level gets of what arrives."""

from __future__ import annotations

from collections.abc import Iterator

from walras_solvers.book.ladder import Level
from walras_solvers.book.messages import Rule


def shares(level: Level, quantity: int, rule: Rule) -> Iterator[tuple[int, int]]:
    """(order, its part of ``quantity``), in the order of time, without those that get nothing.

    The caller takes each part off its order before it asks for the next.
    """
    if rule is Rule.PRO_RATA and quantity < level.total:
        return pro_rata(level, quantity)
    return by_time(level, quantity)


def by_time(level: Level, quantity: int) -> Iterator[tuple[int, int]]:
    """Each as much as it can until nothing is left."""
    queue = level.queue
    while quantity and queue:
        order = next(iter(queue))
        part = min(queue[order], quantity)
        quantity -= part
        yield order, part


def pro_rata(level: Level, quantity: int) -> Iterator[tuple[int, int]]:
    """Floors of quantity · size / total, which favour nobody; what that leaves goes to the first in time."""
    sizes, total = list(level.queue.items()), level.total
    rest = quantity - sum(quantity * size // total for _, size in sizes)
    for order, size in sizes:
        part = quantity * size // total
        more = min(rest, size - part)
        rest -= more
        if part + more:
            yield order, part + more
