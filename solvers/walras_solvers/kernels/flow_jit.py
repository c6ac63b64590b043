"""How the routing kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile at the first call and keep the machine code beside the source, or where ``NUMBA_CACHE_DIR`` says."""
    try:
        made: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no place for its cache: each process compiles for itself
        made = njit(nogil=True, error_model="numpy")(function)
    return cast(Function, made)
