"""Finding and loading solvers: every way to fail is named, with the package it comes from."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from walras import plugins
from walras.plugins import BrokenSolver, Origin, installed, load_solver, origin_of


class FakePoint:
    """An entry point of a package that is not installed."""

    def __init__(self, name: str, value: str, package: str = "", version: str = "") -> None:
        self.name, self.value = name, value
        self.dist = type("Dist", (), {"name": package, "version": version})() if package else None

    def load(self) -> object:
        module, _, attribute = self.value.partition(":")
        return getattr(__import__(module), attribute)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> list[FakePoint]:
    found: list[FakePoint] = []

    def entry_points(group: str, name: str | None = None) -> list[FakePoint]:
        assert group == plugins.GROUP
        return [point for point in found if name in (None, point.name)]

    monkeypatch.setattr(plugins, "entry_points", entry_points)
    return found


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("walras_plugin_of_a_test")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


class Works:
    def solve(self, batch: object) -> tuple[()]:
        return ()


def problem(name: str) -> str:
    with pytest.raises(BrokenSolver) as caught:
        load_solver(name)
    assert isinstance(caught.value, LookupError)
    return str(caught.value)


def test_the_engines_that_come_with_walras_are_installed() -> None:
    found = {one.name: one for one in installed()}
    assert {"orderbook", "clearing", "router", "naive", "marketmaker"} <= found.keys()
    assert found["naive"] == Origin("naive", "walras_solvers.naive:NaiveSolver", "walras", version("walras"))
    assert str(found["naive"]) == f"naive (walras {version('walras')})"


def test_a_name_that_nobody_publishes_is_its_own_origin() -> None:
    assert origin_of("file.py:Mine") == Origin("file.py:Mine", "file.py:Mine")
    assert origin_of("nobody") == Origin("nobody", "")


def test_a_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "solver_in_a_file.py"
    file.write_text("class Mine:\n    def solve(self, batch):\n        return ()\n")
    assert type(load_solver(f"{file}:Mine")).__name__ == "Mine"
    assert "has no 'Other'" in problem(f"{file}:Other")
    assert "no Python file" in problem(f"{tmp_path / 'none.py'}:Mine")


def test_the_package_and_version_of_a_broken_one_are_named(points: list[FakePoint], module: ModuleType) -> None:
    points.append(FakePoint("mine", f"{module.__name__}:Mine", "my-package", "1.2.3"))
    assert problem("mine").startswith(
        "mine (my-package 1.2.3): importing walras_plugin_of_a_test:Mine failed: Attribute"
    )


def test_what_is_missing_is_named(points: list[FakePoint]) -> None:
    points.append(FakePoint("mine", "walras_nowhere:Mine", "my-package", "1.2.3"))
    assert problem("mine").endswith("ModuleNotFoundError: No module named 'walras_nowhere'")


def test_one_that_raises_when_made_is_named(points: list[FakePoint], module: ModuleType) -> None:
    def ruined() -> None:
        raise FileNotFoundError("model.bin")

    module.Ruined = ruined  # type: ignore[attr-defined]
    points.append(FakePoint("mine", f"{module.__name__}:Ruined", "my-package", "1"))
    assert problem("mine") == "mine (my-package 1): making it failed: FileNotFoundError: model.bin"


def test_one_without_the_protocol_is_named(points: list[FakePoint], module: ModuleType) -> None:
    module.Made = dict  # type: ignore[attr-defined]
    points.append(FakePoint("mine", f"{module.__name__}:Made", "my-package", "1"))
    assert problem("mine") == "mine (my-package 1): a dict is no solver: it has no solve(batch)"


def test_a_name_that_two_packages_publish_is_refused(points: list[FakePoint], module: ModuleType) -> None:
    module.Works = Works  # type: ignore[attr-defined]
    points.append(FakePoint("mine", f"{module.__name__}:Works", "one", "1"))
    assert isinstance(load_solver("mine"), Works)
    points.append(FakePoint("mine", "elsewhere:Works", "two", "2"))
    assert problem("mine") == "mine (one 1): the name is published twice: by mine (one 1) and mine (two 2)"


def test_one_broken_plugin_does_not_hide_the_others(points: list[FakePoint], module: ModuleType) -> None:
    module.Works = Works  # type: ignore[attr-defined]
    points += [FakePoint("broken", "walras_nowhere:Mine"), FakePoint("works", f"{module.__name__}:Works")]
    assert [one.name for one in installed()] == ["broken", "works"]
    assert isinstance(load_solver("works"), Works)


def test_an_interrupt_is_nobodys_fault(module: ModuleType) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    module.Interrupted = interrupted  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        load_solver(f"{module.__name__}:Interrupted")
