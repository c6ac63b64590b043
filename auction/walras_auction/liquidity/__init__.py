"""Outside liquidity, read from the chain the house runs on: pools of four kinds, all at one block.

A reading is a generator that asks for calls and ends with a pool, so a pool's story stands in one function while all
pools of a house share each batch of calls. What a contract answers is never trusted: whatever is short, absurd or no
pool of its factory drops that pool by name (:class:`Drop`) and harms nothing else.
"""

from walras_auction.liquidity.drops import Drop, Dropped
from walras_auction.liquidity.health import DroppedPool, LiquidityHealth
from walras_auction.liquidity.keeper import Liquidity
from walras_auction.liquidity.settings import BalancerSection, LiquiditySection, UniswapV2Section, UniswapV3Section

__all__ = [
    "BalancerSection",
    "Drop",
    "Dropped",
    "DroppedPool",
    "Liquidity",
    "LiquidityHealth",
    "LiquiditySection",
    "UniswapV2Section",
    "UniswapV3Section",
]
