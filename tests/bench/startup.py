"""How soon a built-in engine answers its first round: from the start of its process, with compiled kernels kept.

Beside it the bare limit: a process that imports what every engine needs, the SDK and numpy, and ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

from walras.plugins import installed
from walras.testing import a_market

from .measure import BenchError, interleaved
from .rows import Row, row
from .sizes import Sizes

_PASSES = 3
_DEADLINE_MS = 1_000


def startup(sizes: Sizes) -> Row:
    """Seconds until the slowest engine has answered, on a start that finds its kernels compiled."""
    every = [one.name for one in installed() if one.package == "walras"]
    names = every if sizes.books["solver.startup"] else ["naive", "orderbook"]
    question = json.dumps({"method": "solve", "batch": _batch()}) + "\n"
    cold: dict[str, float] = {}
    warm: dict[str, list[float]] = {name: [] for name in names}

    def slowest(_pass: int) -> float:
        for name in names:
            warm[name].append(_seconds(name, question, environment))
        return max(times[-1] for times in warm.values())

    with tempfile.TemporaryDirectory() as cache:
        # Where nothing is to be compiled at first, the kernels are found where the engines keep them.
        environment = {**os.environ, **({"NUMBA_CACHE_DIR": cache} if sizes.books["solver.startup"] else {})}
        for name in names:
            cold[name] = _seconds(name, question, environment)
        ours, bare = interleaved(slowest, lambda _: _import_seconds(environment), min(_PASSES, sizes.passes))
    each = ", ".join(
        f"{name} {sorted(warm[name])[len(warm[name]) // 2]:.2f} (first {cold[name]:.1f})" for name in names
    )
    first = "with an empty cache" if sizes.books["solver.startup"] else "with the cache as it was"
    detail = f"{ours}; bare {bare}; spawn to first answer by engine, in brackets the first start {first}: {each}"
    return row("solver.startup", ours.median, "s", "import of the SDK and numpy", bare.median, detail, better="less")


def _batch() -> object:
    market = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")
    market = market.with_pool("WETH", "USDC", 1_000, 2_000_000)
    market = market.with_sell("ann", ("WETH", 1), ("USDC", 1_900)).with_sell("bob", ("USDC", 2_100), ("WETH", 1))
    return market.batch(deadline_ms=_DEADLINE_MS).to_json()


def _seconds(name: str, question: str, environment: dict[str, str]) -> float:
    """From the start of the engine's process to its first answer."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "walras.solver", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        if ready != {"ready": True}:
            raise BenchError(f"{name} is not ready: {ready}")
        process.stdin.write(question)
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        taken = time.perf_counter() - began
        process.stdin.close()
    if "solutions" not in answer:
        raise BenchError(f"{name} did not answer: {answer}")
    return taken


def _import_seconds(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import numpy, walras.solver"], check=True, env=environment)
    return time.perf_counter() - began
