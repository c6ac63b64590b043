"""Walras: sign the outcome you want, and let solvers compete to give you more.

The names here are the public interface; everything else may move.
"""

from walras.amounts import Amounts, check_limits, fill_amounts, limits
from walras.digest import Domain, intent_uid, typed_data
from walras.intent import NATIVE, FillRule, Intent, Kind, Leg, check_structure
from walras.rejections import Reason, Rejection
from walras.scoring import surplus_atoms, surplus_value
from walras.signing import Signer, recover
from walras.solver import Solver
from walras.wire import Answer, Batch, Fill, IntentStatus, Pool, PoolSwap, Receipt, Solution

__all__ = [
    "NATIVE",
    "Amounts",
    "Answer",
    "Batch",
    "Domain",
    "Fill",
    "FillRule",
    "Intent",
    "IntentStatus",
    "Kind",
    "Leg",
    "Pool",
    "PoolSwap",
    "Reason",
    "Receipt",
    "Rejection",
    "Signer",
    "Solution",
    "Solver",
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
