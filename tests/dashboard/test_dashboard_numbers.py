"""How the page writes numbers and details, and that it reads a record as the house does."""

from __future__ import annotations

import json

import pytest
from dashboard_market import DAI, USDC, Market
from dashboard_page import Page
from house_fakes import WETH
from walras_auction.publish import round_view

NUMBERS, WORDS, TOKENS, ROUND = (f"/js/{name}.js" for name in ("numbers", "words", "tokens", "round"))


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("m.group(1234567n)", "1,234,567"),
        ("m.tokens(1500000n, 6)", "1.5"),
        ("m.tokens(1999999999999999999n, 18)", "1.99999"),  # never more than there is
        ("m.tokens(123456789012n, 6)", "123,456"),
        ("m.tokens(0n, 18)", "0"),
        ("m.tokens(1n, 18)", "1×10⁻¹⁸"),
        ("m.tokens(2n ** 128n - 1n, 0)", "340,282,366,920,938,463,463,374,607,431,768,211,455"),
        ("m.ratio(1n, 3n, 4)", "0.3333"),
        ("m.ratio(-5n, 2n)", "−2.5"),
        ("m.ratio(1n, 30000n, 4)", "0.00003333"),
        ("m.coins('4891850008475631559', 'ETH')", "4.891 ETH"),
        ("m.coins('123456789', 'ETH')", "0.1234 gwei"),
        ("m.coins(999n, 'ETH')", "999 wei"),
        ("m.coins(0n, 'ETH')", "0 ETH"),
        ("m.deviation(30124n, 10n, 3000n, 1n)", "+0.41 %"),
        ("m.deviation(29n, 1n, 30n, 1n)", "−3.33 %"),
        ("m.deviation(3n, 1n, 30n, 10n)", "±0 %"),
        ("m.share(1n, 3n)", 33.33),
        ("m.share(5n, 0n)", 0),
        ("[m.span(5), m.span(200), m.span(7300), m.span(200000)].join()", "5 s,3 min,2 h,2 d"),
        ("[m.count(1, 'fill'), m.count(2, 'fill')].join()", "1 fill,2 fills"),
    ],
)
def test_numbers(url: str, page: Page, expression: str, shown: str | float) -> None:
    page.open(url)
    assert page.call(NUMBERS, expression) == shown


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        (f"{1_500_000} atoms of {USDC}", "1.5 USDC"),
        (f"router's bid of {2 * 10**18} wei holds pair {WETH} {DAI}", "router's bid of 2 ETH holds pair WETH → DAI"),
        (f"gives {WETH}>{USDC} {10**15} wei", "gives WETH → USDC 0.001 ETH"),
        (f"gives {USDC}<>{DAI} {10**15} wei", "gives USDC ↔ DAI 0.001 ETH"),
        (f"worth {10**14} wei; 330000 gas cost {33 * 10**13}", "worth 0.0001 ETH; 330000 gas cost 0.00033 ETH"),
        ("0x" + "ab" * 20 + " is unknown", "0xababab…abab is unknown"),
        ("<b>0 is outside 1..2^128-1</b>", "<b>0 is outside 1..2^128-1</b>"),
    ],
)
def test_details_name_tokens_and_coins(url: str, page: Page, detail: str, shown: str) -> None:
    page.open(url)
    assert page.call(WORDS, _with_tokens("m.plain(v[0], tokens)"), detail) == shown


def _with_tokens(expression: str) -> str:
    """``expression`` with the house's ``tokens``."""
    tokens = f"fetch('/v1/house').then((a) => a.json()).then((h) => import('{TOKENS}').then((t) => new t.Tokens(h)))"
    return f"{tokens}.then((tokens) => {expression})"


def test_the_page_reads_a_record_as_the_house_announces_it(market: Market, url: str, page: Page) -> None:
    market.crowd(60)
    done = market.round(("clearing", "orderbook", "pool", "bad", "failures", "twice"))
    page.open(url)
    seen = page.call(ROUND, "m.viewOf(v[0], v[1])", done.record, done.hash)
    announced = json.loads(json.dumps(round_view(done.record, done.hash)))
    assert seen == announced
    assert len(seen["prices"]) == 2


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("3286000000000000000", "4891850008475631559", "3.286 ETH against 4.891 ETH"),
        ("280312000000000000", "280311000000000000", "0.280312 ETH against 0.280311 ETH"),
        ("5000000000000000000", "5000000000000000000", "the same 5 ETH; ties go by hash"),
        ("1", "2", "1 wei against 2 wei"),
    ],
)
def test_scores_are_told_apart(url: str, page: Page, one: str, other: str, shown: str) -> None:
    page.open(url)
    assert page.call(WORDS, _with_tokens("tokens.compared(v[0], v[1])"), one, other) == shown


def test_bids_stand_under_the_winner_that_beat_them(url: str, page: Page) -> None:
    def bid(name: str, status: str, score: int, *pairs: str) -> dict[str, object]:
        return {"hash": name, "solver": name, "status": status, "score": str(score), "pairs": dict.fromkeys(pairs, "1")}

    bids = [
        bid("small", "won", 5, "c>d"),
        bid("second", "lost", 4, "c>d"),
        bid("refused", "refused", 90),
        bid("big", "won", 7, "a>b"),
        bid("whole", "lost", 11, "a>b", "c>d"),
    ]
    page.open(url)
    view = {"verdict": {"winners": ["small", "big"], "bids": bids}}
    rows = page.call(ROUND, "m.contests(v[0]).map((r) => [r.bid.hash, r.against.map((w) => w.hash).join('+')])", view)
    assert rows == [["big", ""], ["whole", "big+small"], ["small", ""], ["second", "small"], ["refused", ""]]
    closest = page.call(ROUND, "((r) => [r.bid.hash, String(r.score)])(m.runnerUp(v[0]))", view)
    assert closest == ["whole", "12"]


def test_clearing_prices_stand_upright(market: Market, url: str, page: Page) -> None:
    """The dearer token comes first, whichever way it was traded."""
    page.open(url)
    view = {
        "verdict": {"winners": ["x"], "bids": [{"hash": "x", "pairs": {f"{USDC}>{WETH}": "5", f"{WETH}>{USDC}": "6"}}]},
        "prices": {"x": {USDC: str(10**12), WETH: "3000"}},
    }
    cells = "[tokens.symbol(row.give), tokens.rateText(row.rate), tokens.symbol(row.want), String(row.score)]"
    assert page.call(ROUND, _with_tokens(f"m.clearing(v[0], tokens).map((row) => {cells})"), view) == [
        ["WETH", "3,000", "USDC", "11"]
    ]
