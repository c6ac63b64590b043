"""``python -m tests.bench [--only PREFIX] [--out FILE]``: measure, print a table, write the figures as JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from .catalogue import CATALOGUE
from .machine import this_commit, this_machine
from .rows import show, write
from .sizes import FULL


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Walras beside its peers.")
    parser.add_argument("--only", default="", metavar="PREFIX", help="only rows whose name starts with this")
    parser.add_argument("--out", default="bench-results.json", metavar="FILE", help="where the figures are written")
    options = parser.parse_args(arguments)
    names = [name for name in CATALOGUE if name.startswith(options.only)]
    if not names:
        print(f"no benchmark starts with {options.only!r}; there are: {', '.join(CATALOGUE)}", file=sys.stderr)
        return 2
    console = Console() if sys.stdout.isatty() else Console(width=150)
    machine, commit = this_machine(), this_commit()
    console.print(f"machine: {machine}\ncommit:  {commit}", highlight=False)
    rows = []
    for name in names:
        console.print(f"[dim]measuring {name} …[/]", highlight=False)
        rows.append(CATALOGUE[name](FULL))
    show(console, rows)
    write(Path(options.out), machine, commit, rows)
    console.print(f"written to {options.out}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
