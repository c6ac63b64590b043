"""Exact arithmetic of pools, one module a kind, free of the wire: integers of atoms in, integers of atoms out.

Every function rounds as the chain's own contract does, which is against the trader. Where the contract would revert,
the answer is None, and a pool with nonsense in it answers the same way: no function here raises for any integers.
"""

from walras.pools import concentrated, constant, stable, weighted
from walras.pools.least import least_input

__all__ = ["concentrated", "constant", "least_input", "stable", "weighted"]
