"""The audit of an export: an honest one passes, and each way of tampering is found under its name."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from house_fakes import DOMAIN, B, an_intent, key
from hypothesis import given
from hypothesis import strategies as st
from support.exports import EPOCH, Export, an_export
from walras.audit import MAX_LINE, Check, Fault, LogReport, audit_file, audit_log, read_lines
from walras.audit_index import IntentIndex
from walras.audit_report import KEEP
from walras.cancels import cancel_epoch_request, cancel_word_request
from walras.digest import cancel_epoch_digest, cancel_word_digest, intent_digest, intent_uid

LINES = an_export().lines()
ENTRIES = range(1, 10)  # places of the entries in LINES


def report_of(export: Export) -> LogReport:
    return audit_log(export.lines()).report


def found(report: LogReport) -> set[tuple[Fault, int]]:
    return {(finding.fault, finding.sequence) for finding in report.findings}


def tampered(change: Callable[[Export], object]) -> set[tuple[Fault, int]]:
    export = an_export()
    change(export)
    return found(report_of(export))


def body(change: Callable[[dict[str, Any]], object], at: int = 1) -> Callable[[Export], object]:
    """The house says something else at ``at`` (from zero) and signs the log anew, without posting anew."""

    def act(export: Export) -> None:
        export.roots.clear()
        export.rewrite(at, change)

    return act


def test_an_honest_log_passes() -> None:
    audit = audit_log(LINES)
    report = audit.report
    assert report.ok, [str(finding) for finding in report.findings]
    assert audit.size == 9
    assert report.counts == {
        "entries": 9,
        "intents": 6,
        "cancels": 1,
        "rounds": 2,
        "receipts": 7,
        "owner signatures": 7,
        "roots": 2,
    }
    assert report.to_json()["checks"] == dict.fromkeys([check.value for check in Check if check != "ledger"], 0)


def test_an_empty_log_passes() -> None:
    assert report_of(Export()).ok


def test_a_file_is_read_like_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(LINES))
    assert audit_file(path).report.to_json() == audit_log(LINES).report.to_json()


# ------------------------------------------------------------------ each fault, by name


def swap(export: Export) -> None:
    export.entries[2], export.entries[3] = export.entries[3], export.entries[2]


def other_owner(payload: dict[str, Any]) -> None:
    payload["signature"] = key(5).sign(bytes(32))


def resign(export: Export, at: int) -> None:
    export.entries[at]["receipt"]["signature"] = key(5).sign(bytes(32))


CASES: list[tuple[str, Callable[[Export], object], set[tuple[Fault, int]]]] = [
    ("a signer that nobody trusts", lambda e: e.header.update(signer=key(5).address),
     {(Fault.RECEIPT_SIGNATURE, at) for at in (1, 2, 3, 4, 6, 7, 9)}),
    ("an entry taken out", lambda e: e.entries.pop(5), {(Fault.GAP, 6), (Fault.BROKEN_CHAIN, 6),
     (Fault.RECEIPT_MISMATCH, 7), (Fault.ROOT_BEYOND_LOG, 9)}),
    ("a receipt taken out", lambda e: e.entries[0].update(receipt=None), {(Fault.NO_RECEIPT, 1)}),
    ("a receipt by somebody else", lambda e: resign(e, 1), {(Fault.RECEIPT_SIGNATURE, 2)}),
    ("a receipt that is no signature", lambda e: e.entries[1]["receipt"].update(signature="0x12"),
     {(Fault.RECEIPT_SIGNATURE, 2)}),
    ("a receipt for another time", lambda e: e.entries[1]["receipt"].update(time=5),
     {(Fault.RECEIPT_MISMATCH, 2), (Fault.RECEIPT_SIGNATURE, 2)}),
    ("another entry's receipt", lambda e: e.entries[1].update(receipt=e.entries[2]["receipt"]),
     {(Fault.RECEIPT_MISMATCH, 2)}),
    ("spaces in a body", lambda e: spaced(e, 8), {(Fault.NOT_CANONICAL, 9), (Fault.ROOT_MISMATCH, 9)}),
    ("half a body", lambda e: halved(e, 8), {(Fault.NOT_CANONICAL, 9), (Fault.BROKEN_CHAIN, 9)}),
    ("another epoch", body(lambda b: b.update(epoch=EPOCH + 1)), {(Fault.WRONG_EPOCH, 2)}),
    ("a kind of entry that nobody knows", lambda e: gift(e, 4), {(Fault.UNKNOWN_KIND, 5), (Fault.NO_RECEIPT, 5)}),
    ("a field too many", body(lambda b: b.update(more=1)), {(Fault.BAD_BODY, 2)}),
    ("a number that is none", body(lambda b: b.update(time=1.5), 4), {(Fault.BAD_BODY, 5)}),
    ("a payload of another form", body(lambda b: b["payload"].pop("scheme")), {(Fault.BAD_PAYLOAD, 2)}),
    ("an amount changed", body(lambda b: b["payload"]["intent"]["wants"][0].update(end="1", start="1")),
     {(Fault.WRONG_UID, 2), (Fault.OWNER_SIGNATURE, 2)}),
    ("an owner's signature forged", body(lambda b: other_owner(b["payload"])), {(Fault.OWNER_SIGNATURE, 2)}),
    ("a cancel forged", body(lambda b: other_owner(b["payload"]), 3), {(Fault.OWNER_SIGNATURE, 4)}),
    ("terms that were never signed", body(lambda b: b["payload"].update(termsData="0x1234")), {(Fault.BAD_PAYLOAD, 2)}),
    ("another record", body(lambda b: b["payload"].update(record="0x" + "12" * 32), 4), {(Fault.WRONG_UID, 5)}),
    ("a root for entries that are not there", lambda e: e.entries.pop(), {(Fault.ROOT_BEYOND_LOG, 9)}),
    ("a root changed", lambda e: e.roots[0].update(logRoot="0x" + "12" * 32), {(Fault.ROOT_MISMATCH, 5)}),
    ("a root of another epoch", lambda e: e.roots[0].update(epoch=7), {(Fault.ROOT_MISMATCH, 5)}),
    ("a state root changed", lambda e: e.roots[1].update(stateRoot="0x" + "12" * 32), {(Fault.STATE_ROOT, 9)}),
    ("roots in another order", lambda e: e.roots.reverse(), {(Fault.ROOT_ORDER, 5)}),
]  # fmt: skip


def spaced(export: Export, at: int) -> None:
    """The same entry, written with a space and sealed again."""
    export.entries[at]["body"] = export.entries[at]["body"].replace(":", ": ", 1)
    export.seal(at)


def gift(export: Export, at: int) -> None:
    body(lambda said: said.update(kind="gift"), at)(export)
    export.entries[at]["receipt"] = None


def halved(export: Export, at: int) -> None:
    export.entries[at]["body"] = export.entries[at]["body"][:40]


@pytest.mark.parametrize(("change", "findings"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_tampering_is_found_by_name(change: Callable[[Export], object], findings: set[tuple[Fault, int]]) -> None:
    assert tampered(change) == findings


def test_an_entry_changed_in_place_breaks_the_chain_there() -> None:
    def act(export: Export) -> None:
        export.entries[1]["body"] = export.entries[1]["body"].replace('"time":1700000001', '"time":1700000002')

    assert tampered(act) == {(Fault.BROKEN_CHAIN, 2), (Fault.RECEIPT_MISMATCH, 2)}


def test_entries_in_each_others_place_are_found_at_both() -> None:
    findings = tampered(swap)
    assert {(Fault.GAP, 3), (Fault.BROKEN_CHAIN, 3), (Fault.RECEIPT_MISMATCH, 4)} <= findings
    assert {fault for fault, at in findings if at == 9} == {Fault.ROOT_MISMATCH}


def test_a_rewritten_past_contradicts_what_was_posted() -> None:
    """The house signs everything anew: only the chain remembers."""
    export = an_export()
    export.rewrite(0, lambda said: said.update(time=5))
    assert found(report_of(export)) == {(Fault.ROOT_MISMATCH, 5), (Fault.ROOT_MISMATCH, 9)}


def test_an_intent_logged_twice_is_found_at_its_second_place() -> None:
    export = Export()
    for nonce in (7, 8, 7, 9, 8):
        export.intent(1, nonce)
    report = report_of(export)
    assert found(report) == {(Fault.LOGGED_TWICE, 3), (Fault.LOGGED_TWICE, 5)}
    assert "it stands at 1 as well" in {finding.detail for finding in report.findings}


def test_nobody_cancels_anothers_intent() -> None:
    export = Export()
    uid = export.intent(1)
    export.cancel(uid, 2)
    export.cancel("0x" + "12" * 32, 2)  # of an intent that never came
    assert found(report_of(export)) == {(Fault.CANCEL_BY_ANOTHER, 2)}


def test_a_cancel_before_its_intent_is_no_fault_of_the_house() -> None:
    early, late = Export(), Export()
    uid = late.intent(1, nonce=5)
    early.cancel(uid, 2)
    assert early.intent(1, nonce=5) == uid
    assert report_of(early).ok


def test_cancels_of_every_scope_are_judged() -> None:
    export = Export()
    old = export.intent(1, nonce=7)
    owner = key(1).address
    new = an_intent(key(1), nonce=7, want=(B, 950))
    word, epoch = cancel_word_request(1, key(1), DOMAIN), cancel_epoch_request(0, key(1), DOMAIN)
    amend = cancel_payload("amend", old, key(1).sign(intent_digest(new, DOMAIN)), by=intent_uid(new, DOMAIN))
    by_word = cancel_payload("word", "1", word.signature)
    export.add("cancel", old, amend)
    export.add("cancel", "0x" + cancel_word_digest(owner, 1, DOMAIN).hex(), by_word)
    by_epoch = cancel_payload("epoch", "0", epoch.signature)
    export.add("cancel", "0x" + cancel_epoch_digest(owner, 0, DOMAIN).hex(), by_epoch)
    contract = cancel_payload("word", "1", "0x1234", scheme="erc1271")
    export.add("cancel", "0x" + cancel_word_digest(owner, 1, DOMAIN).hex(), contract)
    report = report_of(export)
    assert report.ok, report.findings
    assert report.counts["signatures that only the chain can judge"] == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"value": "2"}, Fault.OWNER_SIGNATURE),
        ({"value": "2"}, Fault.WRONG_UID),
        ({"value": "x"}, Fault.BAD_PAYLOAD),
        ({"value": "-1"}, Fault.BAD_PAYLOAD),
        ({"scope": "epoch"}, Fault.OWNER_SIGNATURE),
        ({"scope": "all"}, Fault.BAD_PAYLOAD),
        ({"scope": "amend"}, Fault.BAD_PAYLOAD),
        ({"by": "0x" + "12" * 32}, Fault.BAD_PAYLOAD),
        ({"firstRound": 0}, Fault.BAD_PAYLOAD),
        ({"firstRound": None}, Fault.BAD_PAYLOAD),
    ],
)
def test_a_cancel_that_was_not_signed_so_is_found(change: dict[str, Any], fault: Fault) -> None:
    export = Export()
    request = cancel_word_request(1, key(1), DOMAIN)
    uid = "0x" + cancel_word_digest(key(1).address, 1, DOMAIN).hex()
    export.add("cancel", uid, {**cancel_payload("word", "1", request.signature), **change})
    assert (fault, 1) in found(report_of(export))


def cancel_payload(scope: str, value: str, signature: str, **rest: str) -> dict[str, Any]:
    said = {"scope": scope, "value": value, "owner": key(1).address, "signature": signature, "scheme": "ecdsa"}
    return {**said, "firstRound": 1, **rest}


def test_what_only_the_chain_can_judge_is_counted_as_such() -> None:
    export = Export()
    export.intent(1)
    export.rewrite(0, lambda said: said["payload"].update(scheme="erc1271", signature="0x1234"))
    report = report_of(export)
    assert report.ok
    assert report.counts["signatures that only the chain can judge"] == 1
    assert report.counts["owner signatures"] == 0


# ------------------------------------------------------------------ the form of the file


def test_another_signer_than_the_headers_can_be_asked_for() -> None:
    good = audit_log(LINES, an_export().header["signer"].upper().replace("0X", "0x"))
    assert good.report.ok
    bad = audit_log(LINES, key(5).address).report
    assert (Fault.WRONG_HOUSE, 0) in found(bad)
    assert bad.faults[Fault.RECEIPT_SIGNATURE] == 7


@pytest.mark.parametrize(
    "header", [b"", b"{}\n", b"null\n", LINES[1], LINES[0].replace(b"log/1", b"log/2")], ids=range(5)
)
def test_without_its_header_nothing_is_judged(header: bytes) -> None:
    report = audit_log([header, *LINES[1:]]).report
    assert found(report) == {(Fault.BAD_HEADER, 0)}
    assert not report.ok


def test_an_empty_file_is_no_export() -> None:
    assert found(audit_log([]).report) == {(Fault.BAD_HEADER, 0)}


@pytest.mark.parametrize("line", [b"\n", b"[]\n", b'{"root":1}\n', b'{"body":1}\n', b"\xff\xfe\n", b"[" * 100_000])
def test_a_line_that_is_none_is_named_and_the_rest_is_read(line: bytes) -> None:
    report = audit_log([*LINES[:3], line, *LINES[4:]]).report
    assert {(Fault.BAD_LINE, 3), (Fault.ROOT_MISMATCH, 5), (Fault.ROOT_BEYOND_LOG, 9)} == found(report)
    assert report.counts["entries"] == 8


def test_a_body_nested_too_deeply_is_no_json() -> None:
    export = an_export()
    export.entries[8]["body"] = "[" * 100_000
    assert (Fault.NOT_CANONICAL, 9) in found(report_of(export))


def test_half_a_surrogate_is_no_text() -> None:
    export = an_export()
    export.roots.clear()
    export.entries[8]["body"] = '{"a":"\ud800"}'
    assert found(report_of(export)) == {(Fault.BAD_LINE, 9)}


def test_a_line_without_end_is_not_held() -> None:
    file = io.BytesIO(LINES[0] + b"x" * (3 * MAX_LINE) + b"\n" + LINES[1])
    lines = list(read_lines(file))
    assert [len(line) for line in lines] == [len(LINES[0]), MAX_LINE + 1, len(LINES[1])]
    assert found(audit_log(lines).report) >= {(Fault.BAD_LINE, 1)}


def test_an_entry_behind_the_roots_is_out_of_place() -> None:
    export = an_export()
    entries = export.lines()
    report = audit_log([*entries[:-2], entries[-2], entries[9], entries[-1]]).report
    assert found(report) == {(Fault.MISPLACED_LINE, 10)}


def test_findings_are_kept_up_to_a_bound_and_counted_beyond() -> None:
    report = LogReport()
    for place in range(KEEP + 5):
        report.add(Fault.GAP, place)
    assert (len(report.findings), report.faults[Fault.GAP]) == (KEEP, KEEP + 5)
    assert report.failures(Check.SEQUENCE) == KEEP + 5
    assert report.failures(Check.CHAIN) == 0


def test_every_fault_is_named_and_explained() -> None:
    for fault in Fault:
        assert fault.value == fault.name.lower()
        assert fault.sentence.endswith(".")
        assert isinstance(fault.check, Check)
    assert {fault.check for fault in Fault} == set(Check)


# ------------------------------------------------------------------ whatever is changed


@given(st.sampled_from(ENTRIES), st.data())
def test_no_byte_of_an_entry_can_change_unnoticed(at: int, data: st.DataObject) -> None:
    """A changed byte is found, unless what it says is the same (a hexadecimal digit in the other case)."""
    line = LINES[at]
    place = data.draw(st.integers(0, len(line) - 2))
    byte = data.draw(st.integers(32, 126).filter(lambda value: value != line[place]))
    changed = line[:place] + bytes([byte]) + line[place + 1 :]
    report = audit_log([*LINES[:at], changed, *LINES[at + 1 :]]).report
    same = changed.lower() == line.lower() and json.loads(changed)["body"] == json.loads(line)["body"]
    assert report.ok == same


@given(st.permutations(list(ENTRIES)))
def test_no_other_order_passes(order: list[int]) -> None:
    report = audit_log([LINES[0], *(LINES[at] for at in order), *LINES[10:]]).report
    assert report.ok == (order == sorted(order))


@given(st.sets(st.sampled_from(ENTRIES), min_size=1))
def test_no_entry_can_be_left_out(gone: set[int]) -> None:
    kept = [line for at, line in enumerate(LINES) if at not in gone]
    assert not audit_log(kept).report.ok


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_junk_is_judged_and_never_fails(junk: list[bytes]) -> None:
    assert not audit_log([LINES[0], *junk, b"."]).report.ok


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30), st.data())
def test_the_index_agrees_with_a_plain_search(intents: list[tuple[int, int]], data: st.DataObject) -> None:
    index, seen, twice = IntentIndex(), {}, []
    for place, (uid, owner) in enumerate(intents, start=1):
        index.intent(f"0x{uid:062x}00", f"0x{owner:040x}", place)  # ends in zeros, which numpy's text would lose
        if uid in seen:
            twice.append(place)
        else:
            seen[uid] = (place, owner)
    cancels = data.draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(1, 40)), max_size=10))
    for uid, owner, place in cancels:
        index.cancel(f"0x{uid:062x}00", f"0x{owner:040x}", place)
    strangers = sorted(p for u, o, p in cancels if u in seen and seen[u][0] < p and seen[u][1] != o)
    found_twice, found_strangers = index.judge()
    assert [place for place, _ in found_twice] == twice
    assert [place for place, _ in found_strangers] == strangers
