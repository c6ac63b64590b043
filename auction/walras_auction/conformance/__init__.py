"""Solvers judged as a house judges them, without a house: the conformance suite, replay of rounds, answer times."""

from walras_auction.conformance.checker import Checker, Finding, Result

__all__ = ["Checker", "Finding", "Result"]
