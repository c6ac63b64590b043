"""The bytes of a log entry: they say the place and the submission, in canonical JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from house_fakes import DOMAIN, a_request, open_house
from hypothesis import assume, given
from support.effort import examples
from support.submissions import documents
from walras.digest import intent_uid
from walras.entries import entry_body, intent_body
from walras.wire import SubmitRequest, canonical


def test_a_body_is_canonical_json_and_says_its_place() -> None:
    body = entry_body(1, 7, 1_700_000_000, "round", "0x" + "12" * 32, canonical({"record": "0x", "round": 3}))
    said = json.loads(body)
    assert canonical(said) == body
    assert said.pop("payload") == {"record": "0x", "round": 3}
    assert list(said.values()) == [1, "round", 7, 1_700_000_000, "0x" + "12" * 32]


@examples(100)
@given(documents())
def test_a_body_says_what_was_submitted(document: dict[str, Any]) -> None:
    assume(document.get("scheme") != "none")
    request = SubmitRequest.model_validate_json(json.dumps(document))
    uid = intent_uid(request.intent.intent(), DOMAIN)
    body = intent_body(request, 1, 2, 3, uid)
    payload = {name: request.to_json()[name] for name in ("intent", "signature", "scheme", "permits")}
    if request.terms_data is not None:
        payload["termsData"] = request.terms_data
    place = {"epoch": 1, "kind": "intent", "sequence": 2, "time": 3, "uid": uid}
    assert body == canonical({**place, "payload": payload})


def test_it_is_the_body_that_a_house_logs(tmp_path: Path) -> None:
    house = open_house(tmp_path / "store.db")
    receipt = house.intake.submit(request := a_request())
    (entry,) = house.store.log(1, 10)
    assert entry.body == intent_body(request, receipt.epoch, receipt.sequence, receipt.time, receipt.uid)
    house.close()
