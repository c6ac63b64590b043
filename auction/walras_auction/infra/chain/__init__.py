"""The chain, over JSON-RPC or in process: reads at one block, simulation, settlement."""

from walras_auction.infra.chain.evm import EvmChain

__all__ = ["EvmChain"]
