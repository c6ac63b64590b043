"""What people see of a round, in a real browser against a real house."""

from __future__ import annotations

import json

import httpx
import pytest
from dashboard_market import DAI, STAKE, USDC, Market
from dashboard_page import PHONE, Page
from house_fakes import WETH
from walras.rejections import Reason

TABS = ("round", "book", "solvers", "intents")


@pytest.fixture
def traded(market: Market) -> Market:
    """A house after one round in which one bid won, others lost, others were refused, and solvers failed."""
    market.refuse()
    market.crowd(60)
    market.round()
    return market


def test_the_headline_says_who_won_what(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    assert page.text("h1") == "clearing wins with 4.891 ETH more for traders than they asked"
    lead = page.text(".lead")
    assert "32 of 60 open intents filled" in lead
    assert "Closest rival: orderbook with 1.414 ETH against 4.891 ETH" in lead
    assert "Proven to be the best set of bids" in lead


def test_every_bid_has_its_score_a_bar_and_the_reason_it_lost(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    rows = page.texts(".bid")
    assert len(rows) == 6
    assert all(part in rows[0] for part in ("clearing", "won", "4.891 ETH"))
    outbid = next(row for row in rows if Reason.OUTBID.sentence in row)
    assert "lost" in outbid
    assert "clearing's bid of 4.891 ETH holds" in outbid
    assert [reason in " ".join(rows) for reason in ("bad price", "limit violated")] == [True, True]
    widths = page.run("return [...document.querySelectorAll('.bid .bar i')].map((e) => parseFloat(e.style.width))")
    assert widths[0] == 100
    assert 0 < widths[2] < widths[1] < 100
    assert widths[-1] == 0


def test_solvers_without_a_usable_answer_are_named(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    failures = page.text(".failures")
    assert "sleeper" in failures
    assert Reason.SOLVER_TIMEOUT.sentence in failures
    assert Reason.ANSWER_TOO_LARGE.sentence in failures


def test_prices_fills_settlement_and_timings(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    page.until_text("STAKE", ".fills")
    prices = page.text(".prices")
    assert "3,012.4 USDC per WETH" in prices
    assert "+0.41 %" in prices
    assert len(page.texts(".fills tbody tr")) == 10
    page.click(".fills .more")
    page.until(lambda: len(page.texts(".fills tbody tr")) == 32, "all fills")
    record = httpx.get(f"{url}/v1/rounds/1/record").json()
    transaction = record["settlement"][0]["transaction"]
    assert page.run("return document.querySelector('.settlement code').title") == transaction
    assert "2,940,000" in page.text(".settlement")
    assert "203 ms" in page.text(".timings")


def test_unfilled_intents_are_counted_by_reason_and_explained(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    counts = page.texts(".unfilled summary")
    assert any("no counterparty" in text and Reason.NO_COUNTERPARTY.sentence in text for text in counts)
    page.run("document.querySelectorAll('.unfilled details').forEach((each) => (each.open = true))")
    page.until_text("you ask", ".unfilled")


def test_the_record_is_linked_with_its_hash_and_how_to_replay_it(traded: Market, url: str, page: Page) -> None:
    page.open(url)
    etag = httpx.get(f"{url}/v1/rounds/1/record").headers["etag"].strip('"')
    assert page.run("return document.querySelector('.proof .hash code').title") == etag
    assert page.run("return document.querySelector('.proof a').href") == f"{url}/v1/rounds/1/record"
    assert f"walras replay {url} 1" in page.text(".proof")


def test_two_winners_and_bids_that_were_unfair_to_a_pair(market: Market, url: str, page: Page) -> None:
    market.crowd(60)
    market.round(("clearing", "orderbook", "pool"))
    page.open(url)
    assert set(page.texts("h1 .solver")) == {"router", "orderbook"}
    assert "dropped as unfair to a pair" in page.text(".lead")
    unfair = next(text for text in page.texts(".bid") if "clearing" in text)
    assert Reason.UNFAIR_TO_PAIR.sentence in unfair
    assert "gives WETH → USDC" in unfair


def test_a_winner_that_did_not_settle(market: Market, url: str, page: Page) -> None:
    market.crowd(30)
    market.round(("clearing",), fails=True)
    page.open(url)
    assert page.text("h1") == "clearing won, but did not settle"
    assert "the owner's balance was gone" in page.text(".lead")
    assert "not settled" in page.text(".prices")


def test_a_round_that_nobody_won(market: Market, url: str, page: Page) -> None:
    market.crowd(30)
    market.round(("bad",))
    page.open(url)
    assert page.text("h1") == "No bid won this round"
    assert "nothing was sent to the chain" in page.text(".settlement")


def test_a_house_without_rounds_says_what_it_waits_for(market: Market, url: str, page: Page) -> None:
    page.open(url)
    assert "No round has closed yet" in page.text("main")
    for tab in TABS[1:]:
        page.go(tab)
        page.until_text("Order book" if tab == "book" else "", f"#panel-{tab}")


def test_the_book_shows_both_sides_and_where_they_cross(traded: Market, url: str, page: Page) -> None:
    traded.crowd(60)
    page.open(url, f"#book/{WETH}/{USDC}", shows="Sellers of WETH")
    answer = httpx.get(f"{url}/v1/book", params={"give": WETH, "want": USDC}).json()
    assert len(page.texts(".side.supply tbody tr")) == min(12, len(answer["asks"]))
    assert "Round 1 cleared at 3,012.4" in page.text(".depth figcaption")
    assert page.run("return document.querySelectorAll('.depth canvas').length") == 1
    page.go(f"book/{STAKE}/{DAI}")
    page.until_text("Sellers of STAKE")


def test_an_intent_is_looked_up_with_its_fills_and_its_receipt(traded: Market, url: str, page: Page) -> None:
    uid = json.loads(httpx.get(f"{url}/v1/rounds/1/record").text)["result"]["fills"][0]["uid"]
    page.open(url, "#intents", shows="Look up an intent")
    page.run("document.getElementById('uid').focus()")
    page.press(uid, "\n")
    page.until_text("Round 1", ".standing")
    standing = page.text(".standing")
    receipt = httpx.get(f"{url}/v1/intents/{uid}").json()["receipt"]
    assert f"entry {receipt['sequence']} of the log" in standing
    assert "over the limit" in standing
    assert "clearing" in standing
    assert page.run("return location.hash") == f"#intents/{uid}"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("0x" + "12" * 32, Reason.UNKNOWN_INTENT.sentence), ("hello", "That is not a uid.")],
)
def test_a_uid_that_leads_nowhere_is_answered(traded: Market, url: str, page: Page, typed: str, answer: str) -> None:
    page.expected_errors = ("404",) if typed.startswith("0x") else ()
    page.open(url, f"#intents/{typed}", shows=answer)


def test_intents_by_state_and_refusals_by_reason(traded: Market, url: str, page: Page) -> None:
    page.open(url, "#intents", shows="Refused at the door")
    state = httpx.get(f"{url}/v1/state").json()
    assert f"filled\n{state['intents']['filled']}" in page.text(".states")
    refusals = page.text(".refusals")
    assert f"insufficient balance\n2\n{Reason.INSUFFICIENT_BALANCE.sentence}" in refusals
    assert f"bad signature\n1\n{Reason.BAD_SIGNATURE.sentence}" in refusals


def test_the_league(traded: Market, url: str, page: Page) -> None:
    page.open(url, "#solvers", shows="Solver league")
    rows = {row.split("\t")[0].strip(): row for row in page.texts(".league tbody tr")}
    assert "1\t1\t100 %" in rows["clearing"]
    assert "4.891 ETH" in rows["clearing"]
    assert "2\t0\t0 %" in rows["orderbook"]
    assert page.texts(".league tbody th")[0] == "clearing"


def test_rounds_without_bids_do_not_hide_the_last_one_that_traded(traded: Market, url: str, page: Page) -> None:
    traded.round(())
    page.open(url)
    assert "Round 1" in page.text(".headline")
    assert "1 later round drew none" in page.text(".headline")
    page.click(".timeline button", 1)
    page.until_text("No bid won this round", "h1")


def test_names_that_look_like_markup_stay_text(market: Market, url: str, page: Page) -> None:
    market.crowd(30)
    market.round(("clearing", "markup"))
    page.open(url)
    assert "<img src=x onerror=alert(1)>" in page.text(".failures")
    assert page.run("return document.querySelectorAll('.failures img').length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_nothing_scrolls_sideways_on_a_phone(traded: Market, url: str, page: Page, tab: str, scheme: str) -> None:
    traded.crowd(40)
    uid = traded.house.store.open_intents()[0].uid
    page.look(PHONE, scheme)
    page.open(url, f"#intents/{uid}" if tab == "intents" else f"#{tab}")
    page.until(lambda: page.texts(f"#panel-{tab} .card"), "the panel")
    assert page.overflow() == []
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(15, 17, 20)") is (scheme == "dark")
