"""``GET /v1/solvers``: how a house's solvers are, and what is wrong with those that fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from house_fakes import Desk
from support.judged import Round, a_match, mined, two_sides
from typer.testing import CliRunner
from walras import Client, cli
from walras.answers import SolverHealth
from walras.rejections import Reason
from walras.wire import canonical
from walras_auction.bids import SolverFailure, SolverIdentity
from walras_auction.infra.solver_process import SolverProcess, start_all
from walras_auction.ports import RoundSummary
from walras_auction.record import write


def test_a_house_names_a_broken_plugin_and_runs_without_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "needy.py"
    file.write_text("import walras_nowhere\n")
    good, bad = (SolverProcess(SolverIdentity(name, "0x" + "12" * 20), target) for name, target in _targets(file))
    try:
        start_all([good, bad])
        desk.house.solvers.doors = [good, bad]
        with Client(desk.url) as client:
            needy, orderbook = client.solvers().solvers
        shown = CliRunner().invoke(cli.app, ["solver", "status", desk.url], env={"COLUMNS": "250"})
        listed = CliRunner().invoke(cli.app, ["solver", "status", desk.url, "--json"])
    finally:
        good.close()
        bad.close()
    assert (orderbook.name, orderbook.package, orderbook.state, orderbook.reason) == (
        "orderbook",
        "walras",
        "ready",
        None,
    )
    assert (needy.name, needy.state, needy.reason) == ("needy", "broken", "solver_broken")
    assert needy.detail.endswith("ModuleNotFoundError: No module named 'walras_nowhere'")
    assert (shown.exit_code, "solver_broken" in shown.output) == (1, True)
    assert [row["state"] for row in json.loads(listed.output)["solvers"]] == ["broken", "ready"]
    logged = capsys.readouterr().err
    assert "a solver failed" in logged
    assert "Traceback" in logged


def _targets(file: Path) -> tuple[tuple[str, str], ...]:
    return (("orderbook", "orderbook"), ("needy", f"{file}:Mine"))


def test_a_process_that_holds_no_rounds_reads_the_last_record(desk: Desk) -> None:
    assert desk.http.get("/v1/solvers").json() == {"solvers": []}
    judged = Round(two_sides().batch())
    judged.bid("good", a_match(judged.batch))
    judged.failures = (SolverFailure(SolverIdentity("bad", ""), Reason.SOLVER_TIMEOUT, "no answer within 5.0 s"),)
    judgement = judged.judge()
    record = canonical(write(judged.inputs(), judgement, [mined([w.hash for w in judgement.ranked.winners])]))
    store = desk.house.store
    round_id = store.begin_round(desk.clock.now())
    summary = RoundSummary(round_id, desk.clock.now(), 2, 1, ("good",), 1, 2, None, "0x" + "00" * 32)
    store.publish_round(summary, record, [], desk.clock.now(), [])
    with Client(desk.url) as client:
        found = client.solvers().solvers
    assert [(one.name, one.state, one.reason) for one in found] == [
        ("bad", "failing", "solver_timeout"),
        ("good", "ready", None),
    ]
    assert isinstance(found[0], SolverHealth)


class SilentDoor:
    """A door that does not know how its solver is."""

    identity = SolverIdentity("far", "0x" + "34" * 20)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        return b""

    def tell(self, notices: object) -> None: ...

    def close(self) -> None: ...


def test_a_door_that_does_not_know_is_listed_too(desk: Desk) -> None:
    desk.house.solvers.doors = [SilentDoor()]
    (far,) = desk.http.get("/v1/solvers").json()["solvers"]
    assert (far["name"], far["state"]) == ("far", "starting")
