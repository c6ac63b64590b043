"""What tests of traders' and solvers' code need: markets built in a line or two, without a house or a chain."""

from walras.testing.market import Market, a_market

__all__ = ["Market", "a_market"]
