"""What was compiled from other sources is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from walras_solvers import jit
from walras_solvers.jit import compiled, fingerprint, keep_current

_PROGRAM = "from walras_solvers.book.split import share; print(share(7, 3, 10), sum(share.stats.cache_hits.values()))"


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix in (".nbi", ".nbc", ".py")}


def _fill(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in ("edges.best-1.py311.nbi", "edges.best-1.py311.1.nbc", "edges.py"):
        (folder / name).write_bytes(b"")


def test_machine_code_of_other_sources_goes(tmp_path: Path) -> None:
    _fill(tmp_path)
    keep_current(tmp_path, "one")
    assert _files(tmp_path) == {"edges.py"}


def test_machine_code_of_these_sources_stays(tmp_path: Path) -> None:
    keep_current(tmp_path, "one")
    _fill(tmp_path)
    keep_current.cache_clear()  # as another process
    keep_current(tmp_path, "one")
    assert len(_files(tmp_path)) == 3
    keep_current(tmp_path, "two")
    assert _files(tmp_path) == {"edges.py"}


def test_a_folder_that_is_not_there_yet_is_made(tmp_path: Path) -> None:
    keep_current(tmp_path / "cache", "one")
    assert _files(tmp_path / "cache") == set()


def test_what_a_kernel_imports_counts_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "_SOURCES", tmp_path)
    sources = {
        "kernel": "from walras_solvers.deep.sizes import SIZE\nfrom walras_solvers.jit import compiled\n",
        "deep/sizes": "from walras_solvers.unit import ONE\nSIZE = ONE\n",
        "unit": "ONE = 1\n",
        "engine": "from walras_solvers.kernel import best\n",
    }
    for name, text in sources.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def changed(name: str) -> bool:
        fingerprint.cache_clear()
        before = fingerprint()
        with (tmp_path / f"{name}.py").open("a") as file:
            file.write("# changed\n")
        fingerprint.cache_clear()
        return fingerprint() != before

    assert [name for name in sources if changed(name)] == ["kernel", "deep/sizes", "unit"]
    fingerprint.cache_clear()


def test_without_a_place_for_the_cache_each_process_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    real = jit.njit

    def homeless(**options: object) -> object:
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(jit, "njit", homeless)
    assert compiled(_half, "numpy")(3.0) == 1.5


def _half(value: float) -> float:
    return value / 2


def test_the_next_process_finds_the_machine_code(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, check=True
        )
        return done.stdout.strip()

    assert [run(), run()] == ["2 0", "2 1"]
