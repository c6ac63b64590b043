"""The record of a round: complete, canonical, and recomputed byte for byte."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.judged import MICRO, WEI, Round, a_match, mined, solver, two_sides
from walras.rejections import Reason
from walras.testing.market import address_of
from walras.wire import canonical
from walras_auction.bids import SolverFailure
from walras_auction.record import NEVER_SUBMITTED, BundleOutcome, Inputs, record_hash, replay, write
from walras_auction.verify import Book

Path = tuple[str | int, ...]


def a_round() -> Round:
    """Three bids: a winner, one that loses, one that is refused; and a solver without an answer."""
    market = two_sides().with_sell("carol", ("WETH", 1), ("USDC", 2_500)).with_pool("WETH", "DAI", 10, 20_000)
    judged = Round(market.batch(), failures=(SolverFailure(solver("slow"), Reason.SOLVER_TIMEOUT, "4.0 s"),))
    judged.bid("good", a_match(judged.batch))
    judged.bid("poor", a_match(judged.batch, weth=WEI // 2))
    judged.bid("bad", a_match(judged.batch, 1_899))
    judged.covers = {(solver("good").address, address_of("token:USDC")): 5}
    return judged


def published(judged: Round, failed: dict[str, str] | None = None) -> dict[str, Any]:
    judgement = judged.judge()
    bundles = [mined([winner.hash for winner in judgement.ranked.winners], failed)]
    record: dict[str, Any] = json.loads(canonical(write(judged.inputs(), judgement, bundles)))
    return record


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of everything in a JSON value that is not a list or a mapping."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path


def changed(record: dict[str, Any], path: Path) -> dict[str, Any]:
    """A copy with one leaf changed into something of its kind."""
    result = copy.deepcopy(record)
    part: Any = result
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = _other(part[path[-1]])
    return result


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str() if value.isdigit():
            return str(int(value) + 1)
        case str() if value.startswith("0x"):
            return value[:-1] + ("1" if value[-1] != "1" else "2")
        case str():
            return value + "x"
        case _:
            return "something"


def replays_differently(record: dict[str, Any], original: bytes) -> bool:
    try:
        return replay(record) != original
    except (KeyError, ValueError, TypeError):
        return True


RECORD = published(a_round())
BYTES = canonical(RECORD)


def test_a_record_replays_to_its_own_bytes() -> None:
    assert replay(RECORD) == BYTES
    assert replay(json.loads(BYTES)) == BYTES


@pytest.mark.parametrize("part", ["inputs", "settlement"])
def test_changing_anything_that_went_in_changes_the_bytes(part: str) -> None:
    paths = [(part, *path) for path in leaves(RECORD[part])]
    assert len(paths) > (100 if part == "inputs" else 4)
    assert [path for path in paths if not replays_differently(changed(RECORD, path), BYTES)] == []


@pytest.mark.parametrize("part", ["verdict", "result"])
def test_a_house_cannot_say_anything_else_about_the_same_inputs(part: str) -> None:
    """Whoever changes a score, a winner, a reason or a fill is contradicted by the inputs."""
    paths = [(part, *path) for path in leaves(RECORD[part])]
    assert len(paths) > 15
    for path in paths:
        forged = changed(RECORD, path)
        assert replay(forged) == BYTES != canonical(forged)


def double_prices(inputs: dict[str, Any]) -> None:
    for token in inputs["batch"]["tokens"]:
        token["price"] = token["price"] and str(2 * int(token["price"]))


def another_clearing_price(inputs: dict[str, Any]) -> None:
    for bid in inputs["bids"]:
        bid["solution"]["prices"][address_of("token:USDC")] = str(WEI - 1)


def smaller_fills(inputs: dict[str, Any]) -> None:
    for bid in inputs["bids"]:
        bid["solution"]["fills"][0]["executed"] = str(WEI // 2)


def less_left(inputs: dict[str, Any]) -> None:
    inputs["batch"]["intents"][0]["remaining"] = str(WEI - 1)


def more_gas(inputs: dict[str, Any]) -> None:
    for bid in inputs["bids"]:
        if bid["simulation"]:
            bid["simulation"]["gas"] += 1


@pytest.mark.parametrize("forge", [double_prices, another_clearing_price, smaller_fills, less_left, more_gas])
def test_forged_inputs_that_matter_contradict_the_published_verdict(forge: Callable[[dict[str, Any]], None]) -> None:
    """Not only the bytes of the inputs differ: on these inputs the house would have judged otherwise."""
    forged = copy.deepcopy(RECORD)
    forge(forged["inputs"])
    again = json.loads(replay(forged))
    assert (again["verdict"], again["result"]) != (forged["verdict"], forged["result"])


def test_a_balance_that_binds_is_part_of_the_proof() -> None:
    forged = copy.deepcopy(RECORD)
    for funds in forged["inputs"]["batch"]["funds"]:
        funds["available"] = "1"
    again = json.loads(replay(forged))
    assert again["verdict"]["winners"] == []
    assert {row["reason"] for row in again["verdict"]["bids"]} <= {"insufficient_funds", "limit_violated"}


def test_inputs_survive_the_record() -> None:
    inputs = a_round().inputs()
    again = Inputs.from_json(json.loads(canonical(inputs.to_json())))
    assert again.to_json() == inputs.to_json()
    assert again.covers == inputs.covers
    assert again.simulations == inputs.simulations


def test_a_bundle_survives_the_record() -> None:
    bundle = mined(["0x01", "0x02"], {"0x02": "CoverExceeded()"})
    assert BundleOutcome.from_json(json.loads(canonical(bundle.to_json()))) == bundle


def test_every_bid_has_a_row_with_its_reason() -> None:
    rows = {row["solver"]: row for row in RECORD["verdict"]["bids"]}
    assert {name: (row["status"], row["reason"]) for name, row in rows.items()} == {
        "good": ("won", None),
        "poor": ("lost", "outbid"),
        "bad": ("refused", "limit_violated"),
    }
    assert rows["good"]["score"] == str(200 * WEI // 2_000)
    assert rows["poor"]["score"] == str(100 * WEI // 2_000)
    assert RECORD["inputs"]["failures"] == [{"solver": "slow", "reason": "solver_timeout", "detail": "4.0 s"}]


def test_fills_and_what_is_left_add_up() -> None:
    fills = {row["uid"]: row for row in RECORD["result"]["fills"]}
    left = {row["uid"]: row for row in RECORD["result"]["unfilled"]}
    for entry in RECORD["inputs"]["batch"]["intents"]:
        done = int(fills[entry["uid"]]["executed"]) if entry["uid"] in fills else 0
        assert done + int(left.get(entry["uid"], {"left": "0"})["left"]) == int(entry["remaining"])
    assert [row["wants"] for row in fills.values()].count([str(2_000 * MICRO)]) == 1


def test_a_winner_that_failed_fills_nothing_and_says_why() -> None:
    judged = a_round()
    (winner,) = judged.judge().ranked.winners
    record = published(judged, {winner.hash: "CoverExceeded(token=1)"})
    row = next(row for row in record["verdict"]["bids"] if row["hash"] == winner.hash)
    assert (row["status"], row["reason"], row["detail"]) == ("failed", "settlement_failed", "CoverExceeded(token=1)")
    assert record["result"]["fills"] == []
    assert len(record["result"]["unfilled"]) == len(record["inputs"]["batch"]["intents"])
    assert any("settlement_failed" in row["detail"] for row in record["result"]["unfilled"])
    assert replay(record) == canonical(record)


def test_a_winner_in_no_bundle_did_not_win() -> None:
    judged = a_round()
    record = write(judged.inputs(), judged.judge(), [])
    row = next(row for row in record["verdict"]["bids"] if row["solver"] == "good")
    assert (row["status"], row["detail"]) == ("failed", NEVER_SUBMITTED)


def test_the_record_does_not_depend_on_the_order_of_arrival() -> None:
    judged = a_round()
    judged.bids.reverse()
    assert canonical(write(judged.inputs(), judged.judge(), [])) == canonical(
        write(a_round().inputs(), a_round().judge(), [])
    )


def test_a_hash_is_of_the_bytes() -> None:
    assert record_hash(BYTES) != record_hash(BYTES + b" ")
    assert len(record_hash(BYTES)) == 66


def test_the_book_reads_the_batch() -> None:
    judged = a_round()
    assert isinstance(judged.book, Book)
    assert judged.book.open.keys() == {entry.uid for entry in judged.batch.intents}
