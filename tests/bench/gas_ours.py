"""Settle trades exactly as the house does: checked, encoded, simulated, awarded, bundled; and read the gas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from walras.digest import award_digest, intent_digest, keccak
from walras.intent import FillRule, Intent
from walras.wire import Batch, Fill, Funds, GasTerms, IntentMessage, OpenIntent, Pool, PoolSwap, Solution
from walras_auction.bids import Checked, Refused, SolverIdentity
from walras_auction.settle import Entry, execution_gas
from walras_auction.verify import Book, check, expected_changes, propose

from .gas_world import MAX, PRICES, GasWorld, Trade
from .measure import BenchError

#: What the fee of each fill is worth.
FEE = 2 * 10**18
TERMS = GasTerms(price=0, base=0, per_fill=0, per_interaction=0, margin_bps=0)


@dataclass(frozen=True, slots=True)
class Settled:
    """Gas of the whole transaction, and bytes of its calldata."""

    gas: int
    calldata: int


def settle(
    world: GasWorld,
    trades: Sequence[Trade],
    round_id: int,
    nonce: int,
    pool: Pool | None = None,
    *,
    fresh_place: bool = False,
) -> Settled:
    """Settle ``trades`` in one transaction, through ``pool`` if there is one; every intent carries ``nonce``.

    The award is spent in a place of the settlement's ring that an expired award has used, as in a house that has been
    running for a while, unless a ``fresh_place`` is asked for or there is none yet. Afterwards it has expired, too.
    """
    checked, signatures, batch = _solution(world, trades, round_id, nonce, pool)
    encoded = world.chain.encode(checked, signatures, batch)
    solver, deadline = world.solver.address, batch.settle_by
    tried = world.chain.simulate(round_id, solver, encoded, deadline, list(expected_changes(checked)))
    if not tried.ok:
        raise BenchError(f"the simulation failed: {tried.error}")
    used = world.award_places
    places = _award_places(world, round_id, encoded, execution_gas(tried.gas), deadline)
    gas, place = next(one for one in places if not used or (one[1] in used) is not fresh_place)
    entry = Entry(checked.proposed.hash, solver, encoded, gas)
    bundle = world.chain.sign_bundle(round_id, [entry], deadline)
    world.chain.send(bundle.raw)
    outcome = world.chain.follow(bundle)
    if outcome is None or not all(ok for ok, _ in outcome.outcomes.values()):
        raise BenchError(f"the settlement failed: {outcome}")
    world.wait_until(deadline + 1)
    used.add(place)
    return Settled(outcome.gas_used, len(world.local.rpc.input_of(bundle.transaction)))


def _award_places(
    world: GasWorld, round_id: int, encoded: bytes, least: int, deadline: int
) -> Iterator[tuple[int, int]]:
    """Gas limits from ``least`` on, and where in the ring of 256 each would have the award spent: the last byte of its
    digest says."""
    solution = keccak(encoded)
    for gas in count(least):
        yield gas, award_digest(round_id, world.solver.address, solution, gas, deadline, world.chain.domain)[-1]


def _solution(
    world: GasWorld, trades: Sequence[Trade], round_id: int, nonce: int, pool: Pool | None
) -> tuple[Checked, dict[str, str], Batch]:
    now = world.now()
    intents = [_intent(world, trade, nonce, now + 3_600) for trade in trades]
    digests = [intent_digest(intent, world.chain.domain) for intent in intents]
    batch = _batch(world, round_id, intents, digests, now, pool)
    fees = [FEE // PRICES[trade.give] for trade in trades]
    fills = tuple(
        Fill(uid=entry.uid, executed=trade.amount, fee=fee)
        for entry, trade, fee in zip(batch.intents, trades, fees, strict=True)
    )
    given = sum(trade.amount for trade in trades) - sum(fees)
    solution = Solution(id=1, fills=fills, **_terms(world, trades, given, pool))
    solver = SolverIdentity("bench", world.solver.address)
    covers = {(solver.address, token): MAX for token in world.tokens}
    outcome = check(propose(solver, solution), Book(batch, covers))
    if isinstance(outcome, Refused):
        raise BenchError(f"the house refuses the solution: {outcome.reason}: {outcome.detail}")
    signed = zip(batch.intents, trades, digests, strict=True)
    return outcome, {entry.uid: trade.trader.sign(digest) for entry, trade, digest in signed}, batch


def _terms(world: GasWorld, trades: Sequence[Trade], given: int, pool: Pool | None) -> dict[str, Any]:
    """Prices, interactions and cover: the fair prices, or those that the pool makes of what is ``given``."""
    if pool is not None:
        out = pool.amount_out(pool.token0, given)
        swap = PoolSwap(pool=pool.id, token_in=pool.token0, amount_in=given, amount_out=out)
        return {"prices": {pool.token0: out, pool.token1: given}, "interactions": (swap,)}
    prices = {token: PRICES[place] for place, token in enumerate(world.tokens)}
    return {"prices": prices, "cover": {world.tokens[trades[0].want]: trades[0].worth} if len(trades) == 1 else {}}


def _intent(world: GasWorld, trade: Trade, nonce: int, valid_to: int) -> Intent:
    """A whole sell whose limit lies one per cent off the price."""
    return Intent.sell(
        trade.trader.address,
        (world.tokens[trade.give], trade.amount),
        (world.tokens[trade.want], trade.worth * 99 // 100),
        valid_to=valid_to,
        nonce=nonce,
        fill=FillRule.WHOLE,
    )


def _open(intent: Intent, digest: bytes) -> OpenIntent:
    message = IntentMessage.of(intent)
    return OpenIntent(uid="0x" + digest.hex(), sequence=1, remaining=intent.full_amount, intent=message)


def _batch(
    world: GasWorld, round_id: int, intents: list[Intent], digests: list[bytes], now: int, pool: Pool | None
) -> Batch:
    contracts = world.contracts
    return Batch(
        round=round_id,
        chain_id=world.chain.domain.chain_id,
        settlement=contracts.settlement,
        vault=contracts.vault,
        executor=contracts.executor,
        wrapped_native=contracts.wrapped_native,
        block=0,
        time=now,
        settle_by=now + 600,
        deadline_ms=0,
        max_solutions=1,
        gas=TERMS,
        tokens=world.chain.tokens(),
        intents=tuple(_open(*one) for one in zip(intents, digests, strict=True)),
        funds=tuple(Funds(owner=one.owner, token=one.gives[0].token, available=MAX) for one in intents),
        pools=() if pool is None else (pool,),
    )
