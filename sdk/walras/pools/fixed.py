"""Powers in fixed point with 18 decimals, as Balancer-style weighted pools compute them.

The scheme is that of LogExpMath (Balancer Labs, MIT licence): a logarithm by taking out powers of two of e and a series
for the rest, an exponential the other way round, each truncated where the contract truncates. Results are within
10^-14 of the truth, and a pool rounds by that margin against the trader.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

ONE = 10**18
_E20, _E36 = 10**20, 10**36
#: Arguments that the contract's exponential takes.
_LEAST_EXPONENT, _MOST_EXPONENT = -41 * ONE, 130 * ONE
#: Bases this close to one have a logarithm with 36 decimals.
_CLOSE_LOW, _CLOSE_HIGH = ONE - ONE // 10, ONE + ONE // 10
_MAX_RELATIVE_ERROR = 10_000


def _e_to(power: int, scale: int) -> int:
    """e^(2^power) times ``scale``, to 21 digits: the contract's constants have no more."""
    with localcontext() as context:
        context.prec = 160
        exact = (Decimal(2) ** power).exp() * scale
        context.prec = 21
        return int(+exact)


#: (x, e^x): whole numbers for the two largest, as their decimals would not fit the contract's words; then 20 decimals.
_LARGE = tuple((2**n * ONE, _e_to(n, 1)) for n in (7, 6))
_SMALL = tuple((2**n * _E20 if n >= 0 else _E20 >> -n, _e_to(n, _E20)) for n in range(5, -5, -1))


def mul_up(one: int, other: int) -> int:
    return -(-one * other // ONE)


def div_up(one: int, other: int) -> int:
    return -(-one * ONE // other)


def power_up(base: int, exponent: int, plain: bool = False) -> int | None:
    """base^exponent with 18 decimals, not below the truth; None where the contract reverts.

    ``plain``: as the first contracts did it, without leaving out the logarithm for exponents of 1, 2 and 4.
    """
    if exponent == ONE and not plain:
        return base
    if not plain and exponent in (2 * ONE, 4 * ONE):
        square = mul_up(base, base)
        return square if exponent == 2 * ONE else mul_up(square, square)
    raw = _power(base, exponent)
    return None if raw is None else raw + mul_up(raw, _MAX_RELATIVE_ERROR) + 1


def _power(base: int, exponent: int) -> int | None:
    if exponent == 0:
        return ONE
    if base == 0:
        return 0
    if not (0 < base < 2**255 and 0 < exponent < 2**254 // _E20):
        return None
    if _CLOSE_LOW < base < _CLOSE_HIGH:
        log = _log_close(base)
        # Multiplied in two parts, because the whole would not fit the contract's word.
        product = _quotient(log, ONE) * exponent + _quotient(_rest(log, ONE) * exponent, ONE)
    else:
        product = _log(base) * exponent
    argument = _quotient(product, ONE)
    return _exp(argument) if _LEAST_EXPONENT <= argument <= _MOST_EXPONENT else None


def _exp(x: int) -> int:
    if x < 0:
        return ONE * ONE // _exp(-x)
    whole = 1
    for step, value in _LARGE:
        if x >= step:
            x, whole = x - step, value
            break
    x *= 100
    product = _E20
    # The contract stops taking powers out at e^(1/4); the series does the rest.
    for step, value in _SMALL[:8]:
        if x >= step:
            x, product = x - step, product * value // _E20
    total, term = _E20 + x, x
    for n in range(2, 13):
        term = term * x // _E20 // n
        total += term
    return product * total // _E20 * whole // 100


def _log(a: int) -> int:
    """The natural logarithm with 18 decimals."""
    if a < ONE:
        return -_log(ONE * ONE // a)
    total = 0
    for step, value in _LARGE:
        if a >= value * ONE:
            a, total = a // value, total + step * 100
    a *= 100
    for step, value in _SMALL:
        if a >= value:
            a, total = a * _E20 // value, total + step
    return (total + _series((a - _E20) * _E20 // (a + _E20), _E20, 11)) // 100


def _log_close(x: int) -> int:
    """The natural logarithm with 36 decimals, of a number close to one."""
    x *= ONE
    return _series(_quotient((x - _E36) * _E36, x + _E36), _E36, 15)


def _series(z: int, scale: int, last: int) -> int:
    """2·(z + z³/3 + z⁵/5 + …), the logarithm of (1+z)/(1−z)."""
    square = _quotient(z * z, scale)
    total = term = z
    for n in range(3, last + 1, 2):
        term = _quotient(term * square, scale)
        total += _quotient(term, n)
    return 2 * total


def _quotient(top: int, bottom: int) -> int:
    """Division towards zero, as the chain's signed division."""
    return top // bottom if top >= 0 else -(-top // bottom)


def _rest(top: int, bottom: int) -> int:
    return top - _quotient(top, bottom) * bottom
