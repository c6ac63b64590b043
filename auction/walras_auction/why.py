"""Why an intent of the batch stays unfilled, in a sentence its owner can act on. Pure.

Looks at the batch alone: the best opposite limit, the pools' spot price, and what the gas would cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

from walras.amounts import priced_token
from walras.intent import Intent, bound_at
from walras.rejections import Reason
from walras.scoring import PRICE_UNIT
from walras.wire import Batch, TokenInfo

from walras_auction.verify import reserved_for


@dataclass(frozen=True, slots=True)
class Why:
    """A reason and its sentence."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class _Offer:
    """Somebody (or a pool) pays ``rate`` atoms of the wanted token per atom given."""

    rate: Fraction
    source: str


class Unfilled:
    """Explains the intents of one batch, given who was filled and which uids losing bids would have filled."""

    def __init__(self, batch: Batch, executed: Mapping[str, int], proposed: Mapping[str, str]) -> None:
        self._batch = batch
        self._executed = executed
        self._proposed = proposed
        self._tokens = {token.address: token for token in batch.tokens}
        self._intents = {entry.uid: entry.intent.intent() for entry in batch.intents}
        self._reserved = {entry.uid: reserved_for(entry, batch.time) for entry in batch.intents if entry.terms_data}
        self._offers = self._best_offers()
        self._left = {(funds.owner, funds.token): funds.available for funds in batch.funds}

    def explain(self, uid: str, draws: Mapping[tuple[str, str], int]) -> Why:
        """The reason for ``uid``; ``draws`` is what winning fills took from each (owner, token)."""
        intent = self._intents[uid]
        for leg in intent.gives:
            key = (intent.owner, leg.token)
            # minFill counts atoms of the first give only where the gives are the fixed side.
            least = intent.min_fill if leg is intent.fixed_side[0] else 1
            if draws.get(key) and self._left.get(key, 0) - draws[key] < least and uid not in self._executed:
                return Why(
                    Reason.SIBLING_TOOK_BALANCE, f"a fill of the same owner took {draws[key]} atoms of {leg.token}"
                )
        if self._reserved.get(uid) is not None:
            return Why(Reason.EXCLUSIVE_SOLVER, f"its terms reserve it for the solver {self._reserved[uid]}")
        if uid in self._proposed:
            return Why(Reason.NO_SOLUTION_WON, f"the bid {self._proposed[uid]} would have filled it and did not win")
        if len(intent.gives) > 1 or len(intent.wants) > 1:
            return Why(Reason.NO_SOLUTION_FOUND, "no solver proposed a fill for this basket")
        return self._single(intent)

    def _single(self, intent: Intent) -> Why:
        give, want = self._pair(intent)
        limit = self._limit(intent)
        best = self._offers.get((give, want))
        if best is None:
            return Why(Reason.NO_COUNTERPARTY, "no counterparty at your limit; nobody gives that token for yours")
        shown, asked = self._show(best.rate, give, want), self._show(limit, give, want)
        if best.rate < limit:
            detail = f"no counterparty at your limit; best offered {shown} by {best.source}, you ask {asked}"
            return Why(Reason.NO_COUNTERPARTY, detail)
        gas = self._batch.gas
        cost = (gas.per_fill + gas.base // 2) * gas.price
        gain = self._gain(intent, best.rate - limit)
        if gain is not None and gain <= 2 * cost:
            detail = (
                f"at the best offer ({shown} by {best.source}) you would gain {gain} wei; gas costs about {cost} wei"
            )
            return Why(Reason.GAS_EXCEEDS_SURPLUS, detail)
        return Why(Reason.NO_SOLUTION_FOUND, f"best offered {shown} by {best.source}, you ask {asked}")

    def _best_offers(self) -> dict[tuple[str, str], _Offer]:
        """The best that each directed pair is offered: by opposite intents not wholly filled, and by pools at spot."""
        offers: dict[tuple[str, str], _Offer] = {}

        def offer(pair: tuple[str, str], rate: Fraction, source: str) -> None:
            if pair not in offers or offers[pair].rate < rate:
                offers[pair] = _Offer(rate, source)

        for entry in self._batch.intents:
            intent = self._intents[entry.uid]
            if len(intent.gives) > 1 or len(intent.wants) > 1 or self._executed.get(entry.uid, 0) >= entry.remaining:
                continue
            give, want = self._pair(intent)
            offer((want, give), 1 / self._limit(intent), "another intent")
        for pool in self._batch.pools:
            for give, want in permutations(pool.tokens, 2):
                spot = pool.spot(give, want)
                if spot is not None:
                    offer((give, want), spot, f"pool {pool.id}")
        return offers

    def _pair(self, intent: Intent) -> tuple[str, str]:
        wrapped = self._batch.wrapped_native
        return priced_token(intent.gives[0].token, wrapped), priced_token(intent.wants[0].token, wrapped)

    def _limit(self, intent: Intent) -> Fraction:
        """Atoms wanted per atom given, now."""
        time = self._batch.time
        want = bound_at(intent.wants[0], intent, time, give=False)
        return Fraction(want, bound_at(intent.gives[0], intent, time, give=True))

    def _gain(self, intent: Intent, margin: Fraction) -> int | None:
        """Wei that the whole intent would gain at ``margin`` atoms of its want beyond the limit, rounded down."""
        give, want = self._pair(intent)
        price = self._tokens[want].price if want in self._tokens else None
        funds = min(intent.gives[0].end, self._left.get((intent.owner, give), 0))
        return None if price is None else int(margin * funds * price / PRICE_UNIT)

    def _show(self, rate: Fraction, give: str, want: str) -> str:
        left, right = self._token(give), self._token(want)
        scaled = rate * Fraction(10) ** (left.decimals - right.decimals)
        number = Decimal(scaled.numerator) / Decimal(scaled.denominator)
        return f"{number:.6g} {right.symbol} per {left.symbol}"

    def _token(self, address: str) -> TokenInfo:
        unknown = TokenInfo(address=address, symbol=address[:8] + "…", decimals=0)
        return self._tokens.get(address, unknown)
