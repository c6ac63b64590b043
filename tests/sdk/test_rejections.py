"""Every reason is one sentence, and every reason is provoked by some test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from walras.rejections import Reason, Rejection

TESTS = Path(__file__).parents[1]
SOURCE = Path(__file__).parents[2] / "sdk" / "walras" / "rejections.py"


def provoked() -> set[str]:
    """Names and values of reasons that tests other than this one speak of."""
    here = Path(__file__).resolve()
    text = "\n".join(path.read_text() for path in sorted(TESTS.rglob("*.py")) if path.resolve() != here)
    names = set(re.findall(r"Reason\.([A-Z0-9_]+)", text))
    values = set(re.findall(r"""["']([a-z0-9_]+)["']""", text))
    return names | {reason.name for reason in Reason if reason.value in values}


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_every_reason_is_provoked_by_a_test(reason: Reason) -> None:
    assert reason.name in provoked()


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_every_reason_explains_itself_in_a_sentence(reason: Reason) -> None:
    assert reason.value == reason.name.lower()
    assert re.fullmatch(r"[A-Z].*\.", reason.sentence)
    assert str(reason) == reason.value


def test_reasons_of_intake_have_a_status_and_no_others_do() -> None:
    first = SOURCE.read_text().split("# -- a solver's answer")[0]
    at_intake = {reason for reason in Reason if f"    {reason.name} = " in first}
    assert {reason for reason in Reason if reason.status} == at_intake
    assert all(400 <= reason.status < 600 for reason in at_intake)


def test_a_refusal_says_reason_field_and_detail() -> None:
    refusal = Rejection(Reason.ZERO_AMOUNT, "gives[0].start", "it is zero", digest="0x01")
    assert str(refusal) == "zero_amount: gives[0].start: it is zero"
    assert str(Rejection(Reason.STOPPING, "", "later")) == "stopping: later"
    assert refusal.extra == {"digest": "0x01"}
