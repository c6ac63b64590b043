"""Solvers by name: which are installed, where each comes from, and loading one, with what goes wrong named."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

GROUP = "walras.solvers"

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a solver comes from: the object that is called, and the installed package and its version, if any."""

    name: str
    value: str
    package: str = ""
    version: str = ""

    def __str__(self) -> str:
        """As people name it: ``mine (my-package 0.1.0)``, or the path of a file."""
        return f"{self.name} ({self.package} {self.version})" if self.package else self.name


class BrokenSolver(LookupError):
    """A solver that can not be used: where it comes from, and what is wrong, in one sentence."""

    def __init__(self, origin: Origin, problem: str) -> None:
        super().__init__(f"{origin}: {problem}")
        self.origin = origin
        self.problem = problem


def installed() -> list[Origin]:
    """Every solver that an installed package publishes, by name. Imports none of them."""
    return sorted((_origin(point) for point in entry_points(group=GROUP)), key=lambda one: (one.name, one.package))


def origin_of(name: str) -> Origin:
    """Where the solver ``name`` comes from, as far as that is known without importing it."""
    found = [one for one in installed() if one.name == name]
    return found[0] if found else Origin(name, name if ":" in name else "")


def load_solver(name: str) -> Any:
    """The solver published as ``name`` (an entry point), or spelled out as ``module:factory`` or ``file.py:factory``.

    Raises :class:`BrokenSolver`, a ``LookupError``, if there is none of that name, if two packages publish it, if it
    can not be imported or made, or if what was made has no ``solve``.
    """
    origin = origin_of(name)
    factory = _guarded(origin, f"importing {origin.value or name} failed", lambda: _factory(name, origin))
    made = _guarded(origin, "making it failed", factory)
    if not callable(getattr(made, "solve", None)):
        raise BrokenSolver(origin, f"a {type(made).__name__} is no solver: it has no solve(batch)")
    return made


def _guarded(origin: Origin, what: str, action: Callable[[], Made]) -> Made:
    try:
        return action()
    except (BrokenSolver, KeyboardInterrupt):
        raise
    except BaseException as error:  # whatever a stranger's code raises, SystemExit included
        text = f"{type(error).__name__}: {error}".strip().rstrip(":")
        raise BrokenSolver(origin, f"{what}: {text}") from error


def _factory(name: str, origin: Origin) -> Callable[[], Any]:
    place, _, factory = name.rpartition(":")
    if place.endswith(".py"):
        return _named(_module(Path(place), origin), factory, origin)
    if place:
        return _named(importlib.import_module(place), factory, origin)
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        known = ", ".join(one.name for one in installed()) or "none"
        raise BrokenSolver(origin, f"no solver is installed under the name {name!r}; installed: {known}")
    if len({point.value for point in found}) > 1:
        both = " and ".join(str(_origin(point)) for point in found)
        raise BrokenSolver(origin, f"the name is published twice: by {both}")
    loaded: Callable[[], Any] = found[0].load()
    return loaded


def _module(file: Path, origin: Origin) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise BrokenSolver(origin, f"no Python file {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _named(module: ModuleType, factory: str, origin: Origin) -> Callable[[], Any]:
    if not hasattr(module, factory):
        raise BrokenSolver(origin, f"{module.__name__} has no {factory!r}")
    found: Callable[[], Any] = getattr(module, factory)
    return found


def _origin(point: EntryPoint) -> Origin:
    package, version = (point.dist.name, point.dist.version) if point.dist else ("", "")
    return Origin(point.name, point.value, package, version)
