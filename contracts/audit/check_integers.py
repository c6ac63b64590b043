"""The translation to integers never refutes what can be: random satisfiable questions, small enough for z3's own bits.

python check_integers.py [count]    in the audit's environment; fails with the first question that is refuted wrongly
"""

from __future__ import annotations

import random
import sys
from typing import Any

import z3  # type: ignore[import-not-found]
from integers import Translation

WIDTH = 8
SEED = 1


def term(draw: random.Random, names: list[Any], depth: int) -> Any:
    """A random number of WIDTH bits, of the shapes that compiled contracts make."""
    if depth == 0 or draw.random() < 0.15:
        return draw.choice([*names, z3.BitVecVal(draw.choice((0, 1, 2, 3, 10, 16, 255)), WIDTH)])
    a, b = term(draw, names, depth - 1), term(draw, names, depth - 1)
    zero, half = z3.BitVecVal(0, WIDTH), z3.BitVecVal(0, WIDTH // 2)
    shapes = (
        a + b,
        a * b,
        a + z3.BitVecVal(2**WIDTH - 1, WIDTH) * b,
        a - b,
        z3.If(b == 0, zero, z3.UDiv(a, b)),
        z3.If(b == 0, zero, z3.URem(a, b)),
        z3.If(b == 0, zero, z3.UDiv(a, b)) * b,
        z3.UDiv(a, b),
        z3.If(z3.ULE(a, b), a, b),
        z3.Concat(half, z3.Extract(WIDTH // 2 - 1, 0, a)),
        z3.Concat(half, z3.Extract(WIDTH - 1, WIDTH // 2, a)),
        a | b,
        a & b,
        z3.LShR(a, 2),
    )
    return draw.choice(shapes)


def assertion(draw: random.Random, names: list[Any]) -> Any:
    a, b = term(draw, names, 2), term(draw, names, 2)
    half = WIDTH // 2
    facts = (
        z3.ULE(a, b),
        z3.Not(z3.ULE(a, b)),
        a == b,
        z3.Not(a == b),
        z3.Extract(WIDTH - 1, half, a) == 0,
        names[0] == z3.Concat(z3.BitVecVal(0, half), z3.Extract(half - 1, 0, names[0])),
        z3.Not(z3.Or(z3.ULE(a, b), z3.ULE(b, names[1]))),
        z3.And(z3.ULE(names[1], names[0]), z3.Or(a == b, z3.ULT(a, b))),
    )
    return draw.choice(facts)


def main(count: int) -> int:
    draw, names = random.Random(SEED), [z3.BitVec(name, WIDTH) for name in "xyz"]  # noqa: S311 -- test inputs
    satisfiable = agreed = 0
    for _ in range(count):
        assertions = [assertion(draw, names) for _ in range(draw.randint(1, 5))]
        bits = z3.Solver()
        bits.add(*assertions)
        truth = bits.check()
        translated = Translation([z3.simplify(one) if draw.random() < 0.5 else one for one in assertions])
        integers = z3.Solver()
        integers.set("timeout", 150)
        integers.add(z3.parse_smt2_string(translated.smt2()))
        answer = integers.check()
        satisfiable += truth == z3.sat
        agreed += truth == z3.unsat and answer == z3.unsat
        if truth == z3.sat and answer == z3.unsat:
            print(f"wrongly refuted: {assertions}")
            return 1
    print(f"satisfiable={satisfiable} refuted={agreed} of={count}")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200))
