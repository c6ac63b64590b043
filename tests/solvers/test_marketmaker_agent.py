"""The agent and the HTTP door of a maker, before a house that is only made up; the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from walras.calls import WalrasError
from walras.digest import Domain
from walras.intent import Intent
from walras.signing import Signer
from walras.wire import IntentMessage, Problem, Receipt, TokenInfo
from walras_auction.server import serving
from walras_solvers.marketmaker.agent import MakerAgent
from walras_solvers.marketmaker.command import desk_of, gas_in, key_from_environment
from walras_solvers.marketmaker.config import KEY_VARIABLE, MakerConfigError, load_maker_config
from walras_solvers.marketmaker.desk import QuoteDesk, QuoteRules
from walras_solvers.marketmaker.inventory import Inventory
from walras_solvers.marketmaker.pricing import Pricing, mid_of
from walras_solvers.marketmaker.server import create_app

WETH, DAI = "0x" + "1" * 40, "0x" + "2" * 40
WEI, NOW = 10**18, 1_800_000_000
KEY, TRADER = Signer(b"\x07" * 32), Signer(b"\x08" * 32)
RECEIPT = Receipt(
    kind="intent",
    epoch=0,
    sequence=1,
    time=NOW,
    uid="0x" + "00" * 32,
    previous="0x" + "00" * 32,
    head="0x" + "00" * 32,
    signature="0x",
)


@dataclass
class MadeUpHouse:
    """What the agent asks of a client."""

    open: list[Any] = field(default_factory=list)
    submitted: list[Intent] = field(default_factory=list)
    fills: list[Any] = field(default_factory=list)
    refuses: bool = False

    def house(self, *, fresh: bool = False) -> Any:
        tokens = (
            TokenInfo(address=WETH, symbol="WETH", decimals=18, price=WEI),
            TokenInfo(address=DAI, symbol="DAI", decimals=18, price=WEI // 2_000),
        )
        return SimpleNamespace(time=NOW, tokens=tokens, chain_id=1, settlement="0x" + "99" * 20)

    def next_nonce(self, owner: str) -> int:
        return 5

    def submit(self, intent: Intent, signature: str, terms: str | None = None) -> Receipt:
        if self.refuses:
            raise WalrasError(Problem(type="", title="", status=422, detail="no", reason="insufficient_balance"))
        self.submitted.append(intent)
        return RECEIPT

    def status(self, uid: str) -> Any:
        return SimpleNamespace(fills=self.fills)

    def intents(self, owner: str | None, state: str, after: int, limit: int) -> Any:
        return SimpleNamespace(
            intents=self.open[after : after + 1], next=after + 1 if after + 1 < len(self.open) else None
        )


def asks(give: str, want: str, gives: int, wants: int, number: int = 0, owner: Signer = TRADER) -> Any:
    intent = Intent.sell(owner.address, (give, gives), (want, wants), valid_to=NOW + 600, nonce=number)
    return SimpleNamespace(uid=f"0x{number:064x}", remaining=gives, intent=IntentMessage.of(intent))


def a_desk() -> QuoteDesk:
    prices = {WETH: WEI, DAI: WEI // 2_000}
    inventory = Inventory({WETH: 10 * WEI, DAI: 10_000 * WEI})
    return QuoteDesk(
        KEY, Domain(1, "0x" + "99" * 20), Pricing(mid_of(prices), 100), inventory, lambda: NOW, QuoteRules()
    )


def test_the_agent_answers_intents_that_its_price_satisfies_once() -> None:
    house = MadeUpHouse([asks(WETH, DAI, WEI, 1_970 * WEI, 0), asks(WETH, DAI, WEI, 1_990 * WEI, 1)])
    agent = MakerAgent(house, a_desk())  # type: ignore[arg-type]
    (quote,) = agent.step()
    assert (quote.gives, quote.wants) == (1_980 * WEI, WEI)
    assert [intent.owner for intent in house.submitted] == [KEY.address]
    assert agent.step() == []


def test_it_leaves_its_own_baskets_and_what_it_cannot_serve() -> None:
    own, basket = asks(WETH, DAI, WEI, 1, 0, KEY), asks(WETH, DAI, WEI, 1, 1)
    basket.intent = basket.intent.model_copy(update={"wants": basket.intent.wants * 2})
    house = MadeUpHouse([own, basket, asks(WETH, DAI, 100 * WEI, 1, 2), asks(WETH, "0x" + "3" * 40, 1, 1, 3)])
    desk = a_desk()
    assert MakerAgent(house, desk).step() == []  # type: ignore[arg-type]
    assert desk.live() == ()


def test_it_learns_what_was_filled() -> None:
    house, desk = MadeUpHouse([asks(WETH, DAI, WEI, 1_900 * WEI)]), a_desk()
    agent = MakerAgent(house, desk)  # type: ignore[arg-type]
    agent.step()
    house.fills = [SimpleNamespace(gives=(1_980 * WEI,), wants=(WEI,))]
    agent.step()
    assert desk.holdings() == {WETH: (11 * WEI, 11 * WEI), DAI: (8_020 * WEI, 8_020 * WEI)}


def test_a_quote_that_the_house_refuses_does_no_harm() -> None:
    house = MadeUpHouse([asks(WETH, DAI, WEI, 1_900 * WEI)], refuses=True)
    assert MakerAgent(house, a_desk()).step() == []  # type: ignore[arg-type]


@pytest.fixture
def http() -> Iterator[tuple[httpx.Client, MadeUpHouse]]:
    house, desk = MadeUpHouse(), a_desk()
    app = create_app(desk, MakerAgent(house, desk))  # type: ignore[arg-type]
    with serving(app) as url, httpx.Client(base_url=url) as client:
        yield client, house


ASKED = {"give": WETH, "want": DAI, "amount": str(WEI)}


def test_a_quote_over_http_is_firm_and_submitted_on_request(http: tuple[httpx.Client, MadeUpHouse]) -> None:
    client, house = http
    answer = client.post("/v1/quote", json=ASKED)
    assert answer.status_code == 200, answer.text
    quote = answer.json()
    assert (quote["gives"], quote["wants"], quote["maker"]) == (str(1_980 * WEI), str(WEI), KEY.address)
    assert quote["request"]["intent"]["validTo"] == quote["validTo"] == NOW + 150
    assert client.post(f"/v1/quotes/{quote['uid']}/submit").status_code == 200
    assert house.submitted[0].gives[0].end == 1_980 * WEI
    info = client.get("/v1/maker").json()
    assert (info["live"], info["holdings"][1]["free"]) == (1, str(8_020 * WEI))


def test_refusals_over_http_say_why(http: tuple[httpx.Client, MadeUpHouse]) -> None:
    client, house = http
    assert client.post("/v1/quote", json={**ASKED, "amount": str(10**30)}).status_code == 409
    assert "are free" in client.post("/v1/quote", json={**ASKED, "amount": str(10**30)}).json()["detail"]
    assert client.post("/v1/quote", json={**ASKED, "amount": 1.5}).status_code == 422
    assert client.post("/v1/quote", content=b"x" * 5_000).status_code == 413
    assert client.post("/v1/quote", content=iter([b"x"])).status_code == 413
    assert client.post(f"/v1/quotes/0x{'00' * 32}/submit").status_code == 404
    uid = client.post("/v1/quote", json=ASKED).json()["uid"]
    house.refuses = True
    answer = client.post(f"/v1/quotes/{uid}/submit")
    assert (answer.status_code, "insufficient_balance" in answer.json()["detail"]) == (502, True)


CONFIG = """
house = "http://127.0.0.1:9"
solver = "0x7777777777777777777777777777777777777777"
spread_bps = 50
[holdings]
WETH = "1.5"
DAI = "3000"
[prices]
WETH = "2"
"""


def test_a_desk_is_made_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "maker.toml").write_text(CONFIG)
    config = load_maker_config(tmp_path / "maker.toml")
    desk = desk_of(config, KEY, MadeUpHouse())  # type: ignore[arg-type]
    assert desk.holdings() == {WETH: (15 * 10**17,) * 2, DAI: (3_000 * WEI,) * 2}
    assert desk.rules.solver == "0x" + "7" * 40
    assert gas_in({WETH: 2 * WEI}, 10**15 + 1)(WETH) == 5 * 10**14 + 1
    assert gas_in({}, 1)(WETH) == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("spread_bps = 50", "spread_bps = -1"), "spread_bps"),
        (("spread_bps = 50", "spread = 1"), "spread: Extra inputs"),
        (("[holdings]", "[holdings"), "maker.toml"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    (tmp_path / "maker.toml").write_text(CONFIG.replace(*change))
    with pytest.raises(MakerConfigError, match=complaint):
        load_maker_config(tmp_path / "maker.toml")
    with pytest.raises(MakerConfigError, match="No such file"):
        load_maker_config(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [(("DAI = ", "EUR = "), "no token EUR"), (('"1.5"', '"much"'), "not a number"), (('"1.5"', '"-1"'), "negative")],
)
def test_tokens_and_amounts_of_the_file_are_checked(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    (tmp_path / "maker.toml").write_text(CONFIG.replace(*change))
    config = load_maker_config(tmp_path / "maker.toml")
    with pytest.raises(MakerConfigError, match=complaint):
        desk_of(config, KEY, MadeUpHouse())  # type: ignore[arg-type]


def test_the_key_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "0x" + "07" * 32)
    assert key_from_environment().address == KEY.address
    monkeypatch.setenv(KEY_VARIABLE, "secret")
    with pytest.raises(MakerConfigError) as caught:
        key_from_environment()
    assert "secret" not in str(caught.value)
