"""How the compiled book is compiled, and how it sees its arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import njit, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from walras_solvers.book.layout import Table
from walras_solvers.jit import Function


def direct(function: Callable[[int], Any]) -> Callable[[int], Any]:
    """A compiled function of one integer without what looks at the type of its argument at each call."""
    dispatcher: Any = function
    dispatcher.compile((types.int64,))
    found: Callable[[int], Any] = dispatcher.overloads[(types.int64,)].entry_point
    return found


def inlined(function: Function) -> Function:
    """Part of the compiled function that calls it."""
    made: Any = njit(inline="always")(function)
    return cast(Function, made)


def _bare(_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        source = _maker(array)(context, builder, arguments[0])
        result = _maker(array)(context, builder)
        _fill(result, source.data, source.shape, source.strides, source.itemsize, meminfo=None)
        return result._getvalue()

    return array(array), generate


def _pointer(_context: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return _numbers(types.int64)(address), generate


_numbers: Any = types.CPointer
_maker: Any = make_array
_fill: Any = populate_array

#: The same memory as an array that nobody counts references to, for use while the caller holds the real one. Counting
#: costs an atomic operation each time an array is handed to an inlined function: together more than the matching.
bare: Callable[[Table], Table] = cast(Callable[[Table], Table], intrinsic(_bare))
#: The pointer at an address, for ``numba.carray``. To be handed one array instead of eight halves the cost of a call.
pointer: Callable[[int], Any] = cast(Callable[[int], Any], intrinsic(_pointer))
