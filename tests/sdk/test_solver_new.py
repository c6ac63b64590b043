"""``walras solver new``: the package works at once, and nothing is overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from walras import cli
from walras.commands.solver_new import FILES, class_of, module_of, write
from walras.conformance import suite
from walras_auction.conformance import Checker
from walras_solvers import naive


def new(folder: Path, name: str) -> Result:
    command = ["solver", "new", name, "--folder", str(folder)]
    return CliRunner().invoke(cli.app, command, env={"COLUMNS": "200"})


def test_it_writes_a_package(tmp_path: Path) -> None:
    result = new(tmp_path, "my-solver")
    assert result.exit_code == 0, result.output
    found = {str(path.relative_to(tmp_path / "my-solver")) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"pyproject.toml", "README.md", "my_solver/__init__.py", "tests/test_solver.py"}
    assert len(found) == len(FILES)
    assert f"walras solver check {tmp_path}/my-solver/my_solver/__init__.py:MySolver" in result.output
    project = tomllib.loads((tmp_path / "my-solver" / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["walras.solvers"] == {"my-solver": "my_solver:MySolver"}


def test_the_solver_is_the_engine_to_copy(tmp_path: Path) -> None:
    write(tmp_path / "mine", "mine")
    theirs = Path(naive.__file__).read_text()
    assert (tmp_path / "mine" / "mine" / "__init__.py").read_text() == theirs.replace("NaiveSolver", "MineSolver")


def test_the_solver_answers_and_its_test_file_runs(tmp_path: Path) -> None:
    write(tmp_path / "mine", "mine")
    cases = {case.name: case for case in suite(deadline_ms=60_000)}
    with Checker(f"{tmp_path / 'mine' / 'mine' / '__init__.py'}:MineSolver") as checker:
        assert checker.check(cases["duplicates"]).score > 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "cross or finds", "."]
    done = subprocess.run(command, cwd=tmp_path / "mine", capture_output=True, text=True, check=False, env=clean())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


def clean() -> dict[str, str]:
    """Without what pytest tells the processes that it starts."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def test_it_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyproject.toml").write_text("precious")
    result = new(tmp_path, "mine")
    assert result.exit_code == 2
    assert "exists; nothing was written" in result.output
    assert (tmp_path / "mine" / "pyproject.toml").read_text() == "precious"


@pytest.mark.parametrize("name", ["My", "1st", "a_b", "a--b", "a-", "../up", "class", ""])
def test_names_that_no_package_can_have(tmp_path: Path, name: str) -> None:
    assert new(tmp_path, name).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_published_already_is_refused(tmp_path: Path) -> None:
    result = new(tmp_path, "naive")
    assert result.exit_code == 2
    assert "is installed already" in result.output


def test_names_of_modules_and_classes() -> None:
    assert (module_of("my-best-one"), class_of("my-best-one")) == ("my_best_one", "MyBestOneSolver")
    assert class_of("ring-solver") == "RingSolver"
