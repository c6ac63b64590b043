"""How the compiled book is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile at the first call and keep the machine code for the next process.

    It is kept beside the source, or, where that is read-only, in the user's cache directory; ``NUMBA_CACHE_DIR`` names
    another place. Where there is none to write to, each process compiles for itself.
    """
    try:
        made: Function = njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no place for its cache
        made = njit(nogil=True)(function)
    return made


def inlined(function: Function) -> Function:
    """Part of the compiled function that calls it: a call of its own would count references to every array."""
    made: Function = njit(inline="always")(function)
    return made


@intrinsic  # type: ignore[untyped-decorator]
def bare(_context: Any, array: Any) -> Any:
    """The same memory as an array that nobody counts references to, for use while the caller holds the real one.

    Counting costs an atomic operation each time an array is handed to an inlined function: more than the matching.
    """

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        source = make_array(array)(context, builder, arguments[0])
        result = make_array(array)(context, builder)
        populate_array(result, source.data, source.shape, source.strides, source.itemsize, meminfo=None)
        return result._getvalue()

    return array(array), generate
