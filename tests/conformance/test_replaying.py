"""Replay with one solver more: won, outbid, unfair, refused; from a file and from a house."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from conformance_solvers import target
from support.judged import MICRO, WEI, Round, a_match, mined, solver, tokens, two_sides
from typer.testing import CliRunner, Result
from walras import cli
from walras.testing.market import Market
from walras.wire import Answer, Batch, Fill, Notice, Solution, canonical
from walras_auction.conformance import replay_command
from walras_auction.conformance.replaying import Replayed, replay_with
from walras_auction.record import write

Make = Callable[[Batch], Iterable[Solution]]
ME = solver("me")


class AskedDoor:
    """A solver without a process."""

    identity = ME

    def __init__(self, make: Make) -> None:
        self._make = make

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        asked = Batch.model_validate(json.loads(batch)["batch"])
        return Answer(round=asked.round, solutions=tuple(self._make(asked))).model_dump_json(by_alias=True).encode()

    def tell(self, notices: Iterable[Notice]) -> None: ...

    def close(self) -> None: ...


def a_record(market: Market, *bids: tuple[str, Make]) -> dict[str, Any]:
    judged = Round(market.batch())
    for name, make in bids:
        for solution in make(judged.batch):
            judged.bid(name, solution)
    judgement = judged.judge()
    record = write(judged.inputs(), judgement, [mined([winner.hash for winner in judgement.ranked.winners])])
    return dict(json.loads(canonical(record)))


def replayed(record: dict[str, Any], make: Make) -> Replayed:
    return replay_with(record, AskedDoor(make))  # type: ignore[arg-type]


def a_half(batch: Batch) -> Iterable[Solution]:
    return (a_match(batch, weth=WEI // 2),)


def all_of_it(batch: Batch) -> Iterable[Solution]:
    return (a_match(batch, number=3),)


def test_a_better_bid_would_have_won() -> None:
    found = replayed(a_record(two_sides(), ("half", a_half)), all_of_it)
    assert found.winners == (("half", WEI // 20),)
    assert (found.total, found.with_yours, found.yours) == (WEI // 20, WEI // 10, WEI // 10)
    assert [(one.solution, one.status, one.score) for one in found.outcomes] == [(3, "won", WEI // 10)]
    assert (
        found.sentence
        == f"you would have scored {WEI // 10} wei against the winners' {WEI // 20} wei (half {WEI // 20})"
    )


def test_a_lower_score_is_outbid() -> None:
    found = replayed(a_record(two_sides(), ("all", all_of_it)), a_half)
    (outcome,) = found.outcomes
    assert (found.yours, outcome.status, outcome.reason) == (0, "lost", "outbid")
    assert "all's bid" in outcome.detail
    assert f"you would have scored {WEI // 20} wei against" in found.sentence
    assert "lost with" in str(outcome)
    assert outcome.reason is not None
    assert outcome.reason.sentence in str(outcome)


def test_the_fairness_filter_is_named() -> None:
    """Two pairs in one bid, of which another bid serves one better."""
    market = two_sides().with_sell("carol", ("WETH", 1), ("DAI", 1_900)).with_sell("dave", ("DAI", 2_100), ("WETH", 1))

    def both(batch: Batch) -> Iterable[Solution]:
        address = {token.symbol: token.address for token in batch.tokens}
        prices = {address["WETH"]: 2_000 * MICRO, address["USDC"]: WEI, address["DAI"]: MICRO}
        fills = [Fill(uid=entry.uid, executed=WEI // 2) for entry in batch.intents[:2]]
        fills.append(Fill(uid=batch.intents[2].uid, executed=WEI))
        fills.append(Fill(uid=batch.intents[3].uid, executed=2_000 * WEI))
        return (Solution(id=1, prices=prices, fills=tuple(fills)),)

    def one_way(batch: Batch) -> Iterable[Solution]:
        (solution,) = all_of_it(batch)
        return (solution,)

    found = replayed(a_record(market, ("pair", one_way)), both)
    (outcome,) = found.outcomes
    assert outcome.status in ("lost", "won")
    if outcome.status == "lost":
        assert outcome.reason in ("unfair_to_pair", "outbid")


def test_an_invalid_bid_would_have_been_refused() -> None:
    def broken(batch: Batch) -> Iterable[Solution]:
        return (a_match(batch, usdc=1_000),)

    found = replayed(a_record(two_sides(), ("all", all_of_it)), broken)
    (outcome,) = found.outcomes
    assert (outcome.status, outcome.reason) == ("refused", "limit_violated")
    assert "would have been refused: limit_violated" in str(outcome)


def test_recorded_bids_of_the_same_account_make_room() -> None:
    """Otherwise a solver would compete with itself of then."""
    record = a_record(two_sides(), ("me", all_of_it))
    found = replayed(record, a_half)
    assert (found.total, found.with_yours, found.yours) == (WEI // 10, WEI // 20, WEI // 20)


def test_nobody_won_and_nobody_bids() -> None:
    found = replayed(a_record(two_sides()), lambda batch: ())
    assert found.sentence == "you would have scored 0 wei against the winners' 0 wei (nobody's)"
    assert found.outcomes == ()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["solver", "replay", *words], env={"COLUMNS": "200"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    path.write_bytes(canonical(a_record(two_sides(), ("half", a_half))))
    return path


def test_the_command_replays_a_file(file: Path) -> None:
    result = run(str(file), "1", target("Honest"), "--deadline-ms", "60000")
    assert result.exit_code == 0, result.output
    assert "✓ round 1: you would have scored" in result.output
    assert "solution 0 would have won" in result.output
    rows = json.loads(run(str(file), "1", target("Honest"), "--deadline-ms", "60000", "--json").output)
    assert (rows[0]["round"], rows[0]["winners"]) == (1, [{"solver": "half", "score": str(WEI // 20)}])


def test_the_command_names_what_would_have_been_refused(file: Path) -> None:
    result = run(str(file), "1", target("Greedy"), "--deadline-ms", "60000")
    assert result.exit_code == 1
    assert "would have been refused: limit_violated: A fill breaks" in result.output


def test_the_command_asks_a_house(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class House:
        def __init__(self, url: str) -> None:
            assert url == "http://house"

        def __enter__(self) -> House:
            return self

        def __exit__(self, *_: object) -> None: ...

        def record(self, number: int) -> bytes:
            assert number in (1, 2)
            return file.read_bytes()

    monkeypatch.setattr(replay_command, "Client", House)
    result = run("http://house", "1-2", target("Silent"), "--deadline-ms", "60000")
    assert result.exit_code == 0, result.output
    assert result.output.count("your solver bid nothing") == 2


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("{file}", "x", "naive"), 2, "neither a round"),
        (("{file}", "7", "naive"), 2, "it is of round 1"),
        (("nowhere.json", "1", "naive"), 2, "no file"),
        (("{empty}", "1", "naive"), 2, "not a round's record"),
        (("{file}", "1", "nobody"), 2, "no solver is installed"),
    ],
)
def test_a_wrong_command_line_is_explained(
    file: Path, tmp_path: Path, words: tuple[str, ...], code: int, complaint: str
) -> None:
    (tmp_path / "empty.json").write_text("{}")
    result = run(*(word.format(file=file, empty=tmp_path / "empty.json") for word in words))
    assert (result.exit_code, complaint in result.output) == (code, True), result.output


def test_unpriced_tokens_are_judged_too() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("JUNK", 1)).with_sell("bob", ("JUNK", 2), ("WETH", 1))

    def match(batch: Batch) -> Iterable[Solution]:
        prices = {market.address("WETH"): 3, market.address("JUNK"): 2}
        fills = (Fill(uid=batch.intents[0].uid, executed=WEI), Fill(uid=batch.intents[1].uid, executed=3 * WEI // 2))
        return (Solution(id=0, prices=prices, fills=fills),)

    assert replayed(a_record(market), match).yours > 0
