"""Benchmarks: what the house can do, beside a peer measured in the same run. ``python -m tests.bench --help``."""
