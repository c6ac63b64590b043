"""A real Chromium, one a test process, and the page of a house of one's own a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from dashboard_market import Market
from dashboard_page import Page
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from walras_auction.api.app import create_app
from walras_auction.server import serving

INSTALL = "apt-get install -y chromium chromium-driver"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Headless Chromium with a profile of its own. Missing is a failure, never a skip: it names what to install."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.fail(f"the tests of the page need Chromium and its driver: {INSTALL}")
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture
def page(browser: Chrome) -> Iterator[Page]:
    """A tab; a test fails if the console complains of anything, a broken content security policy above all."""
    page = Page(browser)
    page.look()
    page.complaints()
    yield page
    browser.get("about:blank")
    assert page.complaints() == []


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    """An empty house."""
    with closing(Market(tmp_path / "store.db")) as market:
        yield market


@pytest.fixture
def url(market: Market) -> Iterator[str]:
    """The address of ``market``'s house."""
    with serving(create_app(market.house)) as address:
        yield address
        market.house.feed.close()
