"""One bid on one batch through the pure half of verification."""

from __future__ import annotations

from typing import Any

from walras.testing.market import address_of
from walras.wire import Batch, Fill, Solution
from walras_auction.bids import Checked, Refused, SolverIdentity
from walras_auction.verify import Book, check, propose

SOLVER = SolverIdentity("honest", "0x" + "12" * 20)
WEI, MICRO = 10**18, 10**6
WETH, USDC, JUNK = (address_of(f"token:{symbol}") for symbol in ("WETH", "USDC", "JUNK"))
AT_2000 = {WETH: 2_000 * MICRO, USDC: WEI}


def fills(batch: Batch, *executed: int, **rest: Any) -> tuple[Fill, ...]:
    return tuple(
        Fill(uid=entry.uid, executed=amount, **rest) for entry, amount in zip(batch.intents, executed, strict=False)
    )


def judged(
    batch: Batch,
    chosen: tuple[Fill, ...],
    prices: dict[str, int] | None = None,
    covers: dict[tuple[str, str], int] | None = None,
    solver: SolverIdentity = SOLVER,
    **rest: Any,
) -> Checked | Refused:
    solution = Solution(id=1, prices=AT_2000 if prices is None else prices, fills=chosen, **rest)
    return check(propose(solver, solution), Book(batch, covers or {}))


def refusal(*args: Any, **rest: Any) -> Refused:
    outcome = judged(*args, **rest)
    assert isinstance(outcome, Refused), outcome
    return outcome


def valid(*args: Any, **rest: Any) -> Checked:
    outcome = judged(*args, **rest)
    assert isinstance(outcome, Checked), outcome
    return outcome
