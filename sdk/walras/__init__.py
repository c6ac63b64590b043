"""Walras: sign the outcome you want, and let solvers compete to give you more.

The names here are the public interface; everything else may move.
"""

from typing import TYPE_CHECKING, Any

from walras.amounts import Amounts, check_limits, fill_amounts, limits
from walras.digest import Domain, intent_uid, typed_data
from walras.intent import NATIVE, FillRule, Intent, Kind, Leg, check_structure
from walras.rejections import Reason, Rejection
from walras.scoring import surplus_atoms, surplus_value
from walras.signing import Signer, recover
from walras.wire import (
    Answer,
    AnyPool,
    Batch,
    ConcentratedPool,
    Fill,
    IntentStatus,
    Pool,
    PoolSwap,
    Receipt,
    Solution,
    StablePool,
    WeightedPool,
)

if TYPE_CHECKING:
    from walras.aclient import AsyncClient
    from walras.calls import WalrasError
    from walras.chained import ChainedReceipt
    from walras.client import Client
    from walras.orders import Order
    from walras.solver import Solver
    from walras.terms import FeeShare, Hook, Terms

__all__ = [
    "NATIVE",
    "Amounts",
    "Answer",
    "AnyPool",
    "AsyncClient",
    "Batch",
    "ChainedReceipt",
    "Client",
    "ConcentratedPool",
    "Domain",
    "FeeShare",
    "Fill",
    "FillRule",
    "Hook",
    "Intent",
    "IntentStatus",
    "Kind",
    "Leg",
    "Order",
    "Pool",
    "PoolSwap",
    "Reason",
    "Receipt",
    "Rejection",
    "Signer",
    "Solution",
    "Solver",
    "StablePool",
    "Terms",
    "WalrasError",
    "WeightedPool",
    "check_limits",
    "check_structure",
    "fill_amounts",
    "intent_uid",
    "limits",
    "recover",
    "surplus_atoms",
    "surplus_value",
    "typed_data",
]

#: Loaded when first used, so that a solver's process does not pay for an HTTP client or an ABI library.
_LAZY = {
    "AsyncClient": "walras.aclient",
    "ChainedReceipt": "walras.chained",
    "Client": "walras.client",
    "FeeShare": "walras.terms",
    "Hook": "walras.terms",
    "Order": "walras.orders",
    "Solver": "walras.solver",
    "Terms": "walras.terms",
    "WalrasError": "walras.calls",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'walras' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
