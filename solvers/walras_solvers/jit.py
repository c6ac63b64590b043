"""How kernels are compiled, and when what an earlier process compiled is still good."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

_SOURCES = Path(__file__).parent
_STAMP = "walras-sources"
_COMPILES = b"jit import "
_IMPORTED = re.compile(rb"^from walras_solvers\.([\w.]+) import", re.MULTILINE)


def compiled(function: Function, error_model: Literal["python", "numpy"] = "python") -> Function:
    """Compile at the first call and keep the machine code for the next process.

    It is kept beside the source, or, where that is read-only, in the user's cache directory; ``NUMBA_CACHE_DIR`` names
    another place. Where there is none to write to, each process compiles for itself. With the error model ``numpy`` a
    division by zero gives infinity or no number instead of an exception.
    """
    try:
        made: Any = njit(cache=True, nogil=True, error_model=error_model)(function)
    except RuntimeError:  # numba found no place for its cache
        return cast(Function, njit(nogil=True, error_model=error_model)(function))
    keep_current(Path(made.stats.cache_path), fingerprint())
    return cast(Function, made)


@cache
def keep_current(folder: Path, wanted: str) -> None:
    """Remove machine code from ``folder`` that was made from other sources than the ``wanted`` ones.

    Numba compares the file of a function, not the files of the functions that it calls: after an upgrade a kernel would
    go on with the old code of what it calls. Another process at work here at worst compiles once more.
    """
    stamp = folder / _STAMP
    with contextlib.suppress(OSError):
        if stamp.read_text() == wanted:
            return
    with contextlib.suppress(OSError):  # what cannot be written here is not read from here either
        for pattern in ("*.nbi", "*.nbc"):
            for old in folder.glob(pattern):
                old.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)


@cache
def fingerprint() -> str:
    """A hash of all modules with compiled functions, and of all that these import of the engines."""
    texts = {path: path.read_bytes() for path in _SOURCES.rglob("*.py")}
    waiting = [path for path, text in texts.items() if _COMPILES in text]
    counted = set[Path]()
    while waiting:
        path = waiting.pop()
        if path in texts and path not in counted:
            counted.add(path)
            waiting += [_SOURCES / f"{name.decode().replace('.', '/')}.py" for name in _IMPORTED.findall(texts[path])]
    found = hashlib.sha256()
    for path in sorted(counted):
        found.update(f"{path.relative_to(_SOURCES)} {len(texts[path])}\n".encode() + texts[path])
    return found.hexdigest()
