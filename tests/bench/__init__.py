"""Benchmarks: what the house can do, beside a peer measured in the same run. ``python -m tests.bench --help``."""

import sys
from pathlib import Path

# The tests' own servers (``support``) are found by pytest; ``python -m tests.bench`` finds them here.
sys.path.append(str(Path(__file__).resolve().parent.parent))
