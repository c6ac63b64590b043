"""One order over a network, as the kernels take it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from walras_solvers.kernels.flow_choice import choose
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_settle import settle
from walras_solvers.kernels.flow_split import Step
from walras_solvers.kernels.flow_state import I_GIVEN, J_GIVEN, Order, Plan, put_in

#: How much more than at spot prices a buy may cost, tried in this order: only pools that hold enough can serve it.
_DEARER = (1.05, 2.0, 16.0, 1024.0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Sell ``amount`` of ``start`` for the most of ``end``, or buy it of ``end`` for the least of ``start``.

    What is found is the most that can come out, or less the least that has to go in.
    """

    network: Network
    order: Order
    buy: bool

    @classmethod
    def of(cls, network: Network, start: int, end: int, amount: float, buy: bool = False) -> Problem:
        brought = np.zeros(len(network.tokens))
        brought[end if buy else start] = -amount if buy else amount
        pinned = start if buy else end
        size = amount * float(network.spot_prices(pinned)[end]) if buy else amount
        return cls(network, Order(brought, size, start, end, pinned, *network.hops_between(start, end)), buy)

    def spot(self) -> np.ndarray:
        """Rough prices to start from: those of the pools as they are; 1 for tokens that nothing connects."""
        prices = self.network.spot_prices(self.order.pinned)
        prices[~np.isfinite(prices)] = 1.0
        return prices

    def planned(self, parts: int, trials: int, deep: bool) -> tuple[float, Plan]:
        """(value, plan) of the search of ``flow_choice``; the value is -inf if no plan serves the order."""
        plan, value = self.empty(), -np.inf
        for dearer in _DEARER if self.buy else (1.0,):
            plan = self.empty()
            order = self.order._replace(size=self.order.size * dearer)
            value = choose(order, parts, trials, deep, self.network.tables, plan)
            if np.isfinite(value):
                break
        return value, plan

    def settled(self, steps: Iterable[Step], prices: np.ndarray) -> tuple[float, Plan]:
        """The same over the edges of ``steps`` alone."""
        plan = self.empty()
        plan.nu[:] = prices
        for step in steps:
            put_in(step.edge, I_GIVEN if step.from_i else J_GIVEN, self.network.link, plan)
        return settle(self.order, self.network.tables, plan, -np.inf), plan

    def empty(self) -> Plan:
        """A plan that passes no pool."""
        tokens, edges = len(self.network.tokens), len(self.network.link)
        return Plan(
            nu=self.spot(),
            of_pool=np.full(len(self.network.names), -1, dtype=np.int64),
            ways=np.zeros(edges, dtype=np.int64),
            after=np.zeros((tokens, tokens), dtype=np.bool_),
            flows=np.zeros((edges, 2)),
        )
