"""A route for exactly what is wanted: each swap takes no more than the later ones need of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.pools import bought

#: Where a swap pays or takes fewer atoms, what rounding takes is more than what the split was solved to.
COARSE = 10**6
_SHIFTS = (64, 16, 4, 1)
_MOVES = 32


def trimmed_to(swaps: Sequence[PoolSwap], pools: Mapping[str, AnyPool], end: str, amount: int) -> list[PoolSwap]:
    """The same swaps with the least inputs for ``amount`` atoms of ``end``, which they pay at least.

    Walks back from the last. What rounding makes a swap pay beyond what is needed, those before it need not pay. Of
    swaps side by side the smallest go first, so that few are left.
    """
    spare = {end: sum(swap.amount_out for swap in swaps if bought(pools, swap) == end) - amount}
    done: list[PoolSwap] = []
    for swap in reversed(swaps):
        paid, pool = bought(pools, swap), pools[swap.pool]
        over = spare.get(paid, 0)
        needed = swap.amount_out - over
        given, got = 0, 0
        if needed > 0:
            least = pool.amount_in(paid, needed, swap.token_in) if over > 0 or swap.amount_out < COARSE else None
            given = swap.amount_in if least is None else min(least, swap.amount_in)
            got = swap.amount_out if given == swap.amount_in else pool.amount_out(swap.token_in, given, paid)
            done.append(swap.model_copy(update={"amount_in": given, "amount_out": got}))
        spare[paid] = over - (swap.amount_out - got)
        spare[swap.token_in] = spare.get(swap.token_in, 0) + swap.amount_in - given
    return list(reversed(done))


def evened(swaps: Sequence[PoolSwap], pools: Mapping[str, AnyPool], start: str, end: str, buy: bool) -> list[PoolSwap]:
    """The same swaps with atoms moved between those from ``start`` to ``end`` as long as the whole gains by it.

    For amounts of so few atoms that rounding matters: inputs move for a sell, outputs for a buy.
    """
    done = list(swaps)
    direct = [n for n, swap in enumerate(done) if swap.token_in == start and bought(pools, swap) == end]
    if len(direct) < 2 or all(min(done[n].amount_in, done[n].amount_out) >= COARSE for n in direct):
        return done
    pairs = [(one, other) for one in direct for other in direct if one != other]
    for shift in _SHIFTS:
        for _ in range(_MOVES):
            moved = next((found for pair in pairs if (found := _shifted(done, pair, shift, pools, end, buy))), None)
            if moved is None:
                break
            done = moved
    return [swap for swap in done if swap.amount_in]


def _shifted(
    swaps: list[PoolSwap], pair: tuple[int, int], shift: int, pools: Mapping[str, AnyPool], end: str, buy: bool
) -> list[PoolSwap] | None:
    """The swaps with ``shift`` atoms moved from the first of the pair to the second; None if nothing is gained."""
    one, other = (swaps[n] for n in pair)
    less, more = (_with(one, -shift, pools, end, buy), _with(other, shift, pools, end, buy))
    if less is None or more is None:
        return None
    gained = less.amount_out + more.amount_out - one.amount_out - other.amount_out
    saved = one.amount_in + other.amount_in - less.amount_in - more.amount_in
    if min(gained, saved) < 0 or gained + saved == 0:
        return None
    moved = list(swaps)
    moved[pair[0]], moved[pair[1]] = less, more
    return moved


def _with(swap: PoolSwap, atoms: int, pools: Mapping[str, AnyPool], end: str, buy: bool) -> PoolSwap | None:
    """The swap with so many atoms more of what is fixed; None if its pool does not do that."""
    pool = pools[swap.pool]
    if buy:
        wanted = swap.amount_out + atoms
        given = 0 if wanted == 0 else pool.amount_in(end, wanted, swap.token_in) if wanted > 0 else None
        if given is None:
            return None
    else:
        given = swap.amount_in + atoms
        if given < 0:
            return None
    got = pool.amount_out(swap.token_in, given, end) if given else 0
    return swap.model_copy(update={"amount_in": given, "amount_out": got}) if got or not given else None
