"""What travels: intents, batches, solutions, receipts and statuses, as strict JSON models.

Amounts travel as decimal strings (JSON numbers lose digits above 2^53), addresses and hashes as ``0x``
strings, times as integers of Unix seconds. Unknown fields are refused.
"""

from walras.wire.base import Address, Atoms, Bytes, Hash, Seconds, Wire, canonical
from walras.wire.intents import (
    Amended,
    CancelRequest,
    IntentMessage,
    LegMessage,
    PermitMessage,
    Problem,
    Receipt,
    SubmitRequest,
)
from walras.wire.pools import AnyPool, ConcentratedPool, Pool, Tick
from walras.wire.rounds import (
    Allowance,
    Answer,
    Batch,
    Call,
    Fill,
    Funds,
    GasTerms,
    Interaction,
    Notice,
    OpenIntent,
    PoolSwap,
    Solution,
    TokenAmount,
    TokenInfo,
)
from walras.wire.statuses import FillReport, HouseInfo, IntentStatus
from walras.wire.vault_pools import Asset, StablePool, WeightedAsset, WeightedPool

__all__ = [
    "Address",
    "Allowance",
    "Amended",
    "Answer",
    "AnyPool",
    "Asset",
    "Atoms",
    "Batch",
    "Bytes",
    "Call",
    "CancelRequest",
    "ConcentratedPool",
    "Fill",
    "FillReport",
    "Funds",
    "GasTerms",
    "Hash",
    "HouseInfo",
    "IntentMessage",
    "IntentStatus",
    "Interaction",
    "LegMessage",
    "Notice",
    "OpenIntent",
    "PermitMessage",
    "Pool",
    "PoolSwap",
    "Problem",
    "Receipt",
    "Seconds",
    "Solution",
    "StablePool",
    "SubmitRequest",
    "Tick",
    "TokenAmount",
    "TokenInfo",
    "WeightedAsset",
    "WeightedPool",
    "Wire",
    "canonical",
]
