"""Terms: the optional extras of an intent. The intent signs their hash, their bytes travel beside it.

A condition under which it may fill, hooks before and after, a window for one named solver, shares of the fee, and the
owner's own bound on price impact. The bytes are ``abi.encode(Terms)`` of ``contracts/src/Terms.sol``, canonical.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from walras.atoms import floor_div
from walras.conditions import (
    MAX_NODES,
    READ_GAS,
    Cmp,
    Node,
    Op,
    Reader,
    UnreadableError,
    account_of,
    all_of,
    any_of,
    balance_at_least,
    balance_at_most,
    balance_data,
    balance_is,
    call_returns,
    check_condition,
    evaluate,
    not_,
    prefix,
    time_after,
    time_before,
    time_is,
)
from walras.digest import keccak
from walras.forbidden import FORBIDDEN_SELECTORS
from walras.intent import NO_TERMS, U48_MAX, ZERO_ADDRESS, is_address
from walras.permit2 import PERMIT2
from walras.rejections import Reason, Rejection

__all__ = [
    "MAX_BYTES",
    "MAX_HOOKS",
    "MAX_HOOK_GAS",
    "MAX_SHARES",
    "MAX_SHARE_BPS",
    "READ_GAS",
    "Cmp",
    "FeeShare",
    "Hook",
    "Node",
    "Op",
    "Reader",
    "Terms",
    "UnreadableError",
    "account_of",
    "all_of",
    "any_of",
    "balance_at_least",
    "balance_at_most",
    "balance_data",
    "balance_is",
    "call_returns",
    "evaluate",
    "not_",
    "read_terms",
    "time_after",
    "time_before",
    "time_is",
]

MAX_HOOKS: Final = 4
MAX_HOOK_GAS: Final = 1_000_000
MAX_SHARES: Final = 4
#: Of all fee shares together: one per cent.
MAX_SHARE_BPS: Final = 100
#: The packed calldata of a settlement has room for less than 2^16 bytes of terms; nobody needs that many.
MAX_BYTES: Final = 16_384
BPS: Final = 10_000

_TYPE = (
    "((uint8,uint8,address,uint256,bytes)[],(address,uint32,bool,bytes)[],(address,uint32,bool,bytes)[],"
    "address,uint48,(address,uint16)[],uint16)"
)


@dataclass(frozen=True, slots=True)
class Hook:
    """A call before the pulls or after the payouts, with at most ``gas_limit`` gas; one that ``must`` may not fail."""

    target: str
    data: bytes
    gas_limit: int
    must: bool = False


@dataclass(frozen=True, slots=True)
class FeeShare:
    """``bps`` ten-thousandths of the executed amount of the first give, paid to ``receiver`` out of the fill's fee."""

    receiver: str
    bps: int


@dataclass(frozen=True, slots=True)
class Terms:
    """All extras of one intent; each may be absent. Until and including ``exclusive_until`` only ``exclusive_solver``
    may settle. ``max_impact_bps`` of zero leaves the house's own bound."""

    condition: Node | None = None
    before: tuple[Hook, ...] = ()
    afterwards: tuple[Hook, ...] = ()
    exclusive_solver: str = ZERO_ADDRESS
    exclusive_until: int = 0
    shares: tuple[FeeShare, ...] = ()
    max_impact_bps: int = 0

    def encode(self) -> bytes:
        """The canonical bytes. Raises :class:`Rejection` for terms that :meth:`check` refuses."""
        self.check()
        return bytes(encode([_TYPE], [_rows(self)]))

    @property
    def data(self) -> str:
        """The bytes as ``0x`` hex, as they travel."""
        return "0x" + self.encode().hex()

    def hash(self) -> str:
        """What the intent's ``terms`` must be."""
        return "0x" + keccak(self.encode()).hex()

    @classmethod
    def decode(cls, data: bytes | str) -> Terms:
        """Terms from their bytes. Raises :class:`Rejection`: ``terms_malformed``, or the rule they break."""
        raw = bytes.fromhex(data.removeprefix("0x")) if isinstance(data, str) else data
        terms = _decode(raw)
        if terms.encode() != raw:
            raise Rejection(Reason.TERMS_MALFORMED, "termsData", "not the canonical encoding of terms")
        return terms

    def check(self, house_contracts: frozenset[str] = frozenset()) -> None:
        """Raise :class:`Rejection` naming the rule broken. Neither hooks nor shares may go to ``house_contracts``."""
        if self.condition is not None:
            check_condition(self.condition)
        closed = house_contracts | {PERMIT2}
        _check_hooks(self.before, "before", closed)
        _check_hooks(self.afterwards, "afterwards", closed)
        _check_shares(self.shares, closed)
        if not is_address(self.exclusive_solver) or not 0 <= self.exclusive_until <= U48_MAX:
            raise Rejection(Reason.BAD_EXCLUSIVITY, "termsData.exclusiveSolver", "a window has a solver and an end")
        if (self.exclusive_solver == ZERO_ADDRESS) != (self.exclusive_until == 0):
            detail = "a window for one solver has both the solver and its end, or neither"
            raise Rejection(Reason.BAD_EXCLUSIVITY, "termsData.exclusiveUntil", detail)
        if not 0 <= self.max_impact_bps <= BPS:
            raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, "termsData.maxImpactBps", f"a bound lies in 0..{BPS}")

    def describe(self) -> tuple[str, ...]:
        """What the terms ask for, a line each."""
        lines = [] if self.condition is None else [f"only while {self.condition}"]
        for side, hooks in (("before", self.before), ("after", self.afterwards)):
            for hook in hooks:
                word = "must" if hook.must else "may"
                lines.append(f"{side}: {word} call {hook.target} with 0x{hook.data.hex()}, {hook.gas_limit} gas")
        if self.exclusive_until:
            lines.append(f"until {self.exclusive_until} only through the solver {self.exclusive_solver}")
        lines += [f"{share.bps / 100:.2f} % of what is given to {share.receiver}" for share in self.shares]
        if self.max_impact_bps:
            lines.append(f"at most {self.max_impact_bps / 100:.2f} % below the reference price")
        return tuple(lines) or ("nothing",)

    def exclusive_at(self, time: int) -> str | None:
        """The one solver that may settle at Unix second ``time``, or None if everyone may."""
        return self.exclusive_solver if self.exclusive_until > 0 and time <= self.exclusive_until else None

    def shares_of(self, give: int) -> tuple[int, ...]:
        """Atoms of each share when ``give`` atoms of the first give are executed; each rounded down."""
        return tuple(floor_div(give * share.bps, BPS) for share in self.shares)


def read_terms(terms_hash: str, data: str | None) -> Terms | None:
    """The terms behind an intent's ``terms``, or None if it has none.

    Raises :class:`Rejection`: ``terms_missing``, ``terms_mismatch``, ``terms_malformed``, or the rule they break.
    """
    if data is None:
        if terms_hash == NO_TERMS:
            return None
        raise Rejection(Reason.TERMS_MISSING, "termsData", f"the intent signs terms with the hash {terms_hash}")
    raw = bytes.fromhex(data.removeprefix("0x"))
    if len(raw) > MAX_BYTES:
        raise Rejection(Reason.TERMS_MALFORMED, "termsData", f"{len(raw)} bytes; at most {MAX_BYTES} are read")
    found = "0x" + keccak(raw).hex()
    if found != terms_hash:
        raise Rejection(Reason.TERMS_MISMATCH, "termsData", f"they hash to {found}, the intent signs {terms_hash}")
    return Terms.decode(raw)


def _check_hooks(hooks: Sequence[Hook], side: str, closed: frozenset[str]) -> None:
    if len(hooks) > MAX_HOOKS:
        raise Rejection(Reason.BAD_HOOK, f"termsData.{side}", f"{len(hooks)} hooks; a side has at most {MAX_HOOKS}")
    for index, hook in enumerate(hooks):
        field = f"termsData.{side}[{index}]"
        if not is_address(hook.target) or hook.target in closed:
            raise Rejection(Reason.BAD_HOOK, f"{field}.target", f"a hook may not call {hook.target}")
        if not 0 <= hook.gas_limit <= MAX_HOOK_GAS:
            raise Rejection(Reason.BAD_HOOK, f"{field}.gasLimit", f"a hook has at most {MAX_HOOK_GAS} gas")
        if len(hook.data) < 4 or hook.data[:4] in FORBIDDEN_SELECTORS:
            detail = f"a hook may not call function 0x{hook.data[:4].hex()}"
            raise Rejection(Reason.BAD_HOOK, f"{field}.data", detail)


def _check_shares(shares: Sequence[FeeShare], closed: frozenset[str]) -> None:
    if len(shares) > MAX_SHARES:
        raise Rejection(Reason.BAD_FEE_SHARE, "termsData.shares", f"{len(shares)} shares; at most {MAX_SHARES}")
    for index, share in enumerate(shares):
        field = f"termsData.shares[{index}]"
        if not is_address(share.receiver) or share.receiver == ZERO_ADDRESS or share.receiver in closed:
            raise Rejection(Reason.BAD_FEE_SHARE, f"{field}.receiver", f"no share may go to {share.receiver}")
        if share.bps <= 0:
            raise Rejection(Reason.BAD_FEE_SHARE, f"{field}.bps", "a share is more than zero")
    total = sum(share.bps for share in shares)
    if total > MAX_SHARE_BPS:
        raise Rejection(Reason.BAD_FEE_SHARE, "termsData.shares", f"{total} bps in all; at most {MAX_SHARE_BPS}")


def _rows(terms: Terms) -> tuple[Any, ...]:
    nodes = [] if terms.condition is None else list(prefix(terms.condition))
    return (
        [(node.op, node.cmp, node.target, _value(node), node.data) for node in nodes],
        [(hook.target, hook.gas_limit, hook.must, hook.data) for hook in terms.before],
        [(hook.target, hook.gas_limit, hook.must, hook.data) for hook in terms.afterwards],
        terms.exclusive_solver,
        terms.exclusive_until,
        [(share.receiver, share.bps) for share in terms.shares],
        terms.max_impact_bps,
    )


def _value(node: Node) -> int:
    return len(node.children) if node.op in (Op.ALL, Op.ANY) else node.value


def _decode(raw: bytes) -> Terms:
    try:
        ((rows, before, afterwards, solver, until, shares, impact),) = decode([_TYPE], raw)
    except (DecodingError, OverflowError, ValueError) as error:
        raise Rejection(Reason.TERMS_MALFORMED, "termsData", f"not encoded terms: {error}"[:200]) from error
    return Terms(
        _tree(rows),
        tuple(Hook(target, data, gas, must) for target, gas, must, data in before),
        tuple(Hook(target, data, gas, must) for target, gas, must, data in afterwards),
        solver,
        until,
        tuple(FeeShare(receiver, bps) for receiver, bps in shares),
        impact,
    )


def _tree(rows: Sequence[tuple[int, int, str, int, bytes]]) -> Node | None:
    if not rows:
        return None
    if len(rows) > MAX_NODES:
        raise Rejection(Reason.BAD_CONDITION, "termsData.condition", f"a condition has at most {MAX_NODES} nodes")
    root, end = _subtree(rows, 0)
    if end != len(rows):
        raise Rejection(Reason.BAD_CONDITION, f"termsData.condition[{end}]", "it follows a complete condition")
    return root


def _subtree(rows: Sequence[tuple[int, int, str, int, bytes]], at: int) -> tuple[Node, int]:
    field = f"termsData.condition[{at}]"
    if at >= len(rows):
        raise Rejection(Reason.BAD_CONDITION, field, "a branch lacks children")
    op, cmp, target, value, data = rows[at]
    if op > Op.CALL or cmp > Cmp.NOT_EQUAL:
        raise Rejection(Reason.BAD_CONDITION, field, f"there is no node {op} with comparison {cmp}")
    children: list[Node] = []
    wanted = {Op.ALL: value, Op.ANY: value, Op.NOT: 1}.get(Op(op), 0)
    end = at + 1
    while len(children) < wanted:
        child, end = _subtree(rows, end)
        children.append(child)
    kept = 0 if op in (Op.ALL, Op.ANY) else value
    return Node(Op(op), tuple(children), Cmp(cmp), target, kept, data), end
