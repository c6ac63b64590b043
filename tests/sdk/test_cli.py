"""The ``walras`` command against a real house."""

import json
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from house_fakes import NOW, A, B, an_intent, key, open_house, served
from typer.testing import CliRunner, Result
from walras import cli
from walras.commands.common import parse_amount, show_amount
from walras.commands.plugins import PluginGroup
from walras.intent import Kind
from walras.terms import FeeShare, Hook, Terms, time_after
from walras.wire import IntentMessage
from walras_auction.api.house import House
from walras_auction.ports import RoundSummary

SECRET = key(1).secret.hex()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db")) as house:
        yield house


@pytest.fixture
def url(house: House) -> Iterator[str]:
    with served(house) as url:
        yield url


def run(*arguments: str, key: str = SECRET, text: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, arguments, env={"WALRAS_KEY": key, "COLUMNS": "200"}, input=text)


def submit(url: str, *options: str) -> str:
    result = run("submit", "--give", "0.5 a0", "--want", "0.25 b0", "--url", url, "--json", *options)
    assert result.exit_code == 0, result.output
    return str(json.loads(result.output)["uid"])


def test_house_shows_contracts_and_tokens(url: str, house: House) -> None:
    assert house.info().settlement in run("house", url).output
    assert json.loads(run("house", url, "--json").output)["settlement"] == house.info().settlement


def test_submit_reads_amounts_in_whole_tokens(url: str, house: House) -> None:
    submit(url)
    submit(url, "--buy", "--whole", "--valid-for", "60")
    first, second = (stored.intent for stored in house.store.open_intents())
    assert (first.gives[0].token, first.gives[0].end, first.wants[0].end) == (A, 5 * 10**17, 25 * 10**16)
    assert (first.kind, first.nonce, first.valid_to) == (Kind.SELL, 0, NOW + 600)
    assert (second.kind, second.nonce, second.valid_to, second.fill) == (Kind.BUY, 1, NOW + 60, "whole")


def test_submit_reads_a_file_or_standard_input(url: str, tmp_path: Path) -> None:
    text = IntentMessage.of(an_intent(key(1))).model_dump_json(by_alias=True)
    (tmp_path / "intent.json").write_text(text)
    one = run("submit", str(tmp_path / "intent.json"), "--url", url, "--json")
    two = run("submit", "-", "--url", url, "--json", text=text)
    assert json.loads(one.output) == json.loads(two.output)


def test_the_key_comes_from_a_file_or_the_environment(url: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"0x{SECRET}\n")
    result = run(
        "submit", "--give", "1 a0", "--want", "1 b0", "--url", url, "--key-file", str(tmp_path / "key"), key=""
    )
    assert result.exit_code == 0
    assert "accepted as number 1" in result.output


@pytest.mark.parametrize(
    ("arguments", "key", "complaint"),
    [
        (("--give", "1 a0", "--want", "1 b0"), "", "WALRAS_KEY"),
        (("--give", "1 a0", "--want", "1 b0"), "xyz", "32 bytes"),
        (("--give", "1 a0"), SECRET, "both"),
        (("--give", "1 XYZ", "--want", "1 b0"), SECRET, "symbol"),
        (("--give", "one a0", "--want", "1 b0"), SECRET, "number"),
        (("--give", "-1 a0", "--want", "1 b0"), SECRET, "positive"),
    ],
)
def test_a_wrong_command_line_is_explained(url: str, arguments: tuple[str, ...], key: str, complaint: str) -> None:
    result = run("submit", *arguments, "--url", url, key=key)
    assert result.exit_code == 2
    assert complaint in result.output


def test_status_and_cancel(url: str) -> None:
    uid = submit(url)
    assert "gives up to 0.500000000000000000 A0" in run("status", uid, "--url", url).output.replace("a0", "A0")
    assert "cancelled" in run("cancel", uid, "--url", url).output
    assert json.loads(run("status", uid, "--url", url, "--json").output)["state"] == "cancelled"


def test_cancel_takes_a_word_or_an_epoch(url: str) -> None:
    uid = submit(url)
    assert "cancelled from round 1 on; log entry 2" in run("cancel", "--word", "0", "--url", url).output
    assert json.loads(run("status", uid, "--url", url, "--json").output)["cancel"]["sequence"] == 2
    assert json.loads(run("cancel", "--epoch", "0", "--url", url, "--json").output)["firstRound"] == 1


@pytest.mark.parametrize("arguments", [(), ("0x" + "12" * 32, "--word", "1"), ("--word", "1", "--epoch", "1")])
def test_cancel_takes_one_thing(arguments: tuple[str, ...]) -> None:
    result = run("cancel", *arguments)
    assert result.exit_code == 2
    assert "name one of" in result.output


def test_amend_replaces_by_options_or_a_file(url: str, house: House, tmp_path: Path) -> None:
    uid = submit(url)
    first = run("amend", uid, "--give", "0.5 a0", "--want", "0.3 b0", "--url", url, "--json")
    amended = json.loads(first.output)
    assert amended["replaced"]["uid"] == uid
    text = IntentMessage.of(an_intent(key(1), nonce=0)).model_dump_json(by_alias=True)
    second = run("amend", amended["uid"], "-", "--url", url, text=text)
    assert "accepted as number 5" in second.output
    assert [stored.intent.gives[0].end for stored in house.store.open_intents()] == [1000]


def test_watch_prints_events(url: str) -> None:
    uid = submit(url)
    assert uid in run("watch", "--url", url, "--after", "0", "--count", "1").output
    line = run("watch", uid, "--url", url, "--after", "0", "--count", "1", "--json").output
    assert json.loads(line)["kind"] == "accepted"


def test_rounds_records_and_log(url: str, house: House, tmp_path: Path) -> None:
    submit(url)
    round_id = house.store.begin_round(NOW)
    summary = RoundSummary(round_id, NOW, 1, 2, ("[bold]orderbook",), 12345, 1, None, "0x" + "11" * 32)
    house.store.publish_round(summary, b'{"a":1}', [], NOW)
    listing = run("rounds", "--url", url).output
    assert "12,345" in listing
    assert "[bold]orderbook" in listing
    assert json.loads(run("round", "1", "--url", url).output) == {"a": 1}
    assert run("round", "1", "--url", url, "--out", str(tmp_path / "r.json")).exit_code == 0
    assert (tmp_path / "r.json").read_bytes() == b'{"a":1}'
    assert [entry["kind"] for entry in json.loads(run("log", "--url", url, "--json").output)["entries"]] == [
        "intent",
        "round",
    ]
    assert "intent" in run("log", "--url", url).output


def test_solvers_are_listed() -> None:
    assert "orderbook" in run("solver", "list").output


def test_a_refusal_is_one_line(url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["walras", "status", "0x" + "12" * 32, "--url", url])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert str(left.value).startswith("walras: 404 unknown_intent")


def test_a_missing_house_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("walras.commands.watching.client", lambda url: __import__("walras").Client(url, retries=0))
    monkeypatch.setattr("sys.argv", ["walras", "house", "http://127.0.0.1:1"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert str(left.value).startswith("walras: the house does not answer")


def hello(name: str = "you") -> None:
    """Greet from a plugin."""
    print(f"hello {name}")


def test_plugins_add_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    points = {
        "hello": EntryPoint("hello", "test_cli:hello", PluginGroup.group),
        "broken": EntryPoint("broken", "walras_nowhere:app", PluginGroup.group),
    }
    monkeypatch.setattr(PluginGroup, "plugins", classmethod(lambda cls: points))
    assert "hello walras" in run("hello", "--name", "walras").output
    listing = run("--help").output
    assert "Greet from a plugin" in listing
    assert "broken" in listing
    assert run("broken").exit_code == 1


def test_amounts_are_exact(house: House) -> None:
    info = house.info()
    assert parse_amount("0.000000000000000001 a0", info) == (A, 1)
    assert parse_amount(
        f"115792089237316195423570985008687907853269984665640564039457.584007913129639935 {B}", info
    ) == (
        B,
        2**256 - 1,
    )
    stranger = "0x" + "ab" * 20
    assert parse_amount(f"17 {stranger}", info) == (stranger, 17)
    assert show_amount(1, A, info) == "0.000000000000000001 a0"
    assert show_amount(17, stranger, info).startswith("17 atoms")


def test_submit_sends_terms_and_signs_their_hash(url: str, house: House, tmp_path: Path) -> None:
    asked = Terms(time_after(NOW), shares=(FeeShare(A, 25),), max_impact_bps=50)
    (tmp_path / "terms").write_text(asked.data + "\n")
    submit(url, "--terms", asked.data)
    submit(url, "--terms", str(tmp_path / "terms"))
    for stored in house.store.open_intents():
        assert (stored.intent.terms, stored.terms_data) == (asked.hash(), asked.data)


def test_terms_are_told_in_words() -> None:
    asked = Terms(
        time_after(5), (Hook(A, b"1234", 7, must=True),), (Hook(B, b"5678", 8),), A, 99, (FeeShare(B, 25),), 150
    )
    result = run("terms", asked.data)
    assert result.output.splitlines() == [
        "only while time > 5",
        f"before: must call {A} with 0x31323334, 7 gas",
        f"after: may call {B} with 0x35363738, 8 gas",
        f"until 99 only through the solver {A}",
        f"0.25 % of what is given to {B}",
        "at most 1.50 % below the reference price",
        f"hash {asked.hash()}",
    ]
    assert run("terms", Terms().data).output.startswith("nothing\n")
    assert run("terms", "0xzz").exit_code == 2
