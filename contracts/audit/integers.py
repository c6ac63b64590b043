"""Bit-vector questions as questions about integers, which solvers answer for amounts of 128 bits.

    translate("query.smt2") -> the text of a weaker question: if it is `unsat`, so is the query

Each term is an integer with known bounds, so that what can not overflow needs no remainder modulo 2^n; a division is
two unknowns, quotient and remainder. What is not arithmetic becomes an unknown of its width, and an assertion that
can not be read is left out. Both only make the question weaker, so that `sat` means nothing here.
"""

from __future__ import annotations

from typing import Any

import z3  # type: ignore[import-not-found]

Bounds = tuple[int, int]


class Translation:
    """One query. Terms are z3's, of sort Int or Bool."""

    def __init__(self, assertions: list[Any]) -> None:
        self._facts: list[Any] = []
        self._known: dict[int, tuple[Any, Bounds]] = {}
        self._divisions: dict[tuple[int, int], tuple[Any, Any, Bounds]] = {}
        self._limits: dict[int, int] = {}
        self._keep: list[Any] = []
        self._count = 0
        self._at_least: set[tuple[int, int]] = set()
        for one in assertions:
            self._learn(one)
        for one in assertions:
            self._order(one, holds=True)
        self.goals = [self._bool(one) for one in assertions]

    def smt2(self) -> str:
        solver = z3.Solver()
        solver.add(*self._facts, *self.goals)
        return "(set-logic QF_NIA)\n" + str(solver.to_smt2())

    def _learn(self, term: Any) -> None:
        """Upper bounds that an assertion states outright."""
        if z3.is_and(term):
            for child in term.children():
                self._learn(child)
        if not z3.is_eq(term):
            return
        left, right = term.children()
        for a, b in ((left, right), (right, left)):
            if not z3.is_bv(a):
                return
            if _is(a, z3.Z3_OP_EXTRACT) and _value(b) == 0 and a.params()[0] == a.arg(0).size() - 1:
                self._limit(a.arg(0), 2 ** a.params()[1] - 1)
            if _is(b, z3.Z3_OP_CONCAT) and _value(b.arg(0)) == 0:
                self._limit(a, 2 ** (b.size() - b.arg(0).size()) - 1)

    def _order(self, term: Any, *, holds: bool) -> None:
        """Pairs of which an assertion states outright that the first is not the smaller one."""
        if _is(term, z3.Z3_OP_NOT):
            self._order(term.arg(0), holds=not holds)
        elif _is(term, z3.Z3_OP_AND if holds else z3.Z3_OP_OR):
            for child in term.children():
                self._order(child, holds=holds)
        elif _is(term, z3.Z3_OP_ULEQ):
            small, large = (self._core(one) for one in (term.children() if holds else reversed(term.children())))
            self._at_least.add((large.get_id(), small.get_id()))

    def _core(self, term: Any) -> Any:
        """The same number without leading zeros put before it or cut off."""
        self._keep.append(term)
        if _is(term, z3.Z3_OP_CONCAT) and term.num_args() == 2 and _value(term.arg(0)) == 0:
            return self._core(term.arg(1))
        if _is(term, z3.Z3_OP_EXTRACT) and term.params()[1] == 0:
            whole = term.arg(0)
            if self._limits.get(whole.get_id(), 2 ** whole.size()) < 2 ** (term.params()[0] + 1):
                return self._core(whole)
        return term

    def _limit(self, term: Any, most: int) -> None:
        self._keep.append(term)
        self._limits[term.get_id()] = min(most, self._limits.get(term.get_id(), most))

    def _fresh(self, low: int, high: int) -> Any:
        self._count += 1
        unknown = z3.Int(f"u{self._count}")
        self._facts += [unknown >= low, unknown <= high]
        return unknown

    def _bool(self, term: Any) -> Any:
        kind, children = term.decl().kind(), term.children()
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return term
        if kind in _CONNECTIVES:
            return _CONNECTIVES[kind](*(self._bool(child) for child in children))
        if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT) and z3.is_bool(children[0]):
            same = self._bool(children[0]) == self._bool(children[1])
            return same if kind == z3.Z3_OP_EQ else z3.Not(same)
        if kind in _COMPARISONS and len(children) == 2 and z3.is_bv(children[0]):
            return _COMPARISONS[kind](self._int(children[0])[0], self._int(children[1])[0])
        self._count += 1
        return z3.Bool(f"b{self._count}")

    def _int(self, term: Any) -> tuple[Any, Bounds]:
        key = term.get_id()
        if key not in self._known:
            self._keep.append(term)
            found, (low, high) = self._read(term)
            limit = self._limits.get(key, high)
            if limit < high:
                self._facts.append(found <= limit)
            self._known[key] = found, (low, min(high, limit))
        return self._known[key]

    def _read(self, term: Any) -> tuple[Any, Bounds]:
        size, kind, value = term.size(), term.decl().kind(), _value(term)
        if value is not None:
            return z3.IntVal(value), (value, value)
        parts = term.children()
        match kind:
            case z3.Z3_OP_BADD:
                return self._sum([self._summand(one) for one in parts], size, self._is_difference(parts))
            case z3.Z3_OP_BSUB:
                (a, (la, ha)), (b, (lb, hb)) = (self._int(one) for one in parts)
                return self._wrap(a - b, la - hb, ha - lb, size)
            case z3.Z3_OP_BMUL:
                product, low, high = z3.IntVal(1), 1, 1
                for factor, (a, b) in (self._int(one) for one in parts):
                    product, low, high = product * factor, low * a, high * b
                if len(parts) == 2:
                    high = min([high, *self._remainderless(*parts), *self._remainderless(*reversed(parts))])
                return self._wrap(product, low, high, size)
            case z3.Z3_OP_BUDIV | z3.Z3_OP_BUDIV_I | z3.Z3_OP_BUREM | z3.Z3_OP_BUREM_I:
                return self._division(*parts, quotient=kind in _DIVISIONS)
            case z3.Z3_OP_ITE:
                (a, (la, ha)), (b, (lb, hb)) = self._int(parts[1]), self._int(parts[2])
                return z3.If(self._bool(parts[0]), a, b), (min(la, lb), max(ha, hb))
            case z3.Z3_OP_CONCAT if _value(parts[0]) == 0 and len(parts) == 2:
                return self._int(parts[1])
            case z3.Z3_OP_EXTRACT:
                return self._extract(term)
            case z3.Z3_OP_BOR | z3.Z3_OP_BAND:
                return self._bitwise([self._int(one) for one in parts], size, either=kind == z3.Z3_OP_BOR)
        # A variable, or something that is not arithmetic.
        high = min(2**size - 1, self._limits.get(term.get_id(), 2**size - 1))
        return self._fresh(0, high), (0, high)

    def _remainderless(self, quotient: Any, under: Any) -> list[int]:
        """A quotient times its divisor is at most the dividend."""
        if _is(quotient, z3.Z3_OP_ITE) and _value(quotient.arg(1)) == 0:
            quotient = quotient.arg(2)  # as halmos guards a division by zero
        if quotient.decl().kind() in _DIVISIONS and quotient.arg(1).eq(under):
            return [self._int(quotient.arg(0))[1][1]]
        return []

    def _summand(self, term: Any) -> tuple[Any, Bounds]:
        """A term of a sum; a product with -1 is subtracted rather than wrapped."""
        parts = term.children()
        if _is(term, z3.Z3_OP_BMUL) and len(parts) == 2 and _value(parts[0]) == 2 ** term.size() - 1:
            a, (low, high) = self._int(parts[1])
            return -a, (-high, -low)
        value = _value(term)
        if value is not None and value >= 2 ** (term.size() - 1):
            return z3.IntVal(value - 2 ** term.size()), (value - 2 ** term.size(),) * 2
        return self._int(term)

    def _is_difference(self, parts: list[Any]) -> bool:
        """Whether this is a - b where an assertion says that a >= b."""
        if len(parts) != 2:
            return False
        for a, b in (parts, reversed(parts)):
            if _is(b, z3.Z3_OP_BMUL) and b.num_args() == 2 and _value(b.arg(0)) == 2 ** b.size() - 1:
                return (self._core(a).get_id(), self._core(b.arg(1)).get_id()) in self._at_least
        return False

    def _sum(self, parts: list[tuple[Any, Bounds]], size: int, difference: bool) -> tuple[Any, Bounds]:
        total = z3.Sum([one for one, _ in parts])
        low, high = sum(bounds[0] for _, bounds in parts), sum(bounds[1] for _, bounds in parts)
        return self._wrap(total, max(0, low) if difference else low, high, size)

    def _wrap(self, term: Any, low: int, high: int, size: int) -> tuple[Any, Bounds]:
        word = 2**size
        if low >= 0 and high < word:
            return term, (low, high)
        if low >= -word and high < word:
            return z3.If(term < 0, term + word, term), (0, word - 1)
        if low >= 0 and high < 2 * word:
            return z3.If(term >= word, term - word, term), (0, word - 1)
        rest, times = self._fresh(0, word - 1), self._fresh(-((-low) // word) - 1, high // word)
        self._facts.append(term == times * word + rest)
        return rest, (0, word - 1)

    def _division(self, over: Any, under: Any, *, quotient: bool) -> tuple[Any, Bounds]:
        (a, (_, most)), (b, (least, high)) = self._int(over), self._int(under)
        key = over.get_id(), under.get_id()
        if most < least:
            return (z3.IntVal(0), (0, 0)) if quotient else (a, (0, most))
        if key not in self._divisions:
            word = 2 ** over.size() - 1
            bounds = (0, most // max(1, least)) if least else (0, word)
            q, r = self._fresh(0, word), self._fresh(0, word)
            self._facts.append(z3.Implies(b > 0, z3.And(a == b * q + r, r < b, r <= a, q <= a)))
            self._divisions[key] = q, r, bounds
        q, r, bounds = self._divisions[key]
        if not quotient:
            return r, (0, high - 1 if least else 2 ** over.size() - 1)
        return q, bounds

    def _bitwise(self, parts: list[tuple[Any, Bounds]], size: int, *, either: bool) -> tuple[Any, Bounds]:
        """An unknown between what `or` (or `and`) can be of these numbers; exact if all of them are 0 or 1."""
        highs = [high for _, (_, high) in parts]
        most = min(2**size - 1, sum(highs)) if either else min(highs)
        if max(highs) <= 1:
            most = 1
        found, total = self._fresh(0, most), z3.Sum([one for one, _ in parts])
        if either:
            self._facts += [found <= total, *(found >= one for one, _ in parts)]
        else:
            self._facts += [found <= one for one, _ in parts]
            if max(highs) <= 1:
                self._facts.append(found >= total - (len(parts) - 1))
        return found, (0, most)

    def _extract(self, term: Any) -> tuple[Any, Bounds]:
        (top, bottom), source = term.params(), term.arg(0)
        a, (_, high) = self._int(source)
        if bottom == 0 and high < 2 ** (top + 1):
            return a, (0, high)
        if high < 2**bottom:
            return z3.IntVal(0), (0, 0)
        width = 2 ** (top - bottom + 1)
        upper, middle, lower = (self._fresh(0, most) for most in (2 ** source.size(), width - 1, 2**bottom - 1))
        self._facts.append(a == (upper * width + middle) * 2**bottom + lower)
        return middle, (0, width - 1)


_DIVISIONS = (z3.Z3_OP_BUDIV, z3.Z3_OP_BUDIV_I)
_CONNECTIVES: dict[int, Any] = {
    z3.Z3_OP_AND: z3.And,
    z3.Z3_OP_OR: z3.Or,
    z3.Z3_OP_NOT: z3.Not,
    z3.Z3_OP_IMPLIES: z3.Implies,
}
_COMPARISONS: dict[int, Any] = {
    z3.Z3_OP_EQ: lambda a, b: a == b,
    z3.Z3_OP_DISTINCT: lambda a, b: a != b,
    z3.Z3_OP_ULEQ: lambda a, b: a <= b,
    z3.Z3_OP_ULT: lambda a, b: a < b,
    z3.Z3_OP_UGEQ: lambda a, b: a >= b,
    z3.Z3_OP_UGT: lambda a, b: a > b,
}


def _is(term: Any, kind: int) -> bool:
    return bool(z3.is_app(term) and term.decl().kind() == kind)


def _value(term: Any) -> int | None:
    return term.as_long() if z3.is_bv_value(term) else None


def translate(query: str) -> str:
    """See the module."""
    return Translation(list(z3.parse_smt2_file(query))).smt2()


if __name__ == "__main__":
    import sys

    print(translate(sys.argv[1]))
