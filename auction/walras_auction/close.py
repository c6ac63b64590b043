"""Stage 3: cut a batch out of the log. Pure: the same log, chain facts and terms give the same batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from walras.rejections import Reason
from walras.wire import Batch, Funds, GasTerms, IntentMessage, OpenIntent, Pool, TokenInfo

from walras_auction.ports import Contracts, IntentUpdate, State, StoredIntent, TokenFacts


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """The published terms of a house's rounds."""

    gas: GasTerms
    deadline_ms: int = 5_000
    max_solutions: int = 8
    guard_bps: int | None = None
    horizon: int = 120  # seconds after the close in which a settlement may land
    batch_size: int = 5_000
    market: str = ""  # a name for viewers


@dataclass(frozen=True, slots=True)
class ChainView:
    """What the chain said at the block of the close."""

    block: int
    time: int
    funds: Mapping[tuple[str, str], TokenFacts]
    nonces: Mapping[str, tuple[int, bool, bool, int]]  # uid → epoch, taken, dead, filled
    pools: tuple[Pool, ...]


def sweep(intents: Sequence[StoredIntent], view: ChainView, now: int, terms: RoundTerms) -> list[IntentUpdate]:
    """Whose standing changed since the last round: expired, cancelled on chain, parked, or back again."""
    updates = []
    for stored in intents:
        state, reason, detail = _standing(stored, view, now, terms)
        if state == stored.state == "parked" and stored.reason == Reason.PERMIT_FAILED:
            continue  # the failed permit is why its allowance is zero, and says more
        if (state, reason) != (stored.state, stored.reason if stored.state == "parked" else None):
            updates.append(IntentUpdate(stored.uid, state, stored.executed, reason, detail))
    return updates


def _standing(stored: StoredIntent, view: ChainView, now: int, terms: RoundTerms) -> tuple[State, str | None, str]:
    intent = stored.intent
    epoch, taken, dead, filled = view.nonces[stored.uid]
    if intent.valid_to < now + terms.horizon:
        return (
            "expired",
            Reason.EXPIRED,
            f"validTo {intent.valid_to}; a settlement may land until {now + terms.horizon}",
        )
    if intent.epoch != epoch or dead or (taken and filled == 0):
        return "cancelled", Reason.CANCELLED, "its nonce was cancelled, or used by an alternative, on chain"
    for leg in intent.gives:
        facts = view.funds[(intent.owner, leg.token)]
        if min(facts.balance, facts.allowance) == 0:
            what = "balance" if facts.balance == 0 else "allowance to the vault"
            return "parked", Reason.PARKED_FUNDS, f"the owner's {what} of {leg.token} is zero"
    return "open", None, ""


def close(
    round_id: int,
    intents: Sequence[StoredIntent],
    view: ChainView,
    now: int,
    terms: RoundTerms,
    contracts: Contracts,
    chain_id: int,
    tokens: Sequence[TokenInfo],
) -> Batch:
    """The batch of all open intents whose window has opened, in the order of the log."""
    ready = [stored for stored in intents if stored.state == "open" and stored.intent.valid_from <= now]
    ready = ready[: terms.batch_size]
    pairs = sorted({(stored.intent.owner, leg.token) for stored in ready for leg in stored.intent.gives})
    return Batch(
        round=round_id,
        chain_id=chain_id,
        settlement=contracts.settlement,
        vault=contracts.vault,
        executor=contracts.executor,
        wrapped_native=contracts.wrapped_native,
        block=view.block,
        time=now,
        settle_by=now + terms.horizon,
        deadline_ms=terms.deadline_ms,
        max_solutions=terms.max_solutions,
        guard_bps=terms.guard_bps,
        gas=terms.gas,
        tokens=tuple(tokens),
        intents=tuple(
            OpenIntent(
                uid=stored.uid,
                sequence=stored.sequence,
                remaining=stored.remaining,
                intent=IntentMessage.of(stored.intent),
            )
            for stored in ready
        ),
        funds=tuple(
            Funds(owner=owner, token=token, available=min(facts.balance, facts.allowance))
            for owner, token in pairs
            for facts in (view.funds[(owner, token)],)
        ),
        pools=view.pools,
    )
