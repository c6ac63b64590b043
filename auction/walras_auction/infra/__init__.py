"""Adapters: stores, chains, and the doors through which solvers answer."""
