"""A market maker: a desk that signs firm quotes from its inventory, and the solver that fills traders with them.

A quote is an ordinary signed intent of the maker, submitted to the house like anybody's. Its terms reserve it for this
solver, so nobody else can pick it off, and what it gains counts nothing in the auction: only traders' surplus does.
The desk is loaded only where it is used; a solver's process needs no HTTP.
"""

from walras_solvers.marketmaker.solver import MarketMakerSolver

__all__ = ["MarketMakerSolver"]
