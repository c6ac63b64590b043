"""Stages 5 to 6 joined: from checked bids and their simulations to winners, losses and rewards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from walras.rejections import Reason

from walras_auction.bids import Checked, Loss, Proposed, Ranked, Refused, Simulation, Verified
from walras_auction.select import Candidate, Selection, select
from walras_auction.verify import Book, check, fee_value, finish


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of every bid of a round."""

    refused: tuple[Refused, ...]
    ranked: Ranked


def check_all(proposed: Iterable[Proposed], book: Book) -> list[Checked | Refused]:
    """Check each bid once, in the order of their hashes; a bid sent twice counts once."""
    by_hash = {bid.hash: bid for bid in proposed}
    return [check(by_hash[key], book) for key in sorted(by_hash)]


def judge(checked: Sequence[Checked | Refused], simulations: Mapping[str, Simulation], book: Book) -> Judgement:
    """Finish verification with the simulations (by bid hash) and select the winners."""
    refused = [bid for bid in checked if isinstance(bid, Refused)]
    verified: list[Verified] = []
    for bid in checked:
        if isinstance(bid, Checked):
            outcome = finish(bid, simulations[bid.proposed.hash], book)
            if isinstance(outcome, Verified):
                verified.append(outcome)
            else:
                refused.append(outcome)
    return Judgement(tuple(refused), rank(verified, book))


def rank(verified: Sequence[Verified], book: Book) -> Ranked:
    """Select the winning set and say of every other valid bid why it lost."""
    by_hash = {bid.hash: bid for bid in verified}
    candidates = {bid.hash: _candidate(bid, book) for bid in verified}
    selection = select(list(candidates.values()), book.funds)
    winners = tuple(by_hash[winner.hash] for winner in selection.winners)
    losses = tuple(_losses(by_hash, candidates, selection))
    return Ranked(winners, losses, selection.total, selection.bound, selection.rewards)


def _candidate(bid: Verified, book: Book) -> Candidate:
    checked = bid.checked
    claims = {f"nonce {trade.intent.owner} {trade.intent.nonce}" for trade in checked.trades}
    claims |= {f"pair {give} {want}" for trade in checked.trades for give, want in trade.pairs}
    claims |= {f"pool {pool}" for pool in checked.pools}
    solver = checked.proposed.solver.name
    fees = sum(fee_value(trade, checked.proposed.solution, book) for trade in checked.trades)
    unpriced = any(token not in book.prices for trade in checked.trades for pair in trade.pairs for token in pair)
    return Candidate(
        bid.hash, solver, checked.score, checked.pair_scores, frozenset(claims), checked.draws, fees, unpriced
    )


def _losses(
    by_hash: Mapping[str, Verified], candidates: Mapping[str, Candidate], selection: Selection
) -> Iterable[Loss]:
    unfair = {drop.candidate.hash: drop for drop in selection.unfair}
    won = {winner.hash for winner in selection.winners}
    for key in sorted(by_hash):
        bid = by_hash[key]
        if key in unfair:
            drop = unfair[key]
            detail = f"gives {drop.pair} {drop.offered} wei; a bid for that pair alone gives {drop.baseline} wei"
            yield Loss(bid, Reason.UNFAIR_TO_PAIR, detail)
        elif key not in won:
            yield _outbid(bid, candidates[key], selection)


def _outbid(bid: Verified, mine: Candidate, selection: Selection) -> Loss:
    """Name a winner that holds what the bid would need."""
    for winner in sorted(selection.winners, key=lambda winner: winner.hash):
        shared = sorted(mine.claims & winner.claims, key=lambda claim: (not claim.startswith("pair"), claim))
        if shared:
            detail = f"scores {bid.score} wei; {winner.solver}'s bid of {winner.score} wei holds {shared[0]}"
            return Loss(bid, Reason.OUTBID, detail)
    for winner in selection.winners:
        if mine.draws.keys() & winner.draws.keys():
            detail = f"{winner.solver}'s winning bid takes funds that it needs"
            return Loss(bid, Reason.SIBLING_TOOK_BALANCE, detail)
    return Loss(bid, Reason.OUTBID, f"scores {bid.score} wei; the winning set totals {selection.total} wei without it")
