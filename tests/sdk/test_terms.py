"""Terms: their encoding, every rule they may break, and conditions on the shared vectors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.terms_vectors import FILE, render
from walras.conditions import MAX_DEPTH, MAX_NODES, check_condition, prefix
from walras.digest import keccak
from walras.forbidden import FORBIDDEN_FUNCTIONS
from walras.intent import NATIVE, NO_TERMS, ZERO_ADDRESS
from walras.permit2 import PERMIT2
from walras.rejections import Reason, Rejection
from walras.terms import (
    MAX_BYTES,
    Cmp,
    FeeShare,
    Hook,
    Node,
    Op,
    Terms,
    UnreadableError,
    all_of,
    any_of,
    balance_at_least,
    balance_at_most,
    balance_data,
    call_returns,
    evaluate,
    not_,
    read_terms,
    time_after,
    time_before,
    time_is,
)
from walras.terms_gas import (
    BASE_GAS,
    HOOK_GAS,
    NODE_GAS,
    READ_EXPECTED_GAS,
    RUNNER_RESERVE,
    SHARE_GAS,
    expected_gas,
    reserve_gas,
)

A, B, TOKEN = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "70" * 20
VECTORS = json.loads(FILE.read_text())
HOOK = Hook(TOKEN, b"\x12\x34\x56\x78", 50_000, must=True)


class World:
    """What conditions read, made up."""

    def __init__(self, now: int, natives: Mapping[str, int], calls: Mapping[tuple[str, bytes], bytes]) -> None:
        self._now, self._natives, self._calls = now, natives, calls

    def time(self) -> int:
        return self._now

    def balance(self, token: str, account: str) -> int | None:
        return self._natives.get(account, 0) if token == NATIVE else self.call(token, balance_data(account))

    def call(self, target: str, data: bytes) -> int | None:
        answer = self._calls.get((target, data), b"")
        return int.from_bytes(answer[:32], "big") if len(answer) >= 32 else None


def rows(table: str) -> list[dict[str, Any]]:
    columns = VECTORS[table]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


NATIVES = {row["account"]: int(row["amount"]) for row in rows("natives")}
CALLS = {
    (row["target"], bytes.fromhex(row["data"][2:])): b"" if row["reverts"] else bytes.fromhex(row["returned"][2:])
    for row in rows("calls")
}


def outcome(case: Mapping[str, Any]) -> str:
    try:
        terms = Terms.decode(case["terms"])
    except Rejection:
        return "malformed"
    try:
        return "yes" if evaluate(terms.condition, World(case["time"], NATIVES, CALLS)) else "no"
    except UnreadableError:
        return "unreadable"


# ------------------------------------------------------------------ the shared vectors


def test_the_vector_file_is_the_one_that_its_maker_writes() -> None:
    assert FILE.read_text() == render()


def test_every_vector_comes_to_what_it_says() -> None:
    cases = rows("cases")
    assert len(cases) >= 200
    for number, case in enumerate(cases):
        assert "0x" + keccak(bytes.fromhex(case["terms"][2:])).hex() == case["hash"]
        assert outcome(case) == case["result"], number


def test_vectors_are_encoded_as_they_were_decoded() -> None:
    for case in rows("cases"):
        if case["result"] != "malformed":
            terms = Terms.decode(case["terms"])
            assert (terms.data, terms.hash()) == (case["terms"], case["hash"])


# ------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    ("node", "holds"),
    [
        (time_after(999), True),
        (time_after(1_000), False),
        (time_before(1_001), True),
        (time_before(1_000), False),
        (time_is(Cmp.EQUAL, 1_000), True),
        (time_is(Cmp.NOT_EQUAL, 1_000), False),
        (balance_at_least(NATIVE, A, 7), True),
        (balance_at_least(NATIVE, A, 8), False),
        (balance_at_most(TOKEN, A, 500), True),
        (balance_at_most(TOKEN, A, 499), False),
        (call_returns(TOKEN, b"price", Cmp.LESS, 5), True),
        (call_returns(TOKEN, b"price", Cmp.MORE, 4), False),
        (all_of(time_after(1), time_after(2)), True),
        (all_of(time_after(1), time_after(2_000)), False),
        (any_of(time_after(2_000), time_after(1)), True),
        (any_of(time_after(2_000)), False),
        (not_(time_after(2_000)), True),
    ],
    ids=str,
)
def test_a_condition_holds_or_not(node: Node, holds: bool) -> None:
    calls = {(TOKEN, balance_data(A)): (500).to_bytes(32, "big"), (TOKEN, b"price"): (4).to_bytes(32, "big")}
    assert evaluate(node, World(1_000, {A: 7}, calls)) is holds


def test_no_condition_holds() -> None:
    assert evaluate(None, World(0, {}, {}))


@pytest.mark.parametrize("wrap", [not_, lambda node: any_of(time_after(0), node), lambda node: all_of(node)])
def test_what_cannot_be_read_is_no_answer(wrap: Any) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: balance of 0xa1a1"):
        evaluate(wrap(balance_at_least(TOKEN, A, 1)), World(5, {}, {}))


def chain_of(depth: int) -> Node:
    node = time_after(1)
    for _ in range(depth - 1):
        node = not_(node)
    return node


@pytest.mark.parametrize(
    ("node", "field"),
    [
        (chain_of(MAX_DEPTH + 1), ""),
        (all_of(*[time_after(1)] * MAX_NODES), ""),
        (any_of(*[call_returns(A, b"x", Cmp.EQUAL, 1)] * 5), ""),
        (all_of(), "[0]"),
        (Node(Op.NOT, (time_after(1), time_after(1))), "[0]"),
        (Node(Op.ANY, (time_after(1),), value=1), "[0]"),
        (Node(Op.TIME, (time_after(1),)), "[0]"),
        (replace(time_after(1), target=A), "[0]"),
        (replace(time_after(1), data=b"x"), "[0]"),
        (not_(time_after(2**256)), "[1]"),
        (replace(balance_at_least(TOKEN, A, 1), data=b"\x01" * 32), "[0]"),
        (replace(balance_at_least(TOKEN, A, 1), target="0xA"), "[0]"),
    ],
)
def test_a_condition_that_the_contract_refuses_is_refused(node: Node, field: str) -> None:
    with pytest.raises(Rejection) as refused:
        Terms(node).encode()
    assert (refused.value.reason, refused.value.field) == (Reason.BAD_CONDITION, f"termsData.condition{field}")


def test_a_condition_at_its_bounds_passes() -> None:
    check_condition(chain_of(MAX_DEPTH))
    check_condition(all_of(*[time_after(1)] * (MAX_NODES - 1)))
    check_condition(any_of(*[call_returns(A, b"", Cmp.EQUAL, 1)] * 4))
    assert [node.op for node in prefix(not_(time_after(1)))] == [Op.NOT, Op.TIME]


def test_a_condition_reads_as_a_sentence() -> None:
    node = all_of(time_after(5), any_of(not_(balance_at_least(NATIVE, A, 1)), call_returns(B, b"\x01", Cmp.LESS, 2)))
    assert str(node) == (f"(time > 5 and (not balance of {A} in native coin >= 1 or call of {B} with 0x01 < 2))")


# ------------------------------------------------------------------ the other terms


@pytest.mark.parametrize(
    ("terms", "reason", "field"),
    [
        (Terms(before=(HOOK,) * 5), Reason.BAD_HOOK, "before"),
        (Terms(afterwards=(replace(HOOK, gas_limit=1_000_001),)), Reason.BAD_HOOK, "afterwards[0].gasLimit"),
        (Terms(before=(replace(HOOK, target=PERMIT2),)), Reason.BAD_HOOK, "before[0].target"),
        (Terms(before=(replace(HOOK, target=B),)), Reason.BAD_HOOK, "before[0].target"),
        (Terms(before=(HOOK, replace(HOOK, data=b"123"))), Reason.BAD_HOOK, "before[1].data"),
        (Terms(shares=(FeeShare(A, 1),) * 5), Reason.BAD_FEE_SHARE, "shares"),
        (Terms(shares=(FeeShare(A, 60), FeeShare(A, 41))), Reason.BAD_FEE_SHARE, "shares"),
        (Terms(shares=(FeeShare(A, 0),)), Reason.BAD_FEE_SHARE, "shares[0].bps"),
        (Terms(shares=(FeeShare(ZERO_ADDRESS, 1),)), Reason.BAD_FEE_SHARE, "shares[0].receiver"),
        (Terms(shares=(FeeShare(B, 1),)), Reason.BAD_FEE_SHARE, "shares[0].receiver"),
        (Terms(exclusive_solver=A), Reason.BAD_EXCLUSIVITY, "exclusiveUntil"),
        (Terms(exclusive_until=5), Reason.BAD_EXCLUSIVITY, "exclusiveUntil"),
        (Terms(exclusive_solver="A", exclusive_until=5), Reason.BAD_EXCLUSIVITY, "exclusiveSolver"),
        (Terms(max_impact_bps=10_001), Reason.AMOUNT_OUT_OF_RANGE, "maxImpactBps"),
    ],
)
def test_terms_that_break_a_rule_are_refused(terms: Terms, reason: Reason, field: str) -> None:
    with pytest.raises(Rejection) as refused:
        terms.check(frozenset((B,)))
    assert (refused.value.reason, refused.value.field) == (reason, f"termsData.{field}")


@pytest.mark.parametrize("function", FORBIDDEN_FUNCTIONS)
def test_hooks_move_no_tokens(function: str) -> None:
    hook = replace(HOOK, data=keccak(function.encode())[:4] + bytes(96))
    with pytest.raises(Rejection, match=r"bad_hook: termsData.before\[0\].data"):
        Terms(before=(hook,)).encode()


def test_shares_are_rounded_down_each() -> None:
    terms = Terms(shares=(FeeShare(A, 70), FeeShare(B, 30)))
    assert terms.shares_of(10_000) == (70, 30)
    assert terms.shares_of(333) == (2, 0)


def test_the_window_of_one_solver_includes_its_end() -> None:
    terms = Terms(exclusive_solver=A, exclusive_until=100)
    assert (terms.exclusive_at(100), terms.exclusive_at(101)) == (A, None)
    assert Terms().exclusive_at(0) is None


def test_what_terms_cost() -> None:
    assert expected_gas(Terms()) == BASE_GAS
    assert expected_gas(Terms(before=(HOOK,))) == BASE_GAS + HOOK.gas_limit + HOOK_GAS
    assert expected_gas(Terms(not_(balance_at_least(NATIVE, A, 1)))) == BASE_GAS + 2 * NODE_GAS + READ_EXPECTED_GAS
    assert expected_gas(Terms(shares=(FeeShare(A, 1), FeeShare(B, 1)))) == BASE_GAS + 2 * SHARE_GAS


def test_the_dearest_call_is_what_must_be_left() -> None:
    assert reserve_gas(Terms()) == 0 == reserve_gas(Terms(time_after(1)))
    dear, cheap = replace(HOOK, gas_limit=630_000), replace(HOOK, gas_limit=1)
    left = reserve_gas(Terms(not_(balance_at_least(TOKEN, A, 1)), (cheap,), (dear,)))
    assert left == reserve_gas(Terms(before=(dear,))) == -(-(640_000 + RUNNER_RESERVE) * 64 // 63)
    assert reserve_gas(Terms(balance_at_least(TOKEN, A, 1))) > 100_000


addresses = st.binary(min_size=20, max_size=20).filter(any).map(lambda raw: "0x" + raw.hex())
hooks = st.lists(
    st.builds(
        Hook,
        addresses,
        st.binary(max_size=70).map(lambda data: b"\x01\x02\x03\x04" + data),
        st.integers(0, 10**6),
        st.booleans(),
    ),
    max_size=4,
).map(tuple)
leaves = st.one_of(
    st.builds(time_is, st.sampled_from(list(Cmp)), st.integers(0, 2**256 - 1)),
    st.builds(balance_at_least, addresses, addresses, st.integers(0, 2**256 - 1)),
)
some_terms = st.builds(
    Terms,
    st.none()
    | st.recursive(
        leaves,
        lambda below: st.builds(lambda nodes: all_of(*nodes), st.lists(below, min_size=1, max_size=3)),
        max_leaves=8,
    ),
    hooks,
    hooks,
    addresses,
    st.integers(1, 2**48 - 1),
    st.lists(st.builds(FeeShare, addresses, st.integers(1, 25)), max_size=4).map(tuple),
    st.integers(0, 10_000),
)


def sound(terms: Terms) -> bool:
    try:
        terms.check()
    except Rejection:
        return False
    return True


@given(some_terms.filter(sound))
def test_decoding_undoes_encoding(terms: Terms) -> None:
    raw = terms.encode()
    assert Terms.decode(raw) == terms == Terms.decode(terms.data)
    assert read_terms(terms.hash(), terms.data) == terms


@given(some_terms.filter(sound), st.data())
def test_one_changed_byte_is_other_terms_or_none(terms: Terms, data: st.DataObject) -> None:
    raw = bytearray(terms.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        other = Terms.decode(bytes(raw))
    except Rejection:
        return
    assert other != terms
    assert other.encode() == bytes(raw)


# ------------------------------------------------------------------ terms beside an intent


def test_terms_go_with_the_hash_that_the_intent_signs() -> None:
    terms = Terms(time_after(5))
    assert read_terms(NO_TERMS, None) is None
    for terms_hash, data, reason in (
        (terms.hash(), None, Reason.TERMS_MISSING),
        (NO_TERMS, terms.data, Reason.TERMS_MISMATCH),
        (Terms().hash(), terms.data, Reason.TERMS_MISMATCH),
        (hash_of(b"junk"), "0x" + b"junk".hex(), Reason.TERMS_MALFORMED),
        (hash_of(b""), "0x", Reason.TERMS_MALFORMED),
        (hash_of(bytes(MAX_BYTES + 1)), "0x" + "00" * (MAX_BYTES + 1), Reason.TERMS_MALFORMED),
    ):
        with pytest.raises(Rejection) as refused:
            read_terms(terms_hash, data)
        assert (refused.value.reason, refused.value.field) == (reason, "termsData")


def hash_of(raw: bytes) -> str:
    return "0x" + keccak(raw).hex()


def test_the_forbidden_functions_are_the_contracts() -> None:
    source = (FILE.parents[2] / "contracts" / "src" / "Selectors.sol").read_text()
    assert set(re.findall(r'keccak256\(\s*"([^"]+)"\)', source)) == set(FORBIDDEN_FUNCTIONS)


def test_the_guide_runs() -> None:
    guide = (FILE.parents[2] / "docs" / "terms.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) >= 5
    exec(compile("\n".join(blocks), "docs/terms.md", "exec"), {})
