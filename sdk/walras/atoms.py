"""Integer arithmetic on token atoms. Every division says which way it rounds."""

U256_MAX = 2**256 - 1
U128_MAX = 2**128 - 1

#: Below this many atoms a leg may not be rounded against its trader (DESIGN §5, rule 2).
ROUNDING_FLOOR = 10**6


def floor_div(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded down, for non-negative integers."""
    return numerator // denominator


def ceil_div(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded up, for non-negative integers."""
    return -(-numerator // denominator)


def divide(numerator: int, denominator: int, *, up: bool) -> int:
    """``numerator / denominator`` rounded up or down as asked."""
    return ceil_div(numerator, denominator) if up else floor_div(numerator, denominator)
