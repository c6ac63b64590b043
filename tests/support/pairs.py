"""Two people who want each other's tokens, and the bid that matches them."""

from __future__ import annotations

from support.bids import MICRO, WEI, always, at, fill
from support.desk import Desk, ScriptedDoor


def a_pair(desk: Desk, weth: int = WEI, **rest: object) -> tuple[str, str]:
    """Alice sells ``weth`` for at least 1,900 a WETH; Bob buys as much for at most 2,100."""
    least, most = 1_900 * MICRO * weth // WEI, 2_100 * MICRO * weth // WEI
    sell = desk.submit("alice", desk.sell("alice", ("WETH", weth), ("USDC", least), **rest))
    buy = desk.submit("bob", desk.buy("bob", ("WETH", weth), ("USDC", most), **rest))
    return sell, buy


def matched(sell: str, buy: str, usdc: int = 2_000, weth: int = WEI) -> ScriptedDoor:
    return ScriptedDoor(always(lambda batch: at(batch, usdc, fill(sell, weth), fill(buy, weth))))
