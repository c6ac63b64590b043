"""``walras replay``: the exit code says whether a published record holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.judged import WEI, Round, a_match, mined, two_sides
from typer import Typer
from typer.testing import CliRunner
from walras.wire import canonical
from walras_auction.record import write
from walras_auction.replaying import first_difference, replay_command

COMMAND = Typer()
COMMAND.command()(replay_command)


def a_record() -> bytes:
    judged = Round(two_sides().batch())
    judged.bid("good", a_match(judged.batch))
    judged.bid("poor", a_match(judged.batch, weth=WEI // 2))
    judgement = judged.judge()
    return canonical(write(judged.inputs(), judgement, [mined([w.hash for w in judgement.ranked.winners])]))


def run(path: Path, data: bytes, *options: str) -> tuple[int, str]:
    path.write_bytes(data)
    result = CliRunner().invoke(COMMAND, [str(path), *options])
    return result.exit_code, result.output


def test_a_true_record_holds(tmp_path: Path) -> None:
    data = a_record()
    code, text = run(tmp_path / "record.json", data, "--save", str(tmp_path / "copy.json"))
    assert code == 0
    assert f"the same {len(data)} bytes" in text.replace("\n", " ")
    assert (tmp_path / "copy.json").read_bytes() == data


def test_a_forged_score_does_not(tmp_path: Path) -> None:
    record = json.loads(a_record())
    record["verdict"]["bids"][0]["score"] = "1"
    code, text = run(tmp_path / "record.json", canonical(record))
    assert code == 1
    assert "replay differs at byte" in text


def test_other_spacing_is_another_record(tmp_path: Path) -> None:
    code, text = run(tmp_path / "record.json", json.dumps(json.loads(a_record())).encode())
    assert code == 1
    assert "not in canonical form" in text


@pytest.mark.parametrize("data", [b"{}", b"not json", b'{"inputs":{}}', b"[]"])
def test_what_is_no_record_is_said_so(tmp_path: Path, data: bytes) -> None:
    code, text = run(tmp_path / "record.json", data)
    assert code == 2
    assert "not a round's record" in text


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    assert CliRunner().invoke(COMMAND, [str(tmp_path / "nowhere.json")]).exit_code == 2


def test_a_house_needs_a_round() -> None:
    assert CliRunner().invoke(COMMAND, ["http://127.0.0.1:9"]).exit_code == 2


@pytest.mark.parametrize(("left", "right", "at"), [(b"abc", b"abd", 2), (b"ab", b"abc", 2), (b"", b"x", 0)])
def test_the_first_difference(left: bytes, right: bytes, at: int) -> None:
    assert first_difference(left, right) == at
