"""Every benchmark runs, on sizes at which its figure means nothing: no test here looks at the time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from walras.intent import Intent

from . import __main__ as program
from . import gas, gpv2
from .catalogue import CATALOGUE
from .gas_world import PAIR, PRICES, RING, trades
from .http_intake import served
from .http_load import post_request, send_all
from .measure import BenchError, Samples, interleaved
from .orders import generate
from .rows import Row, row
from .sizes import TINY
from .value_lp import surplus

SPECIFIED = {
    "digest.per_second",
    "recover.per_second",
    "intake.inprocess",
    "intake.http",
    "intake.http.batch",
    "cancel.burst",
    "scale.api.1",
    "scale.api.2",
    "scale.api.4",
    "memory.100k",
    "memory.1m",
    "restart.1m",
    "close.1m",
    "round.500",
    "round.5000",
    "book.kernel",
    "book.call",
    "solver.startup",
    "clearing.497",
    "clearing.497.ms",
    "clearing.803",
    "clearing.803.ms",
    "clearing.rings",
    "clearing.pools",
    "clearing.10k.ms",
    "clearing.100k.ms",
    "clearing.lp.1k",
    "clearing.lp.100k",
    "gas.trade.1",
    "gas.trade.10",
    "gas.trade.50",
    "gas.trade.50.used",
    "gas.trade.50.fresh",
    "gas.trade.50.vault",
    "gas.calldata.50",
    "gas.ring.48",
    "gas.pool.50",
    "router.gap",
    "router.choice",
    "router.per_second",
    "router.200",
}
COSTS = (
    "round.",
    "gas.",
    "memory.",
    "restart.",
    "close.",
    "solver.startup",
    "clearing.lp.",
    "router.gap",
    "router.choice",
    "router.200",
)


@pytest.fixture(autouse=True)
def _no_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise gpv2.PeerMissingError("the tests download nothing")

    if not gpv2.ARTIFACTS.is_dir():
        monkeypatch.setattr(gas, "install", absent)


def test_every_specified_row_exists() -> None:
    assert set(CATALOGUE) == SPECIFIED


@pytest.mark.parametrize("name", sorted(SPECIFIED))
def test_a_benchmark_yields_its_row(name: str) -> None:
    result = CATALOGUE[name](TINY)
    assert result.name == name
    assert result.value > 0
    assert result.detail
    if result.peer is None:
        assert name.startswith("gas.")
        assert result.peer_value is None
        assert result.ratio is None
        # GPv2 has nothing like balances in the vault; the other rows lack it only where it is not installed.
        assert "no peer: the tests download nothing" in result.detail or name.endswith(".vault")
    else:
        _check_ratio(result)


def _check_ratio(result: Row) -> None:
    assert result.peer_value is not None
    assert result.ratio is not None
    less_is_better = result.name.startswith(COSTS) or result.name.endswith(".ms")
    expected = result.peer_value / result.value if less_is_better else result.value / result.peer_value
    assert result.ratio == pytest.approx(expected, rel=2e-3)  # all three are rounded to four digits


def test_a_ratio_above_one_is_better_whatever_the_unit() -> None:
    assert row("a", 30, "x/s", "peer", 10, "", better="more").ratio == 3
    assert row("a", 10, "ms", "peer", 30, "", better="less").ratio == 3


def test_a_row_without_a_peer_has_no_ratio() -> None:
    assert row("a", 30, "x/s", None, None, "why", better="more") == Row("a", 30, "x/s", None, None, None, "why")


def test_passes_take_turns() -> None:
    order: list[str] = []

    def figure(who: str, number: int) -> float:
        order.append(f"{who}{number}")
        return float(number)

    ours, peer = interleaved(lambda n: figure("a", n), lambda n: figure("b", n), 3)
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert ours == peer == Samples((0.0, 1.0, 2.0))
    assert ours.median == 1.0


def test_the_program_writes_the_named_rows_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "FULL", TINY)
    out = tmp_path / "results.json"
    assert program.main(["--only", "digest", "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    assert set(result) == {"machine", "commit", "rows"}
    assert result["machine"]["cores"] >= 1
    assert isinstance(result["commit"], str)
    (only,) = result["rows"]
    assert set(only) == {"name", "value", "unit", "peer", "peer_value", "ratio", "detail"}
    assert only["name"] == "digest.per_second"


def test_the_program_refuses_a_prefix_that_names_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "results.json"
    assert program.main(["--only", "speed", "--out", str(out)]) == 2
    assert "intake.http" in capsys.readouterr().err
    assert not out.exists()


def test_generated_intents_repeat_and_are_funded() -> None:
    market = generate(500, 2**40)
    again = generate(500, 2**40)
    assert market.intents[0][1] == again.intents[0][1]
    assert len({(intent.owner, intent.nonce) for _, intent in market.intents}) == 500
    for signer, intent in market.intents:
        assert intent.owner == signer.address
        assert intent.gives[0].end > 0
        assert market.balances[intent.owner, intent.gives[0].token] > 0


def test_the_value_lp_finds_a_known_optimum() -> None:
    (signer, _), (_, other) = generate(2, 2**40).intents
    a, b = "0x" + "0a" * 20, "0x" + "0b" * 20
    selling = Intent.sell(signer.address, (a, 100), (b, 90), valid_to=2**40, nonce=1)
    buying = Intent.sell(other.owner, (b, 60), (a, 50), valid_to=2**40, nonce=1)
    balances = {(selling.owner, a): 100, (buying.owner, b): 60}
    # All 60 b go to the seller of a, who must part with at most 60 / 0.9 a; at equal prices the surplus is what the
    # two limits leave: 66.67 a for 60 b, of which the buyer wants 50.
    prices = {a: 10**18, b: 10**18}
    assert surplus([selling, buying], balances, prices) == pytest.approx(60 / 0.9 - 50)


def test_trades_match_in_total() -> None:
    for count in (2, 10, 50):
        batch = trades(count)
        assert len(batch) == count
        assert len({trade.amount for trade in batch}) == count
        assert sum(t.amount * PRICES[t.give] for t in batch if t.give) == sum(t.worth for t in batch if not t.give)


@pytest.mark.parametrize(("edges", "count"), [(PAIR, 50), (RING, 48)])
def test_what_trades_give_of_a_token_is_what_others_want_of_it(edges: tuple[tuple[int, int], ...], count: int) -> None:
    batch = trades(count, edges)
    for token in {give for give, _ in edges}:
        given = sum(trade.amount for trade in batch if trade.give == token)
        assert given == sum(trade.worth for trade in batch if trade.want == token)
        assert all(trade.amount * PRICES[trade.give] == trade.worth * PRICES[trade.want] for trade in batch)


def test_a_refused_request_fails_the_load() -> None:
    with served() as url:
        bad = post_request("/v1/intents", "localhost", b"{}")
        with pytest.raises(BenchError, match="status 422"):
            send_all(url, [bad], 1, 201)
