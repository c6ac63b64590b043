"""What a solver process needs at most for a batch: started like the house's own, given the batch as a line of JSON."""

from __future__ import annotations

import json
import subprocess
import sys

from walras.wire import Batch

from .measure import BenchError

_PROGRAM = """
import io, resource, sys
from walras.solver import load, serve
serve(load("clearing"), sys.stdin, io.StringIO())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_mib(batch: Batch) -> float:
    """MiB of the largest resident set, imports and the parsed batch included."""
    line = json.dumps({"method": "solve", "batch": batch.to_json()})
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM], input=line + "\n", capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise BenchError(f"the solver process failed: {run.stderr[-500:]}")
    return int(run.stdout.split()[-1]) / 1024
