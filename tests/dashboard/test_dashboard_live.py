"""The page stays up to date by itself, survives the house going away, and is used by keyboard."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from dashboard_market import Market
from dashboard_page import Page
from selenium.webdriver.common.keys import Keys
from walras_auction.api.app import create_app
from walras_auction.server import serving


def test_a_round_arrives_without_reloading(market: Market, url: str, page: Page) -> None:
    market.crowd(30)
    market.round()
    page.open(url)
    page.run("window.stayed = true")
    market.crowd(30)
    market.round(("orderbook",))
    page.until_text("Round 2", ".headline")
    assert "orderbook wins" in page.text("h1")
    assert page.run("return window.stayed") is True
    page.until_text("Round 2: orderbook won with", "[aria-live=polite]")
    page.until(lambda: len(page.texts(".timeline button")) == 2, "both rounds in the timeline")


def test_an_empty_page_fills_with_the_first_round(market: Market, url: str, page: Page) -> None:
    page.open(url)
    page.until_text("No round has closed yet")
    market.crowd(30)
    market.round()
    page.until_text("clearing wins")


def test_counters_follow_the_feed(market: Market, url: str, page: Page) -> None:
    page.open(url, "#intents", shows="Refused at the door")
    market.refuse()
    page.until_text("insufficient balance", ".refusals")
    page.until_text("refused, bad signature", ".activity")


def test_an_older_round_stays_while_newer_ones_arrive(market: Market, url: str, page: Page) -> None:
    for _ in range(2):
        market.crowd(30)
        market.round()
    page.open(url, "#round/1")
    page.until_text("Round 1", ".headline")
    market.crowd(30)
    market.round()
    page.until(lambda: len(page.texts(".timeline button")) == 3, "the third round in the timeline")
    assert "Round 1" in page.text(".headline")
    page.click(".headline a")
    page.until_text("Round 3", ".headline")


def test_tabs_are_reached_and_changed_by_keyboard(market: Market, url: str, page: Page) -> None:
    page.open(url)
    page.press(Keys.TAB)
    assert page.focused() == "Skip to the round"
    page.press(Keys.TAB, Keys.TAB)
    assert page.focused() == "Rounds"
    page.press(Keys.ARROW_RIGHT)
    assert page.focused() == "Order book"
    page.until(lambda: page.texts("#panel-book"), "the book's panel")
    page.press(Keys.END)
    assert page.focused() == "Intents"
    page.press(Keys.ARROW_RIGHT)
    assert page.focused() == "Rounds"
    outline = page.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_rounds_are_walked_by_arrow_keys(market: Market, url: str, page: Page) -> None:
    for _ in range(3):
        market.crowd(20)
        market.round()
    page.open(url)
    page.run("document.querySelector('.timeline [aria-current]').focus()")
    page.press(Keys.ARROW_LEFT)
    page.until_text("Round 2", ".headline")
    page.press(Keys.HOME)
    page.until_text("Round 1", ".headline")
    page.press(Keys.END)
    page.until_text("Round 3", ".headline")
    assert "following the newest" in page.text(".headline")


def test_a_house_that_comes_back_is_followed_from_the_last_event(tmp_path: Path, page: Page) -> None:
    page.expected_errors = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE")
    file = tmp_path / "store.db"
    with closing(Market(file)) as market:
        market.crowd(30)
        with serving(create_app(market.house)) as url:
            page.open(url)
            page.run("window.stayed = true")
            market.round(("clearing",))
            page.until_text("Round 1", ".headline")
            market.house.feed.close()
    page.until_text("The house does not answer.", "[role=alert]")
    assert "clearing wins" in page.text("h1")
    with closing(Market(file, seed=8, first_owner=500)) as again:
        again.crowd(30)
        again.round(("orderbook",))
        with serving(create_app(again.house), port=urlsplit(url).port or 0):
            page.until_text("Round 2", ".headline")
            page.until(lambda: page.text("[role=alert]") == "", "the banner is gone")
            assert page.run("return window.stayed") is True
            again.house.feed.close()


def test_another_house_at_the_same_address_starts_the_page_anew(tmp_path: Path, page: Page) -> None:
    page.expected_errors = ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE")
    with closing(Market(tmp_path / "old.db")) as market:
        for _ in range(4):
            market.crowd(30)
            market.round(("clearing",))
        with serving(create_app(market.house)) as url:
            page.open(url)
            page.until_text("Round 4", ".headline")
            market.house.feed.close()
    with closing(Market(tmp_path / "new.db", seed=9)) as other:
        other.crowd(30)
        other.round(("orderbook",))
        with serving(create_app(other.house), port=urlsplit(url).port or 0):
            page.until_text("orderbook wins", "h1")
            page.until(lambda: len(page.texts(".timeline button")) == 1, "the old rounds are gone")
            other.house.feed.close()


def test_a_page_whose_house_is_silent_says_so_and_tries_again(market: Market, url: str, page: Page) -> None:
    page.expected_errors = ("ERR_BLOCKED_BY_CLIENT",)
    page.block("*/v1/*")
    page.open(url, shows="The house does not answer")
    page.block()
    page.until_text("No round has closed yet")
