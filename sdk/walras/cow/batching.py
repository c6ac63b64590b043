"""A CoW auction as a batch of Walras: orders become intents of one leg a side, liquidity becomes pools."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError

from walras.amounts import priced_token
from walras.atoms import U128_MAX
from walras.cow.auction import CowAuction, CowOrder
from walras.cow.liquidity import pools_of
from walras.digest import keccak
from walras.intent import NATIVE, FillRule, Intent
from walras.scoring import PRICE_UNIT
from walras.wire import AnyPool, Batch, Funds, GasTerms, IntentMessage, OpenIntent, TokenInfo

#: Gas of a GPv2 settlement: what it costs at all, and what a trade adds.
SETTLEMENT_GAS, TRADE_GAS = 106_000, 60_000
#: Gas of a swap where an auction shows no liquidity.
SWAP_GAS = 110_000
_LATEST = 2**48 - 1


@dataclass(frozen=True, slots=True)
class CowChain:
    """Where the orders settle: facts that the protocol does not send."""

    chain_id: int = 1
    settlement: str = "0x9008d19f58aabd9ed0d60971565aa8510560ab41"
    wrapped_native: str = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"


@dataclass(frozen=True)
class Lot:
    """A part of an auction that one batch can hold: orders that pay for gas, or those that do not."""

    auction: CowAuction
    chain: CowChain
    orders: Mapping[str, CowOrder]
    pools: Mapping[str, tuple[AnyPool, int]]
    pays_fee: bool

    def priced(self, token: str) -> str:
        """The token that carries the price: the native coin trades at that of its wrapped token."""
        return priced_token(token, self.chain.wrapped_native)

    @cached_property
    def by_cow_uid(self) -> Mapping[str, CowOrder]:
        return {order.uid: order for order in self.orders.values()}

    def batch(self, time: int, deadline_ms: int, max_solutions: int) -> Batch:
        """The batch at Unix second ``time``. Quotes and orders that have paid trade as if gas were free."""
        gases = sorted(gas for _, gas in self.pools.values())
        gas = GasTerms(
            price=self.auction.effective_gas_price if self.pays_fee and not self.auction.is_quote else 0,
            base=SETTLEMENT_GAS,
            per_fill=TRADE_GAS,
            per_interaction=gases[len(gases) // 2] if gases else SWAP_GAS,
            margin_bps=10_000,
        )
        return Batch(
            round=int(self.auction.id or 0),
            chain_id=self.chain.chain_id,
            settlement=self.chain.settlement,
            vault=self.chain.settlement,
            executor=self.chain.settlement,
            wrapped_native=self.chain.wrapped_native,
            block=0,
            time=time,
            settle_by=time,
            deadline_ms=deadline_ms,
            max_solutions=max_solutions,
            gas=gas,
            tokens=tuple(self._tokens()),
            intents=tuple(_open(number, uid, order) for number, (uid, order) in enumerate(self.orders.items())),
            funds=self._funds(),
            pools=tuple(pool for pool, _ in self.pools.values()),
        )

    def _tokens(self) -> Iterator[TokenInfo]:
        gauges = self._gauges()
        for address, token in sorted(self.auction.tokens.items()):
            if address != NATIVE:
                decimals, symbol = token.decimals or 0, (token.symbol or "")[:32]
                price = token.reference_price or (PRICE_UNIT if address in gauges else None)
                yield TokenInfo(address=address, symbol=symbol, decimals=decimals, price=price)

    def _gauges(self) -> set[str]:
        """Of a quote, which names no prices, the token whose atoms tell the better of two answers: an engine looks for
        surplus that is worth something.
        """
        orders = self.orders.values() if self.auction.is_quote else ()
        return {self.priced(order.buy_token) if order.sells else order.sell_token for order in orders}

    def _funds(self) -> tuple[Funds, ...]:
        """All that the orders sell: the driver sends only what its owners have."""
        held: dict[tuple[str, str], int] = defaultdict(int)
        for order in self.orders.values():
            held[order.owner, order.sell_token] += order.sell_amount
        rows = sorted(held.items())
        return tuple(Funds(owner=key[0], token=key[1], available=min(sold, 2**256 - 1)) for key, sold in rows)


def lots(auction: CowAuction, chain: CowChain) -> list[Lot]:
    """The auction's lots, those without orders left out."""
    orders = {"0x" + keccak(order.uid.encode()).hex(): order for order in _orders(auction, chain)}
    pools = pools_of(auction.liquidity) if orders else {}
    found = []
    for pays_fee in (True, False):
        some = {uid: order for uid, order in orders.items() if order.pays_fee is pays_fee}
        if some:
            found.append(Lot(auction, chain, some, pools, pays_fee))
    return found


def _orders(auction: CowAuction, chain: CowChain) -> Iterator[CowOrder]:
    """The orders that an intent can stand for."""
    for entry in auction.orders:
        try:
            order = CowOrder.model_validate(entry)
        except (ValidationError, RecursionError):
            continue
        if not _left_out(order, chain):
            yield order.model_copy(update={"uid": order.uid.lower()})


def _left_out(order: CowOrder, chain: CowChain) -> bool:
    """What an engine can not execute, or not without more than it is told to do."""
    sold, bought = order.sell_token, priced_token(order.buy_token, chain.wrapped_native)
    fixed, bound = (order.sell_amount, order.buy_amount) if order.sells else (order.buy_amount, order.sell_amount)
    return (
        order.class_ not in ("limit", "market")
        or sold in (NATIVE, bought)
        or bool(order.fee_policies)  # who sends them expects the engine to collect the protocol's fee
        or order.flashloan_hint is not None
        or any(not (isinstance(one, dict) and one.get("isOmittable") is True) for one in order.wrappers)
        or not 0 < fixed <= U128_MAX
        or (order.sells and bound > U128_MAX)
        or (not order.sells and bound == 0)
        or order.full_sell_amount == 0
        or order.full_buy_amount == 0
    )


def _open(number: int, uid: str, order: CowOrder) -> OpenIntent:
    """The order as an intent of its own nonce. A bound of nothing, or above what a fill can move, is drawn in."""
    fill = FillRule.PARTIAL if order.partially_fillable else FillRule.WHOLE
    until = min(max(order.valid_to, 0), _LATEST)
    give = order.sell_token, min(order.sell_amount, U128_MAX)
    want = order.buy_token, max(order.buy_amount, 1)
    if order.sells:
        least = 1 if order.partially_fillable else give[1]
        intent = Intent.sell(order.owner, give, want, valid_to=until, nonce=number, fill=fill, min_fill=least)
    else:
        least = 1 if order.partially_fillable else want[1]
        intent = Intent.buy(order.owner, want, give, valid_to=until, nonce=number, fill=fill, min_fill=least)
    return OpenIntent(uid=uid, sequence=number, remaining=intent.full_amount, intent=IntentMessage.of(intent))
