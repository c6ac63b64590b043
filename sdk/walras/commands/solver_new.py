"""``walras solver new``: a package with a solver that works, a test that runs the conformance suite, and a README."""

from __future__ import annotations

import keyword
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from walras.commands.common import console
from walras.plugins import installed

_FOLDER = files("walras.commands") / "scaffold"
#: Template → the file it becomes; ``$module`` is the package's import name.
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "solver.py.txt": "$module/__init__.py",
    "test_solver.py.txt": "tests/test_solver.py",
}


def new(
    name: Annotated[str, typer.Argument(help="Name of the solver and its package, such as my-solver.")],
    folder: Annotated[Path, typer.Option(help="Where the package's folder is made.")] = Path(),
) -> None:
    """Start a solver of your own: a package that works at once. Overwrites nothing."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(name):
        raise typer.BadParameter("a name has small letters, digits and single dashes, and begins with a letter")
    taken = next((one for one in installed() if one.name == name), None)
    if taken is not None:
        raise typer.BadParameter(f"{taken} is installed already; a house could not tell them apart")
    target = folder / name
    if target.exists():
        raise typer.BadParameter(f"{target} exists; nothing was written")
    written = write(target, name)
    for path in written:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
    module = module_of(name)
    console.print(f"next: walras solver check {target / module / '__init__.py'}:{class_of(name)}", soft_wrap=True)


def module_of(name: str) -> str:
    """The import name."""
    return name.replace("-", "_")


def class_of(name: str) -> str:
    """The solver's class."""
    words = "".join(word.capitalize() for word in name.split("-"))
    return words if words.endswith("Solver") else f"{words}Solver"


def write(target: Path, name: str) -> list[Path]:
    """Write the package into the folder ``target``, which must not exist; the files in order."""
    words = {"name": name, "module": module_of(name), "solver": class_of(name), "version": version("walras")}
    target.mkdir(parents=True)
    written = []
    for template, place in FILES.items():
        path = target / Template(place).substitute(words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template((_FOLDER / template).read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
        written.append(path)
    return written
