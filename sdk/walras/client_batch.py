"""What both clients offer to owners of many intents: one request for hundreds of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar, overload

from walras import calls
from walras.answers import Receipts
from walras.batches import Outcome, outcomes
from walras.calls import BATCH_SIZE, Call, WalrasError
from walras.orders import Order
from walras.wire import HouseInfo, Receipt, SubmitRequest

__all__ = ["AsyncBatching", "Batching"]

Answer = TypeVar("Answer")


class Batching:
    """The part of :class:`walras.client.Client` that submits many at once."""

    if TYPE_CHECKING:

        def _send(self, call: Call[Answer]) -> Answer: ...

        def house(self, *, fresh: bool = False) -> HouseInfo: ...

    @overload
    def submit_many(
        self, orders: Sequence[Order], receipts: Literal["each"] = "each"
    ) -> list[Receipt | WalrasError]: ...

    @overload
    def submit_many(self, orders: Sequence[Order], receipts: Receipts) -> list[Outcome]: ...

    def submit_many(self, orders: Sequence[Order], receipts: Receipts = "each") -> Sequence[Outcome]:
        """Submit many; in each order's place its receipt, checked, or the error that a single submit would raise.

        ``receipts="last"``: the house signs one receipt for what it logs in a row, which costs it half as much. All
        but that one are :class:`~walras.chained.ChainedReceipt`, checked down to the last head. What they prove is
        the same; but the ledger judges signed places only, so keep ``each`` where its bond has to stand behind every
        intent from the first moment. (:meth:`receipt` has the signed receipt of each later.)
        """
        info = self.house()
        found: list[Outcome] = []
        for requests in _parts(orders, info):
            found += outcomes(self._send(calls.submit_many(requests, receipts)), requests, info, receipts)
        return found


class AsyncBatching:
    """The same for :class:`walras.aclient.AsyncClient`."""

    if TYPE_CHECKING:

        async def _send(self, call: Call[Answer]) -> Answer: ...

        async def house(self, *, fresh: bool = False) -> HouseInfo: ...

    @overload
    async def submit_many(
        self, orders: Sequence[Order], receipts: Literal["each"] = "each"
    ) -> list[Receipt | WalrasError]: ...

    @overload
    async def submit_many(self, orders: Sequence[Order], receipts: Receipts) -> list[Outcome]: ...

    async def submit_many(self, orders: Sequence[Order], receipts: Receipts = "each") -> Sequence[Outcome]:
        """As :meth:`Batching.submit_many`."""
        info = await self.house()
        found: list[Outcome] = []
        for requests in _parts(orders, info):
            found += outcomes(await self._send(calls.submit_many(requests, receipts)), requests, info, receipts)
        return found


def _parts(orders: Sequence[Order], info: HouseInfo) -> Iterator[list[SubmitRequest]]:
    """The signed requests, as many at a time as one message holds."""
    domain = calls.domain_of(info)
    for start in range(0, len(orders), BATCH_SIZE):
        yield [order.request(domain) for order in orders[start : start + BATCH_SIZE]]
