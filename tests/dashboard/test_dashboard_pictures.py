"""Pictures of the page for README.md: set WALRAS_SCREENSHOTS to a folder to keep them there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dashboard_market import Market
from dashboard_page import DESKTOP, PHONE, Page

ROUNDS = (
    ("clearing", "orderbook"),
    ("orderbook", "router"),
    ("clearing", "orderbook", "router"),
    ("clearing", "orderbook", "bad"),
    ("orderbook", "router", "bad"),
    ("clearing", "router"),
    ("orderbook", "bad"),
    ("clearing", "orderbook", "router", "failures"),
    ("clearing", "orderbook", "pool"),
    ("orderbook", "router"),
    ("clearing", "orderbook", "router", "bad", "failures"),
)


@pytest.fixture
def busy(market: Market) -> Market:
    """A house after a dozen rounds."""
    market.refuse()
    for bidders in ROUNDS:
        market.crowd(36)
        market.round(bidders)
    market.crowd(24)
    return market


@pytest.mark.parametrize(
    ("name", "size", "height"),
    [("dashboard", DESKTOP, 1180), ("dashboard-phone", PHONE, 1000)],
    ids=["desktop", "phone"],
)
def test_a_picture_of_the_page(
    busy: Market, url: str, page: Page, tmp_path: Path, name: str, size: tuple[int, int], height: int
) -> None:
    page.look(size, sharp=True)
    page.open(url)
    page.until_text("fee", ".fills")  # the record is here, not the feed's news alone
    page.until(lambda: page.run("return document.fonts.check('1rem Inter')"), "the typeface")
    file = Path(os.environ.get("WALRAS_SCREENSHOTS") or tmp_path) / f"{name}.png"
    page.screenshot(file, height)
    picture = file.read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20], "big") == 2 * size[0]
    assert len(picture) > 50_000  # a blank page is a tenth of that
