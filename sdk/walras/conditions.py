"""Conditions of terms: a bounded tree over time, balances and static calls, equal here and on chain.

Build one with the functions below. The contract ``Conditions.sol`` evaluates the same nodes; both must agree on the
trees of ``tests/vectors/terms.json``. All values are unsigned 256-bit integers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol, assert_never

from walras.atoms import U256_MAX
from walras.digest import keccak
from walras.intent import NATIVE, ZERO_ADDRESS, is_address
from walras.rejections import Reason, Rejection

MAX_NODES: Final = 32
MAX_DEPTH: Final = 8
MAX_CALLS: Final = 4
#: Gas that one read may use.
READ_GAS: Final = 100_000
_FIELD = "termsData.condition"
_BALANCE_OF = keccak(b"balanceOf(address)")[:4]


class Op(IntEnum):
    """What a node is."""

    ALL = 0
    ANY = 1
    NOT = 2
    TIME = 3
    BALANCE = 4
    CALL = 5


class Cmp(IntEnum):
    """How a leaf compares what it reads with its value."""

    LESS = 0
    AT_MOST = 1
    EQUAL = 2
    AT_LEAST = 3
    MORE = 4
    NOT_EQUAL = 5


_COMPARE: Final[dict[Cmp, Callable[[int, int], bool]]] = {
    Cmp.LESS: operator.lt,
    Cmp.AT_MOST: operator.le,
    Cmp.EQUAL: operator.eq,
    Cmp.AT_LEAST: operator.ge,
    Cmp.MORE: operator.gt,
    Cmp.NOT_EQUAL: operator.ne,
}
_SIGNS: Final = {0: "<", 1: "<=", 2: "==", 3: ">=", 4: ">", 5: "!="}


@dataclass(frozen=True, slots=True)
class Node:
    """One node with what is below it. Leaves use ``cmp``, ``target``, ``value`` and ``data``; branches ``children``."""

    op: Op
    children: tuple[Node, ...] = ()
    cmp: Cmp = Cmp.LESS
    target: str = ZERO_ADDRESS
    value: int = 0
    data: bytes = b""

    def __str__(self) -> str:
        return _text(self)


def all_of(*nodes: Node) -> Node:
    """Every one of ``nodes`` holds."""
    return Node(Op.ALL, nodes)


def any_of(*nodes: Node) -> Node:
    """At least one of ``nodes`` holds (and all can be read)."""
    return Node(Op.ANY, nodes)


def not_(node: Node) -> Node:
    """``node`` can be read and does not hold."""
    return Node(Op.NOT, (node,))


def time_is(cmp: Cmp, second: int) -> Node:
    """The block's time in Unix seconds, compared."""
    return Node(Op.TIME, cmp=cmp, value=second)


def time_after(second: int) -> Node:
    """The block's time is later than Unix second ``second``."""
    return time_is(Cmp.MORE, second)


def time_before(second: int) -> Node:
    """The block's time is earlier than Unix second ``second``."""
    return time_is(Cmp.LESS, second)


def balance_is(token: str, account: str, cmp: Cmp, atoms: int) -> Node:
    """``account``'s balance of ``token`` (or of the native coin, ``NATIVE``), compared."""
    data = bytes(12) + bytes.fromhex(account.removeprefix("0x"))
    return Node(Op.BALANCE, cmp=cmp, target=token.lower(), value=atoms, data=data)


def balance_at_least(token: str, account: str, atoms: int) -> Node:
    return balance_is(token, account, Cmp.AT_LEAST, atoms)


def balance_at_most(token: str, account: str, atoms: int) -> Node:
    return balance_is(token, account, Cmp.AT_MOST, atoms)


def call_returns(target: str, data: bytes, cmp: Cmp, value: int) -> Node:
    """The first 32 bytes that a static call of ``target`` with ``data`` returns, as an integer, compared."""
    return Node(Op.CALL, cmp=cmp, target=target.lower(), value=value, data=data)


def balance_data(account: str) -> bytes:
    """The call data of ``balanceOf(account)``."""
    return _BALANCE_OF + bytes(12) + bytes.fromhex(account.removeprefix("0x"))


class Reader(Protocol):
    """Where conditions are read: a chain at one block."""

    def time(self) -> int:
        """Unix seconds."""
        ...

    def balance(self, token: str, account: str) -> int | None:
        """Atoms, or None if the token gives no answer. ``token`` may be ``NATIVE``."""
        ...

    def call(self, target: str, data: bytes) -> int | None:
        """The first word returned within ``READ_GAS``; None if there is none (no code, revert, under 32 bytes)."""
        ...


class UnreadableError(Exception):
    """A leaf of a condition gave no answer, so it neither holds nor fails. ``node`` counts in prefix order."""

    def __init__(self, node: int, what: str) -> None:
        super().__init__(f"node {node} cannot be read: {what}")
        self.node = node


def evaluate(condition: Node | None, reader: Reader) -> bool:
    """Whether ``condition`` holds; none at all does. Reads every leaf; raises :class:`UnreadableError`."""
    if condition is None:
        return True
    found = {index: _leaf(index, node, reader) for index, node in enumerate(prefix(condition)) if node.op >= Op.TIME}
    return _holds(condition, iter(found.values()))


def _holds(node: Node, leaves: Iterator[bool]) -> bool:
    if node.op >= Op.TIME:
        return next(leaves)
    below = [_holds(child, leaves) for child in node.children]
    match node.op:
        case Op.ALL:
            return all(below)
        case Op.ANY:
            return any(below)
        case _:
            return not below[0]


def _leaf(index: int, node: Node, reader: Reader) -> bool:
    found = read_leaf(node, reader)
    if found is None:
        raise UnreadableError(index, _text(node))
    return _COMPARE[node.cmp](found, node.value)


def read_leaf(node: Node, reader: Reader) -> int | None:
    """What one leaf finds."""
    match node.op:
        case Op.TIME:
            return reader.time()
        case Op.BALANCE:
            return reader.balance(node.target, account_of(node))
        case Op.CALL:
            return reader.call(node.target, node.data)
        case Op.ALL | Op.ANY | Op.NOT:
            raise ValueError("a branch reads nothing")
        case _:
            assert_never(node.op)


def account_of(node: Node) -> str:
    """The account whose balance a leaf asks for."""
    return "0x" + node.data[12:].hex()


def prefix(node: Node) -> Iterator[Node]:
    """The nodes in the order of the encoding: each before what is below it."""
    yield node
    for child in node.children:
        yield from prefix(child)


def check_condition(condition: Node) -> None:
    """Raise :class:`Rejection` (``bad_condition``) for a tree that the contract refuses whatever the chain says."""
    nodes: list[Node] = []
    for node in prefix(condition):
        nodes.append(node)
        if len(nodes) > MAX_NODES:
            raise _bad("", f"a condition has at most {MAX_NODES} nodes")
    if _depth(condition) > MAX_DEPTH:
        raise _bad("", f"a condition is at most {MAX_DEPTH} deep")
    if sum(node.op is Op.CALL for node in nodes) > MAX_CALLS:
        raise _bad("", f"a condition makes at most {MAX_CALLS} calls")
    for index, node in enumerate(nodes):
        _check_node(node, f"[{index}]")


def _check_node(node: Node, field: str) -> None:
    if node.op < Op.TIME:
        if not node.children or (node.op is Op.NOT and len(node.children) != 1):
            raise _bad(field, "all and any have children, not has one")
        if (node.cmp, node.target, node.value, node.data) != (Cmp.LESS, ZERO_ADDRESS, 0, b""):
            raise _bad(field, "a branch has children and nothing else")
        return
    if node.children:
        raise _bad(field, "a leaf has no children")
    if not is_address(node.target) or not 0 <= node.value <= U256_MAX:
        raise _bad(field, "a leaf has an address and an unsigned 256-bit value")
    if node.op is Op.TIME and (node.target != ZERO_ADDRESS or node.data):
        raise _bad(field, "a time has neither target nor data")
    if node.op is Op.BALANCE and (len(node.data) != 32 or any(node.data[:12])):
        raise _bad(field, "a balance names its account in 32 bytes")


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)


def _bad(field: str, detail: str) -> Rejection:
    return Rejection(Reason.BAD_CONDITION, _FIELD + field, detail)


def _text(node: Node) -> str:
    match node.op:
        case Op.ALL | Op.ANY:
            word = " and " if node.op is Op.ALL else " or "
            return "(" + word.join(_text(child) for child in node.children) + ")"
        case Op.NOT:
            return f"not {_text(node.children[0])}"
        case Op.TIME:
            what = "time"
        case Op.BALANCE:
            token = "native coin" if node.target == NATIVE else node.target
            what = f"balance of {account_of(node)} in {token}"
        case Op.CALL:
            what = f"call of {node.target} with 0x{node.data.hex()}"
        case _:
            assert_never(node.op)
    return f"{what} {_SIGNS[node.cmp]} {node.value}"
