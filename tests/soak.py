"""The campaigns against hostile input and against faults at length: ``python -m tests.soak``, or ``make soak``.

The same tests as in ``make test``, with many times their examples and other ones each time. A failure prints the
example; put it into the test that found it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Tests that take their number of examples from ``support.effort``.
CAMPAIGN = (
    "tests/properties/test_property_express.py",
    "tests/api/test_api_openapi.py",
    "tests/api/test_api_hostile.py",
    "tests/liquidity/test_drops.py",
    "tests/liquidity/test_uniswap_quotes.py",
    "tests/liquidity/test_balancer_quotes.py",
    "tests/sdk/test_exchange.py",
    "tests/sdk/test_pools_lies.py",
    "tests/sdk/test_pools_precision.py",
    "tests/solvers/book/test_book_compiled.py",
    "tests/solvers/book/test_book_reference.py",
    "tests/solvers/test_marketmaker_solver.py",
)


def main() -> int:
    """Run the campaign; the exit status of the tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=25, help="how many times the usual number of examples")
    times = parser.parse_args().times
    if times < 2:
        parser.error("once is what make test does")
    command = [sys.executable, "-m", "pytest", "-n", "2", "-o", "faulthandler_timeout=3600", *CAMPAIGN]
    failed = subprocess.run(command, cwd=ROOT, env={**os.environ, "WALRAS_SOAK": str(times)}, check=False).returncode
    # Houses killed at every named point: half a minute to a minute and a half each.
    faults = [sys.executable, "-m", "tests.faults", "--runs", str(times)]
    return failed or subprocess.run(faults, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
