"""A batch as a CoW auction: what an engine of CoW can be asked of a round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from walras.amounts import limits
from walras.atoms import U128_MAX, ceil_div, floor_div
from walras.cow.auction import CowAuction, CowOrder, CowToken
from walras.cow.shown import liquidity_of
from walras.intent import ZERO_ADDRESS, FillRule, Intent, Kind, bound_at
from walras.wire import AnyPool, Batch, OpenIntent

_LATEST = 2**32 - 1


@dataclass(frozen=True)
class Question:
    """A batch, the auction that stands for it, and what its names mean."""

    batch: Batch
    auction: CowAuction
    orders: Mapping[str, OpenIntent] = field(repr=False)
    pools: Mapping[str, AnyPool] = field(repr=False)

    @cached_property
    def entries(self) -> Mapping[str, OpenIntent]:
        """The intents that were asked about, by their uid here."""
        return {entry.uid: entry for entry in self.orders.values()}

    @cached_property
    def by_id(self) -> Mapping[str, AnyPool]:
        """The pools that were shown, by their id here."""
        return {pool.id: pool for pool in self.pools.values()}


def question(batch: Batch, deadline: datetime, gas_percent: int = 100) -> Question:
    """The intents of one leg a side and without terms; of alternatives the first. ``gas_percent`` scales the price of
    gas: engines know what settling costs at CoW, not what it costs here.
    """
    orders, taken = {}, set()
    funds = {(entry.owner, entry.token): entry.available for entry in batch.funds}
    for entry in sorted(batch.intents, key=lambda one: one.sequence):
        order = _order(entry, batch.time, funds)
        if order is not None and (entry.intent.owner, entry.intent.nonce) not in taken:
            taken.add((entry.intent.owner, entry.intent.nonce))
            orders[order.uid] = order, entry
    pools = {str(number): pool for number, pool in enumerate(_pools(batch))}
    gas = batch.gas
    auction = CowAuction(
        id=str(batch.round),
        tokens=dict(_tokens(batch, [order for order, _ in orders.values()], list(pools.values()))),
        orders=tuple(order.to_json() for order, _ in orders.values()),
        liquidity=tuple(liquidity_of(pool, int(key), gas.per_interaction) for key, pool in pools.items()),
        effective_gas_price=ceil_div(gas.price * gas_percent, 100),  # up: fees below the gas are refused
        deadline=deadline,
    )
    return Question(batch, auction, {uid: entry for uid, (_, entry) in orders.items()}, pools)


def cow_uid(entry: OpenIntent) -> str:
    """As CoW makes it: digest, owner, and the last second in four bytes."""
    return entry.uid + entry.intent.owner[2:] + f"{min(entry.intent.valid_to, _LATEST):08x}"


def _pools(batch: Batch) -> Iterator[AnyPool]:
    """Those that can be traded through; of two with one id the house knows the last."""
    yield from (pool for pool in {pool.id: pool for pool in batch.pools}.values() if not pool.problem)


def _tokens(batch: Batch, orders: list[CowOrder], pools: list[AnyPool]) -> Iterator[tuple[str, CowToken]]:
    """All tokens that occur. There are no buffers: the house never pays."""
    known = {token.address: token for token in batch.tokens}
    named = {token for pool in pools for token in pool.tokens}
    named |= {token for order in orders for token in (order.sell_token, order.buy_token)}
    for address in sorted(known.keys() | named):
        info = known.get(address)
        if info is None:
            yield address, CowToken()
        else:
            yield address, CowToken(decimals=info.decimals, symbol=info.symbol, reference_price=info.price)


def _order(entry: OpenIntent, time: int, funds: Mapping[tuple[str, str], int]) -> CowOrder | None:
    """The order at its largest size now; None if an order can not say what the intent says."""
    intent = entry.intent.intent()
    if entry.terms_data is not None or len(intent.gives) != 1 or len(intent.wants) != 1:
        return None
    size = _size(entry, intent, time, funds.get((intent.owner, intent.gives[0].token), 0))
    if size <= 0 or (size < intent.min_fill and size != entry.remaining):
        return None
    if intent.fill is FillRule.WHOLE and size != intent.full_amount:
        return None
    (bound,), (full,) = limits(intent, size, time), limits(intent, intent.full_amount, time)
    if bound == 0:
        return None
    sells = intent.kind is Kind.SELL
    return CowOrder(
        uid=cow_uid(entry),
        sell_token=intent.gives[0].token,
        buy_token=intent.wants[0].token,
        sell_amount=size if sells else bound,
        buy_amount=bound if sells else size,
        full_sell_amount=intent.full_amount if sells else full,
        full_buy_amount=full if sells else intent.full_amount,
        valid_to=min(intent.valid_to, _LATEST),
        kind="sell" if sells else "buy",
        owner=intent.owner,
        receiver=None if intent.receiver == ZERO_ADDRESS else intent.receiver,
        partially_fillable=intent.fill is FillRule.PARTIAL,
        class_="limit",
    )


def _size(entry: OpenIntent, intent: Intent, time: int, funds: int) -> int:
    """What is left of it, as far as the funds go at its limit (rounded down)."""
    affordable = floor_div(funds * intent.full_amount, bound_at(intent.gives[0], intent, time, give=True))
    return min(entry.remaining, affordable, U128_MAX)
