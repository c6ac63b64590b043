"""Helpers of the tests that need a chain, a house or scripted solvers."""
