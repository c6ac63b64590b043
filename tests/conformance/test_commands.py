"""``walras solver check | bench | list``: what they print, and the exit code."""

from __future__ import annotations

import json

import pytest
from conformance_solvers import target
from typer.testing import CliRunner, Result
from walras import cli


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["solver", *words], env={"COLUMNS": "200"})


def test_check_passes_a_solver_case_by_case() -> None:
    result = run("check", target("Honest"), "--only", "cross-*", "--deadline-ms", "60000")
    assert result.exit_code == 0, result.output
    assert "✓ cross-by-one: 1 bids worth 5e-10" in result.output
    assert "5 cases, 5 passed, 0 failed" in result.output


def test_check_fails_a_solver_with_a_sentence_a_mistake() -> None:
    result = run("check", target("Greedy"), "--only", "cross-by-one", "--deadline-ms", "60000")
    assert result.exit_code == 1
    assert "✗ cross-by-one" in result.output
    assert "solution 5: limit_violated: A fill breaks its intent's signed limit." in result.output
    assert "the case: The limits cross by exactly one atom." in result.output


def test_check_speaks_to_programs() -> None:
    result = run("check", target("Stingy"), "--only", "gas*", "--deadline-ms", "60000", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    rows = {row["case"]: row for row in report["cases"]}
    assert (report["ok"], rows["gas"]["ok"], rows["gas"]["findings"][0]["reason"]) == (False, False, "fees_below_gas")


def test_a_solver_that_does_not_start_is_exit_code_2() -> None:
    result = run("check", target("Absent"))
    assert result.exit_code == 2
    assert "a Absent is no solver" in result.output


def test_no_such_case_and_no_such_solver() -> None:
    assert "no case is called nothing" in run("check", "naive", "--only", "nothing").output
    result = run("check", "nobody")
    assert result.exit_code == 2
    assert "no solver is installed under the name 'nobody'" in result.output


def test_bench_compares_in_one_run() -> None:
    result = run("bench", target("Silent"), "--beside", "naive", "--sizes", "10", "--times", "1", "--json")
    assert result.exit_code == 0, result.output
    mine, naive = json.loads(result.output)
    assert (mine["target"], naive["target"]) == (target("Silent"), "naive")
    assert [row["batch"] for row in mine["batches"]] == ["recorded", "generated-10"]
    assert naive["batches"][0]["ms"] > 0
    assert int(naive["batches"][0]["score"]) > int(mine["batches"][0]["score"]) == 0
    assert naive["batches"][0]["residentBytes"] > 10**6 < naive["startSeconds"] * 10**9


def test_bench_shows_a_table_and_what_went_wrong() -> None:
    result = run("bench", target("Greedy"), "--beside", "none", "--sizes", "10", "--times", "1")
    assert result.exit_code == 0, result.output
    assert "generated-10" in result.output
    assert "solution 5" in result.output
    assert run("bench", "naive", "--sizes", "ten").exit_code == 2
    assert run("bench", target("Absent"), "--beside", "none").exit_code == 2


def test_list_names_packages_and_loads_each_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {row["name"]: row for row in json.loads(run("list", "--json").output)}
    assert rows["naive"]["package"] == "walras"
    assert "loads" not in rows["naive"]
    from walras.commands import solvers
    from walras.plugins import Origin

    found = [Origin("naive", "walras_solvers.naive:NaiveSolver", "walras", "1"), Origin("gone", "x", "p", "2")]
    monkeypatch.setattr(solvers, "installed", lambda: found)
    result = run("list", "--load", "--json")
    assert result.exit_code == 1
    loaded = {row["name"]: row for row in json.loads(result.output)}
    assert (loaded["naive"]["loads"], loaded["gone"]["loads"]) == (True, False)
    assert "no solver is installed under the name 'gone'" in loaded["gone"]["problem"]
