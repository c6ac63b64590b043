"""Solvers that misbehave, each in one way, for processes that the tests start."""
