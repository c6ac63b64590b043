"""What the conditions of terms read from a chain, each read by an ``eth_call`` with the contract's own gas cap."""

from __future__ import annotations

from walras.conditions import READ_GAS

from walras_auction.infra.chain.encoding import calldata_gas, least_gas
from walras_auction.infra.chain.rpc import Reverted, Rpc
from walras_auction.ports import ChainError

#: Gas of a transaction before its first instruction, call data apart.
_INTRINSIC_GAS = 21_000


class ConditionReads:
    """Implements :class:`walras_auction.waiting.ConditionChain` over an RPC."""

    rpc: Rpc

    def first_word(self, block: int, target: str, data: bytes) -> int | None:
        """The first word returned, or None. Calls come from the house's account, not from the runner's."""
        gas = max(READ_GAS + _INTRINSIC_GAS + calldata_gas(data), least_gas(data))
        try:
            answer = self.rpc.call(target, data, gas=gas, block=block)
        except Reverted:
            return None
        except ChainError:
            # Nodes have no common word for a call that failed without reverting, such as for want of gas. If the
            # chain still answers at all, it was the call's fault: whoever signed it must not stop the house.
            self.rpc.timestamp(block)
            return None
        return int.from_bytes(answer[:32], "big") if len(answer) >= 32 else None

    def native_balance(self, block: int, account: str) -> int:
        return self.rpc.balance(account, block)
