"""Write the recorded batches of the conformance suite from examples/data: python scripts/record_conformance.py."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from walras.conformance import recorded
from walras.testing.market import TIME, Market, a_market
from walras.wire import Pool
from walras_auction.demo.derived import pool_plans, relax
from walras_auction.demo.recorded import RecordedBatch, RecordedOrder, intent_of, load_batch

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "sdk" / "walras" / "conformance" / "data" / recorded.FILE


def market_of(batch: RecordedBatch, orders: list[RecordedOrder]) -> tuple[Market, dict[str, str]]:
    """The funded orders as a market, and the addresses that stand for the recorded tokens."""
    market = a_market()
    for token in batch.tokens.values():
        market = market.with_token(token.symbol, decimals=token.decimals)
    addresses = {key: market.address(token.symbol) for key, token in batch.tokens.items()}
    prices = {addresses[key]: batch.native_price(key) for key in batch.tokens}
    named = tuple(info.model_copy(update={"price": prices[info.address]}) for info in market.tokens)
    market = Market(tokens=named)
    for number, order in enumerate(order for order in orders if order.funded):
        market = market.with_intent(intent_of(order, addresses, number, TIME + 3_600))
    return market, addresses


def pools_of(batch: RecordedBatch, addresses: dict[str, str]) -> tuple[Pool, ...]:
    pools = []
    for number, plan in enumerate(pool_plans(batch, ROOT / "examples" / "data")):
        sides = sorted(((addresses[plan.key0], plan.reserve0), (addresses[plan.key1], plan.reserve1)))
        ends = {"token0": sides[0][0], "reserve0": sides[0][1], "token1": sides[1][0], "reserve1": sides[1][1]}
        pools.append(Pool(id=f"pool {number}", address=f"0x{number + 1:040x}", fee_ppm=plan.fee_ppm, **ends))
    return tuple(pools)


def main() -> None:
    """Both batches, with the prices of gas that the demo has."""
    batch = load_batch(ROOT / "examples" / "data")
    plain, _ = market_of(batch, list(batch.orders))
    laxer, addresses = market_of(batch, relax(batch)[0])
    derived = laxer.with_gas(10**9).batch(max_solutions=8, guard_bps=2_000)
    rows = {
        "497": plain.batch(max_solutions=8).to_json(),
        "derived": derived.model_copy(update={"pools": pools_of(batch, addresses)}).to_json(),
    }
    body = json.dumps(rows, separators=(",", ":"), sort_keys=True).encode()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(gzip.compress(body, 9, mtime=0))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, {len(body)} unpacked")


if __name__ == "__main__":
    main()
