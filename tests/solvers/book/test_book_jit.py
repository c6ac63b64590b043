"""Compiled functions keep their machine code where they can, and work where they can not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from walras_solvers.book import jit

_PROGRAM = "from walras_solvers.book.split import share; print(share(7, 3, 10), sum(share.stats.cache_hits.values()))"


def test_without_a_place_for_its_cache_a_function_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def njit(**options: Any) -> Any:
        asked.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(jit, "njit", njit)
    assert jit.compiled(len)([1, 2]) == 2
    assert asked == [{"cache": True, "nogil": True}, {"nogil": True}]


def test_the_next_process_finds_the_machine_code(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, check=True
        )
        return done.stdout.strip()

    assert [run(), run()] == ["2 0", "2 1"]
