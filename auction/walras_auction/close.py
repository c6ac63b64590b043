"""Stage 3: cut a batch out of the log. Pure: the same log, chain facts and terms give the same batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from walras.atoms import ceil_div
from walras.intent import Intent, Leg
from walras.rejections import Reason
from walras.wire import AnyPool, Batch, Funds, GasTerms, IntentMessage, LegMessage, OpenIntent, TokenInfo

from walras_auction.ports import Contracts, IntentUpdate, State, StoredIntent, TokenFacts
from walras_auction.sources import Source, available, empty_pocket, source_of
from walras_auction.waiting import Waiting

#: Why an intent is open and yet in no batch.
_WAITS = (Reason.CONDITION_NOT_MET, Reason.CONDITION_UNREADABLE, Reason.TERMS_FAILED)


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
    """What the chain said at the block of the close.

    ``keepers`` are owners who trade from the vault; ``revoked`` are uids whose signature holds no longer, and why;
    ``waiting`` are uids that their terms keep out for now.
    """

    block: int
    time: int
    funds: Mapping[tuple[str, str], TokenFacts]
    nonces: Mapping[str, tuple[int, bool, bool, int]]  # uid → epoch, taken, dead, filled
    pools: tuple[AnyPool, ...]
    keepers: frozenset[str] = frozenset()
    revoked: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)

    def source(self, stored: StoredIntent) -> Source:
        """Where the gives of an intent come from."""
        return source_of(stored.scheme, stored.intent.owner in self.keepers)


def sweep(intents: Sequence[StoredIntent], view: ChainView, now: int, terms: RoundTerms) -> list[IntentUpdate]:
    """Whose standing changed since the last round: expired, cancelled on chain, parked, or back again."""
    updates = []
    for stored in intents:
        state, reason, detail = _standing(stored, view, now, terms)
        if state == stored.state == "parked" and stored.reason == Reason.PERMIT_FAILED:
            continue  # the failed permit is why its allowance is zero, and says more
        known = stored.reason if stored.state == "parked" or stored.reason in _WAITS else None
        if (state, reason) != (stored.state, known):
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
    if stored.uid in view.revoked:
        return "parked", Reason.SIGNATURE_REVOKED, view.revoked[stored.uid]
    source = view.source(stored)
    for leg in intent.gives:
        facts = view.funds[(intent.owner, leg.token)]
        if available(facts, source) == 0:
            what = f"the owner's {empty_pocket(facts, source)} of {leg.token} is zero"
            return "parked", Reason.PARKED_FUNDS, what
    if stored.uid in view.waiting:
        return "open", view.waiting[stored.uid].reason, view.waiting[stored.uid].detail
    return "open", None, ""


def ready_at(intents: Sequence[StoredIntent], view: ChainView, now: int) -> list[StoredIntent]:
    """The intents that could fill in a round that closes now: open, in their window, their condition met."""
    return [
        stored
        for stored in intents
        if stored.state == "open" and stored.intent.valid_from <= now and stored.uid not in view.waiting
    ]


def could_give(stored: StoredIntent, view: ChainView, leg: int) -> int:
    """Atoms of a give that its owner has, up to what is left of it (rounded up)."""
    give, intent = stored.intent.gives[leg], stored.intent
    left = ceil_div(stored.remaining * give.end, intent.full_amount)
    return min(left, available(view.funds[(intent.owner, give.token)], view.source(stored)))


def most_worth(
    ready: Sequence[StoredIntent], view: ChainView, tokens: Sequence[TokenInfo], limit: int
) -> Sequence[StoredIntent]:
    """The ``limit`` intents of which most value could be given at reference prices; of equal ones the earlier."""
    if len(ready) <= limit:
        return ready
    prices = {token.address: token.price or 0 for token in tokens}

    def worth(stored: StoredIntent) -> int:
        gives = enumerate(stored.intent.gives)
        return sum(could_give(stored, view, at) * prices.get(leg.token, 0) for at, leg in gives)

    chosen = sorted(ready, key=lambda stored: (-worth(stored), stored.sequence))[:limit]
    return sorted(chosen, key=lambda stored: stored.sequence)


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
    """The batch of all intents that are ready, in the order of the log; of too many, those that could give most."""
    ready = most_worth(ready_at(intents, view, now), view, tokens, terms.batch_size)
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
            OpenIntent.model_construct(
                uid=stored.uid,
                sequence=stored.sequence,
                remaining=stored.remaining,
                intent=_message(stored.intent),
                scheme=stored.scheme,
                terms_data=stored.terms_data,
            )
            for stored in ready
        ),
        funds=tuple(
            Funds(owner=owner, token=token, available=amount)
            for (owner, token), amount in sorted(_funds(ready, view).items())
        ),
        pools=view.pools,
    )


def _message(intent: Intent) -> IntentMessage:
    """``IntentMessage.of``, without checking again what intake has checked: batches are large."""

    def legs(side: tuple[Leg, ...]) -> tuple[LegMessage, ...]:
        return tuple(LegMessage.model_construct(token=leg.token, start=leg.start, end=leg.end) for leg in side)

    return IntentMessage.model_construct(
        owner=intent.owner,
        receiver=intent.receiver,
        gives=legs(intent.gives),
        wants=legs(intent.wants),
        kind=intent.kind,
        fill=intent.fill,
        min_fill=intent.min_fill,
        valid_from=intent.valid_from,
        decay_to=intent.decay_to,
        valid_to=intent.valid_to,
        nonce=intent.nonce,
        terms=intent.terms,
    )


def _funds(ready: Sequence[StoredIntent], view: ChainView) -> dict[tuple[str, str], int]:
    """What each owner can give of each token. Who gives from several sources is trusted with the least of them, since
    a bid's draws are summed by owner and token: no sum of draws exceeds any one source."""
    sources: dict[tuple[str, str], set[Source]] = defaultdict(set)
    for stored in ready:
        for leg in stored.intent.gives:
            sources[(stored.intent.owner, leg.token)].add(view.source(stored))
    return {pair: min(available(view.funds[pair], source) for source in used) for pair, used in sources.items()}
