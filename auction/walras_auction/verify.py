"""Stage 5: recompute everything a bid claims from its own integers (DESIGN §5). Solver figures are never trusted.

``check`` needs the batch alone and is pure. ``finish`` adds what the simulation on chain state said. Replay runs
both on the published record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from walras.amounts import check_limits, fill_amounts, priced_token
from walras.atoms import U128_MAX, ceil_div
from walras.digest import keccak
from walras.intent import FillRule, Intent
from walras.rejections import Reason, Rejection
from walras.scoring import PRICE_UNIT, surplus_value
from walras.terms import Terms
from walras.terms_gas import expected_gas, reserve_gas
from walras.wire import Batch, Fill, OpenIntent, Solution, canonical

from walras_auction.bids import Checked, Pair, Proposed, Refused, Simulation, SolverIdentity, Trade, Verified
from walras_auction.interactions import check_interaction, flows, pools_touched

_NO_TERMS = Terms()


class Book:
    """A batch indexed for verification: intents, their terms, funds and reference prices by key."""

    def __init__(self, batch: Batch, covers: Mapping[tuple[str, str], int]) -> None:
        self.batch = batch
        self.open: dict[str, OpenIntent] = {entry.uid: entry for entry in batch.intents}
        self.intents: dict[str, Intent] = {entry.uid: entry.intent.intent() for entry in batch.intents}
        self.funds = {(funds.owner, funds.token): funds.available for funds in batch.funds}
        self.prices = {token.address: token.price for token in batch.tokens if token.price is not None}
        self.pools = {pool.id: pool for pool in batch.pools}
        self.covers = covers
        self.terms = {entry.uid: Terms.decode(entry.terms_data) for entry in batch.intents if entry.terms_data}

    def wrapped(self, token: str) -> str:
        return priced_token(token, self.batch.wrapped_native)


def reserved_for(entry: OpenIntent, time: int) -> str | None:
    """The one solver that may fill ``entry`` at Unix second ``time``, or None if everyone may."""
    return Terms.decode(entry.terms_data).exclusive_at(time) if entry.terms_data else None


def propose(solver: SolverIdentity, solution: Solution) -> Proposed:
    """Give a received solution its hash; ties are broken by it, never by arrival."""
    body = canonical({"solver": solver.address, "solution": solution.to_json()})
    return Proposed(solver, solution, "0x" + keccak(body).hex())


def check(proposed: Proposed, book: Book) -> Checked | Refused:
    """Every rule that the solution's own integers decide. Pure."""
    try:
        return _check(proposed, book)
    except Rejection as refusal:
        detail = f"{refusal.field}: {refusal.detail}" if refusal.field else refusal.detail
        return Refused(proposed, refusal.reason, detail)


def _check(proposed: Proposed, book: Book) -> Checked:
    solution = proposed.solution
    if not solution.fills:
        raise Rejection(Reason.EMPTY_SOLUTION, "fills", "no fills")
    _check_prices(solution)
    trades = tuple(_trade(fill, index, solution, proposed.solver, book) for index, fill in enumerate(solution.fills))
    _check_alternatives(trades)
    draws = _draws(trades, book)
    for index, interaction in enumerate(solution.interactions):
        check_interaction(interaction, f"interactions[{index}]", solution, book.batch, book.pools)
    _check_conservation(trades, solution, book)
    _check_cover(proposed, book)
    pair_scores: dict[str, int] = defaultdict(int)
    for trade in trades:
        pair_scores[pair_key(trade.intent, book)] += trade.surplus
    score = sum(trade.surplus for trade in trades)
    # A reserved intent counts nothing, so that it displaces nobody; with no one to displace it may still fill.
    if score < 0 or (score == 0 and not any(trade.reserved for trade in trades)):
        raise Rejection(Reason.SCORE_NOT_POSITIVE, "", f"surplus after fees is {score} wei")
    return Checked(proposed, trades, score, dict(pair_scores), draws, pools_touched(solution, book.pools))


def _check_prices(solution: Solution) -> None:
    for token, price in solution.prices.items():
        if not 1 <= price <= U128_MAX:
            raise Rejection(Reason.BAD_PRICE, f"prices.{token}", f"{price} is outside 1..2^128-1")


def _trade(fill: Fill, index: int, solution: Solution, solver: SolverIdentity, book: Book) -> Trade:
    field = f"fills[{index}]"
    if fill.uid not in book.open:
        raise Rejection(Reason.UNKNOWN_UID, f"{field}.uid", f"{fill.uid} is not in the batch")
    intent, entry, batch = book.intents[fill.uid], book.open[fill.uid], book.batch
    _check_window(intent, field, batch)
    terms = book.terms.get(fill.uid, _NO_TERMS)
    named = terms.exclusive_at(batch.time)
    if named not in (None, solver.address):
        detail = f"until {terms.exclusive_until} only {named} may fill it"
        raise Rejection(Reason.EXCLUSIVE_SOLVER, f"{field}.uid", detail)
    _check_fill_rule(fill, intent, entry.remaining, field)
    try:
        amounts = fill_amounts(intent, fill.executed, fill.fee, fill.round_up, solution.prices, batch.wrapped_native)
        check_limits(intent, fill.executed, amounts, batch.time)
    except Rejection as refusal:
        raise Rejection(refusal.reason, f"{field}.{refusal.field}", refusal.detail) from refusal
    shared = sum(terms.shares_of(amounts.gives[0]))
    if fill.fee < shared:
        detail = f"the fee is {fill.fee}, the terms share {shared} of it out"
        raise Rejection(Reason.FEE_BELOW_SHARES, f"{field}.fee", detail)
    gas = (expected_gas(terms), reserve_gas(terms)) if fill.uid in book.terms else (0, 0)
    trade = Trade(fill, intent, amounts, 0, _pairs(intent, book), shared, named is not None, *gas)
    _check_guard(trade, field, book, terms.max_impact_bps or batch.guard_bps)
    # Nobody else could fill a solver's own intents at such a limit, or reserved ones: they count nothing for its bid.
    if trade.reserved or intent.owner == solver.address:
        return trade
    surplus = surplus_value(intent, fill.executed, amounts, batch.time, book.prices, batch.wrapped_native)
    return replace(trade, surplus=surplus)


def _check_window(intent: Intent, field: str, batch: Batch) -> None:
    latest = max(batch.time, batch.settle_by)
    if intent.valid_from > batch.time or intent.valid_to < latest:
        raise Rejection(
            Reason.OUTSIDE_WINDOW,
            field,
            f"valid {intent.valid_from}..{intent.valid_to}, settlement lands {batch.time}..{latest}",
        )


def _check_fill_rule(fill: Fill, intent: Intent, remaining: int, field: str) -> None:
    if not 0 < fill.executed <= remaining:
        raise Rejection(Reason.OVERFILL, f"{field}.executed", f"{fill.executed} of {remaining} left")
    if intent.fill is FillRule.WHOLE and fill.executed != intent.full_amount:
        raise Rejection(Reason.WHOLE_ONLY, f"{field}.executed", f"{fill.executed} of {intent.full_amount}")
    if fill.executed < intent.min_fill and fill.executed != remaining:
        raise Rejection(Reason.BELOW_MIN_FILL, f"{field}.executed", f"{fill.executed} below {intent.min_fill}")


def _pairs(intent: Intent, book: Book) -> tuple[Pair, ...]:
    return tuple((book.wrapped(give.token), book.wrapped(want.token)) for give in intent.gives for want in intent.wants)


def pair_key(intent: Intent, book: Book) -> str:
    """The pair a fill's score counts for in the fairness filter; a basket counts for its own shape alone."""
    gives = "+".join(sorted(book.wrapped(leg.token) for leg in intent.gives))
    wants = "+".join(sorted(book.wrapped(leg.token) for leg in intent.wants))
    return f"{gives}>{wants}"


def _check_guard(trade: Trade, field: str, book: Book, bps: int | None) -> None:
    """Rule 7: at reference prices the trader gets at most ``bps`` less than what it gives, fee excepted.

    The bound is the owner's, if its terms name one, or else the house's.
    """
    gives = [(leg.token, amount) for leg, amount in zip(trade.intent.gives, trade.amounts.gives, strict=True)]
    wants = [
        (book.wrapped(leg.token), amount) for leg, amount in zip(trade.intent.wants, trade.amounts.wants, strict=True)
    ]
    if bps is None or any(token not in book.prices for token, _ in gives + wants):
        return
    given = sum(book.prices[token] * amount for token, amount in gives)
    given -= book.prices[gives[0][0]] * trade.fill.fee
    got = sum(book.prices[token] * amount for token, amount in wants)
    if got * 10_000 < given * (10_000 - bps):
        raise Rejection(Reason.PRICE_IMPACT, field, f"worth {got * 10_000 // given} bps of the reference, guard {bps}")


def _check_alternatives(trades: tuple[Trade, ...]) -> None:
    uids: set[str] = set()
    nonces: set[tuple[str, int]] = set()
    for index, trade in enumerate(trades):
        if trade.fill.uid in uids:
            raise Rejection(Reason.DUPLICATE_FILL, f"fills[{index}].uid", trade.fill.uid)
        key = (trade.intent.owner, trade.intent.nonce)
        if key in nonces:
            raise Rejection(Reason.ALTERNATIVES_CLASH, f"fills[{index}].uid", f"nonce {trade.intent.nonce} fills twice")
        uids.add(trade.fill.uid)
        nonces.add(key)


def _draws(trades: tuple[Trade, ...], book: Book) -> dict[tuple[str, str], int]:
    """Atoms taken from each (owner, token), checked jointly against the opening funds."""
    draws: dict[tuple[str, str], int] = defaultdict(int)
    for index, trade in enumerate(trades):
        for leg, amount in zip(trade.intent.gives, trade.amounts.gives, strict=True):
            key = (trade.intent.owner, leg.token)
            available = book.funds.get(key, 0)
            draws[key] += amount
            if amount > available:
                raise Rejection(Reason.INSUFFICIENT_FUNDS, f"fills[{index}]", f"gives {amount}, owner has {available}")
            if draws[key] > available:
                detail = f"with its siblings the owner gives {draws[key]}, but has {available}"
                raise Rejection(Reason.SIBLING_TOOK_BALANCE, f"fills[{index}]", detail)
    return dict(draws)


def _check_conservation(trades: tuple[Trade, ...], solution: Solution, book: Book) -> None:
    """Rule 4, per token: gives + interaction outputs + cover ≥ wants + fees + interaction inputs."""
    net: dict[str, int] = defaultdict(int)
    for trade in trades:
        for leg, amount in zip(trade.intent.gives, trade.amounts.gives, strict=True):
            net[leg.token] += amount
        net[trade.intent.gives[0].token] -= trade.fill.fee
        for leg, amount in zip(trade.intent.wants, trade.amounts.wants, strict=True):
            net[book.wrapped(leg.token)] -= amount
    for interaction in solution.interactions:
        inputs, outputs = flows(interaction, book.pools)
        for token, amount in inputs:
            net[token] -= amount
        for token, amount in outputs:
            net[token] += amount
    for token, amount in sorted(net.items()):
        if amount + solution.cover.get(token, 0) < 0:
            raise Rejection(Reason.NOT_CONSERVED, f"prices.{token}", f"{-amount} atoms short")


def _check_cover(proposed: Proposed, book: Book) -> None:
    for token, amount in proposed.solution.cover.items():
        held = book.covers.get((proposed.solver.address, token), 0)
        if amount > held:
            raise Rejection(Reason.INSUFFICIENT_COVER, f"cover.{token}", f"{amount} stated, {held} deposited")


def finish(checked: Checked, simulation: Simulation, book: Book) -> Verified | Refused:
    """Rules 6 and the fee rule: what the simulation decided. Pure, given the simulation."""
    proposed, score = checked.proposed, checked.score

    def refuse(reason: Reason, detail: str) -> Refused:
        return Refused(proposed, reason, detail, score, simulation)

    if not simulation.ok:
        return refuse(Reason.SIMULATION_FAILED, simulation.error)
    due = expected_changes(checked)
    for (token, account), change in zip(due, simulation.changes, strict=True):
        if change < due[(token, account)]:
            detail = f"{account} changes by {change} atoms of {token}, the solution says {due[(token, account)]}"
            return refuse(Reason.SIMULATION_MISMATCH, detail)
    terms = book.batch.gas
    cost = simulation.gas * terms.price
    values = [fee_value(trade, checked.proposed.solution, book) for trade in checked.trades]
    cap = ceil_div(cost * (10_000 + terms.margin_bps), 10_000 * len(values))
    for index, (value, trade) in enumerate(zip(values, checked.trades, strict=True)):
        if trade.fill.fee - trade.shared <= 1:
            continue  # one atom cannot be split, however much it is worth
        if _fee_rate(trade, checked.proposed.solution, book) is None:
            return refuse(Reason.FEE_ABOVE_CAP, f"fills[{index}].fee is in tokens whose worth nobody knows")
        # Nobody pays for another's hooks: what an intent's own terms are expected to use comes on top of its share.
        most = cap + ceil_div(trade.extra_gas * terms.price * (10_000 + terms.margin_bps), 10_000)
        if value > most:
            return refuse(Reason.FEE_ABOVE_CAP, f"fills[{index}].fee is worth {value} wei; at most {most} wei")
    if sum(values) < cost:
        return refuse(Reason.FEES_BELOW_GAS, f"fees are worth {sum(values)} wei; {simulation.gas} gas cost {cost} wei")
    return Verified(checked, simulation)


def expected_changes(checked: Checked) -> dict[tuple[str, str], int]:
    """Net atoms by (token, account) that the solution must bring its traders, in sorted order; negative is paid."""
    changes: dict[tuple[str, str], int] = defaultdict(int)
    for trade in checked.trades:
        for leg, amount in zip(trade.intent.gives, trade.amounts.gives, strict=True):
            changes[(leg.token, trade.intent.owner)] -= amount
        for leg, amount in zip(trade.intent.wants, trade.amounts.wants, strict=True):
            changes[(leg.token, trade.intent.payee)] += amount
    return dict(sorted(changes.items()))


def fee_value(trade: Trade, solution: Solution, book: Book) -> int:
    """What the house gets of the fee, in wei, rounded down; zero if nothing in the fill has a reference price."""
    numerator, denominator = _fee_rate(trade, solution, book) or (0, 1)
    return (trade.fill.fee - trade.shared) * numerator // denominator


def _fee_rate(trade: Trade, solution: Solution, book: Book) -> tuple[int, int] | None:
    """Wei an atom of the first give, as a fraction: its reference price, or that of another leg at the fill's rate."""
    token = trade.intent.gives[0].token
    if token in book.prices:
        return book.prices[token], PRICE_UNIT
    for leg in trade.intent.wants + trade.intent.gives:
        other = book.wrapped(leg.token)
        if other in book.prices:
            return solution.prices[token] * book.prices[other], solution.prices[other] * PRICE_UNIT
    return None
