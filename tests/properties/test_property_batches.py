"""Batches under one signature, whatever is in them: an honest answer holds, one that was changed does not."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from house_fakes import DOMAIN, NOW, B, C, a_request, an_intent, key, open_house, signed
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.batches import Json, answer_last, read_last
from support.effort import examples
from walras.calls import UntrustedHouseError, WalrasError
from walras.chained import ChainedReceipt, check_chained
from walras.digest import intent_uid
from walras.intent import Leg
from walras.orders import signed_request
from walras.wire import Receipt, SubmitRequest
from walras_auction.api.house import House

few, some = examples(15), examples(30)
OPEN = a_request(1, nonce=100)


def usual(nonce: int) -> SubmitRequest:
    return a_request(1, nonce=nonce)


def late(nonce: int) -> SubmitRequest:
    return a_request(1, nonce=nonce, valid_to=NOW - 1)


def basket(nonce: int) -> SubmitRequest:
    """Two wants: the general way, which commits for itself."""
    intent = an_intent(key(1), nonce=nonce)
    return signed(replace(intent, wants=(Leg.fixed(B, 900), Leg.fixed(C, 5))), key(1))


def amending(nonce: int) -> SubmitRequest:
    """One that comes in the place of what was there before; only the first can."""
    return signed_request(an_intent(key(1), want=(B, 1_000 + nonce), nonce=100), key(1), DOMAIN, replaces=uid_of_open())


def uid_of_open() -> str:
    return intent_uid(OPEN.intent.intent(), DOMAIN)


KINDS = (usual, usual, usual, late, basket, amending)
batches = st.lists(
    st.builds(lambda kind, nonce: kind(nonce), st.sampled_from(KINDS), st.integers(0, 6)), min_size=1, max_size=8
)


@contextmanager
def a_house() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder, closing(open_house(Path(folder) / "store.db")) as house:
        house.intake.submit(OPEN)
        yield house


@few
@given(batches, batches)
def test_an_honest_answer_holds(first: list[SubmitRequest], second: list[SubmitRequest]) -> None:
    with a_house() as house:
        heads = {}
        for batch in (first, second):
            for one in read_last(house, answer_last(house, batch), batch):
                if isinstance(one, ChainedReceipt):
                    check_chained(one, house.info())
                if not isinstance(one, WalrasError):
                    heads[one.sequence] = one.head
        log = {entry.sequence: entry.head for entry in house.store.log(1, 100)}
        assert {sequence: log[sequence] for sequence in heads} == heads


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all words and numbers in places and receipts."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in inner:
        yield from leaves(member, (*path, name))
    if isinstance(value, str | int) and {"place", "receipt"} & set(path):
        yield path


def holder_of(answer: Json, path: tuple[Any, ...]) -> Any:
    holder: Any = answer
    for name in path[:-1]:
        holder = holder[name]
    return holder


@some
@given(batches, st.data())
def test_an_answer_that_was_changed_does_not(batch: list[SubmitRequest], data: st.DataObject) -> None:
    with a_house() as house:
        answer = answer_last(house, batch)
        honest = json.dumps(answer)
        paths = list(leaves(answer))
        assume(paths)
        path = data.draw(st.sampled_from(paths))
        holder, name = holder_of(answer, path), path[-1]
        same = [holder_of(answer, other)[other[-1]] for other in paths if other[-1] == name]
        holder[name] = data.draw(st.sampled_from([*same, *changed(holder[name])]))
        assume(json.dumps(answer) != honest)
        try:
            found = read_last(house, answer, batch)
        except (UntrustedHouseError, ValidationError):
            return
        raise AssertionError(f"{path} was changed unnoticed: {found}")


def changed(value: str | int) -> list[str | int]:
    """Near to it."""
    if isinstance(value, int):
        return [value + 1, value - 1, -value]
    flipped = value[:-1] + ("0" if value[-1] != "0" else "1")
    return [flipped, value[:6] + flipped[5:-1] if len(value) > 8 else flipped]


members = st.sampled_from(["body", "between", "head", "sequence", "uid"])


@few
@given(st.lists(st.integers(0, 6), min_size=3, max_size=7, unique=True), st.data())
def test_no_other_intents_can_be_put_into_a_chained_receipt(nonces: list[int], data: st.DataObject) -> None:
    """Members of the receipts of one batch do not fit each other."""
    batch = [usual(nonce) for nonce in nonces]
    with a_house() as house:
        found = read_last(house, answer_last(house, batch), batch)
        receipts = [one for one in found if isinstance(one, ChainedReceipt)]
        assert [type(one) for one in found] == [ChainedReceipt] * (len(batch) - 1) + [Receipt]
        one, other, *_ = data.draw(st.permutations(receipts))
        names = data.draw(st.sets(members, min_size=1, max_size=4))
        try:
            check_chained(one.model_copy(update={name: getattr(other, name) for name in names}), house.info())
        except UntrustedHouseError:
            return
        raise AssertionError(f"{sorted(names)} of another receipt fitted")
