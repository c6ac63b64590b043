"""Everything the stages of a round ask of the chain, in one protocol; ``infra.chain.EvmChain`` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from walras.digest import Domain
from walras.intent import Intent
from walras.wire import TokenInfo

from walras_auction.authority import AuthorityChain
from walras_auction.close import ChainView
from walras_auction.ports import Contracts
from walras_auction.relay import RelayChain
from walras_auction.settle import SettlementChain
from walras_auction.simulate import SimulationChain
from walras_auction.waiting import ConditionChain


class HouseChain(RelayChain, SimulationChain, SettlementChain, AuthorityChain, ConditionChain, Protocol):
    """The chain as the rounds see it."""

    domain: Domain
    contracts: Contracts

    def tokens(self) -> tuple[TokenInfo, ...]: ...

    def view(self, intents: Sequence[tuple[str, Intent]]) -> ChainView:
        """Funds, nonces and pools for (uid, intent) pairs at the latest block."""
        ...

    def is_bonded(self, solver: str) -> bool: ...

    def cover(self, solver: str, token: str) -> int: ...
