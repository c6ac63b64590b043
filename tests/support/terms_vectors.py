"""Writes ``tests/vectors/terms.json``: random conditions in a small made-up world, and what each comes to.

The expected result grows with the tree, so it is neither the SDK's evaluator's nor the contract's: both are tested
against it. ``PYTHONPATH=tests python -m support.terms_vectors`` writes the file again.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from walras.conditions import Cmp, Node, Op, balance_data, balance_is, call_returns, prefix, time_is
from walras.digest import keccak
from walras.intent import NATIVE
from walras.terms import FeeShare, Hook, Terms

FILE = Path(__file__).parents[1] / "vectors" / "terms.json"
SEED, TREES, BROKEN = 3, 220, 40
MAX = 2**256 - 1
YES, NO, UNREADABLE, MALFORMED = "yes", "no", "unreadable", "malformed"
ACCOUNTS = tuple("0x" + keccak(f"account {n}".encode())[12:].hex() for n in range(3))
TARGETS = tuple("0x" + keccak(f"target {n}".encode())[12:].hex() for n in range(3))
NOBODY = "0x" + keccak(b"no code here")[12:].hex()
NATIVES = {ACCOUNTS[0]: 0, ACCOUNTS[1]: 10**18, ACCOUNTS[2]: 2**128}


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


#: (target, call data) → (whether it reverts, return data)
CALLS: dict[tuple[str, bytes], tuple[bool, bytes]] = {
    (TARGETS[0], balance_data(ACCOUNTS[0])): (False, _word(500)),
    (TARGETS[0], balance_data(ACCOUNTS[1])): (False, _word(0)),
    (TARGETS[0], balance_data(ACCOUNTS[2])): (False, _word(MAX)),
    (TARGETS[1], balance_data(ACCOUNTS[0])): (False, _word(7) + _word(8)),
    (TARGETS[1], balance_data(ACCOUNTS[1])): (True, _word(7)),
    (TARGETS[1], balance_data(ACCOUNTS[2])): (False, _word(7)[:31]),
    (TARGETS[2], b"price"): (False, _word(2_000 * 10**8) + b"and more"),
    (TARGETS[2], b"long!"): (False, _word(2**255)),
    (TARGETS[2], b"short"): (False, b"\x01"),
    (TARGETS[2], b"fails"): (True, b""),
    (TARGETS[2], b"empty"): (False, b""),
}


class Grower:
    """Random trees with their results; ``readable`` keeps the leaves that give no answer out."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.time = 0
        self.readable = True
        self.failed = False
        self.calls = 0

    def tree(self, depth: int, room: int) -> tuple[Node, bool]:
        """A subtree of at most ``room`` nodes, and whether it holds."""
        kind = self.draw.choice((Op.ALL, Op.ANY, Op.NOT)) if depth < 8 and room > 2 else None
        if kind is None or self.draw.random() < 0.25:
            return self.leaf()
        if kind is Op.NOT:
            below, holds = self.tree(depth + 1, room - 1)
            return Node(Op.NOT, (below,)), not holds
        count = self.draw.randint(1, min(4, room - 1))
        pairs = [self.tree(depth + 1, (room - 1) // count) for _ in range(count)]
        number = sum(holds for _, holds in pairs)
        return Node(kind, tuple(node for node, _ in pairs)), number == count if kind is Op.ALL else number > 0

    def leaf(self) -> tuple[Node, bool]:
        kind = self.draw.choice((Op.TIME, Op.BALANCE, Op.CALL) if self.calls < 4 else (Op.TIME, Op.BALANCE))
        cmp = self.draw.choice(list(Cmp))
        if kind is Op.TIME:
            value = self.near(self.time)
            return time_is(cmp, value), compared(self.time, cmp, value)
        if kind is Op.BALANCE:
            token, account = self.draw.choice((NATIVE, *TARGETS[:2], NOBODY)), self.draw.choice(ACCOUNTS)
            native = NATIVES[account] if token == NATIVE else self.answer(token, balance_data(account))
            if native is None and self.readable:
                return self.leaf()
            return self.read(native, cmp, lambda value: balance_is(token, account, cmp, value))
        target, data = self.draw.choice([*((key) for key in CALLS if key[0] == TARGETS[2]), (NOBODY, b"any!")])
        found = self.answer(target, data)
        if found is None and self.readable:
            return self.leaf()
        self.calls += 1
        return self.read(found, cmp, lambda value: call_returns(target, data, cmp, value))

    def read(self, found: int | None, cmp: Cmp, made: Any) -> tuple[Node, bool]:
        if found is None:
            self.failed = True
            return made(self.draw.choice((0, 1, MAX))), True
        value = self.near(found)
        return made(value), compared(found, cmp, value)

    def near(self, value: int) -> int:
        return min(max(value + self.draw.choice((-1, 0, 0, 1)), 0), MAX)

    @staticmethod
    def answer(target: str, data: bytes) -> int | None:
        reverts, answer = CALLS.get((target, data), (False, b""))
        return None if reverts or len(answer) < 32 else int.from_bytes(answer[:32], "big")


def compared(left: int, cmp: Cmp, right: int) -> bool:
    sign = (left > right) - (left < right)
    return sign in {0: (-1,), 1: (-1, 0), 2: (0,), 3: (0, 1), 4: (1,), 5: (-1, 1)}[cmp]


def extras(draw: random.Random) -> dict[str, Any]:
    """Hooks, shares and the rest for some of the cases, so that the encodings differ in every part."""
    if draw.random() < 0.7:
        return {}

    def hooks() -> tuple[Hook, ...]:
        return tuple(
            Hook(draw.choice(TARGETS), b"hook" + draw.randbytes(draw.randrange(40)), draw.randint(0, 10**6), must)
            for must in draw.choice(((), (), (True,), (False, True, True, False)))
        )

    exclusive = draw.random() < 0.3
    return {
        "before": hooks(),
        "afterwards": hooks(),
        "exclusive_solver": ACCOUNTS[0] if exclusive else "0x" + "00" * 20,
        "exclusive_until": draw.randint(1, 2**48 - 1) if exclusive else 0,
        "shares": tuple(FeeShare(draw.choice(ACCOUNTS), draw.randint(1, 25)) for _ in range(draw.choice((0, 0, 1, 4)))),
        "max_impact_bps": draw.choice((0, 0, 50, 10_000)),
    }


def render() -> str:
    """The file as it must be on disk."""
    grower = Grower(SEED)
    cases = [_case(grower) for _ in range(TREES)]
    cases += [_broken(grower.draw, cases[place]) for place in range(BROKEN)]
    calls = [
        {"target": target, "data": "0x" + data.hex(), "reverts": reverts, "returned": "0x" + answer.hex()}
        for (target, data), (reverts, answer) in CALLS.items()
    ]
    natives = [{"account": account, "amount": str(amount)} for account, amount in NATIVES.items()]
    tables = {"natives": natives, "calls": calls, "cases": cases}
    return json.dumps({name: _columns(rows) for name, rows in tables.items()}, indent=0) + "\n"


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """One array a member: what forge can read."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def _case(grower: Grower) -> dict[str, Any]:
    while True:
        grower.time = grower.draw.choice((1, 1_000, 1_800_000_000, 2**48))
        grower.calls, grower.failed, grower.readable = 0, False, grower.draw.random() < 0.75
        root, holds = grower.tree(1, grower.draw.choice((1, 3, 6, 12, 32)))
        if sum(1 for _ in prefix(root)) <= 32 and grower.calls <= 4:
            break
    terms = Terms(root, **extras(grower.draw))
    result = UNREADABLE if grower.failed else YES if holds else NO
    return {"time": grower.time, "terms": terms.data, "hash": terms.hash(), "result": result}


def _broken(draw: random.Random, case: dict[str, Any]) -> dict[str, Any]:
    """Encodings with a byte that canonical terms cannot have: cut, lengthened, or an offset moved."""
    raw = bytearray.fromhex(case["terms"][2:])
    kind = draw.randrange(4)
    if kind == 0:
        raw = raw[: draw.randrange(len(raw))]
    elif kind == 1:
        raw += bytes(draw.choice((1, 32)))
    elif kind == 2:
        raw[31 + 32 * draw.choice((0, 1, 2, 3, 6))] ^= 1 << draw.randrange(8)  # an offset of the outer tuple
    else:
        raw[32 * draw.choice((4, 5, 7)) + draw.randrange(12)] = 1 + draw.randrange(255)  # beyond the member's type
    data = bytes(raw)
    return {
        "time": case["time"],
        "terms": "0x" + data.hex(),
        "hash": "0x" + keccak(data).hex(),
        "result": MALFORMED,
    }


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
