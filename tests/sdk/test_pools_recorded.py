"""Recorded pools of the main chain, at the blocks in the files' names. Source: BowTiedDevil/degenbot, test data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from walras.wire import ConcentratedPool, Pool, Tick

DATA = Path(__file__).parents[2] / "examples/data"


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / name).read_text())
    return content


def concentrated(state: dict[str, Any], tokens: tuple[str, str], fee: int, nets: dict[int, int]) -> ConcentratedPool:
    return ConcentratedPool(
        id="recorded",
        address="0x" + "11" * 20,
        token0=tokens[0],
        token1=tokens[1],
        fee_ppm=fee,
        tick_spacing=state["tick_spacing"],
        sqrt_price=int(state["sqrt_price_x96"]),
        tick=state["tick"],
        liquidity=int(state["liquidity"]),
        ticks=tuple(Tick(index=index, net=net) for index, net in sorted(nets.items())),
    )


def nets(state: dict[str, Any]) -> dict[int, int]:
    return {int(index): int(tick["liquidity_net"]) for index, tick in state["tick_data"].items()}


def test_the_recorded_path_gives_its_recorded_outputs() -> None:
    """A Uniswap v2 pair, a pool of v4 (whose swaps are those of v3), and a pool of v3, one after the other."""
    recorded = load("path5000_v2v4v3_block25704509.json")
    pair, four, three = (recorded["pools"][name] for name in ("v2_0", "v4", "v3_2"))
    fields = {name: pair[name] for name in ("address", "token0", "token1", "reserve0", "reserve1")}
    first = Pool(id="v2", fee_ppm=3_000, **fields)
    second = concentrated(four, (four["currency0"], four["currency1"]), four["lp_fee"], nets(four))
    third = concentrated(three, (three["token0"], three["token1"]), three["fee_token0"], nets(three))
    solved = recorded["recorded_solve"]
    amount, outputs = int(solved["optimal_input"]), [int(output) for output in solved["hop_outputs"]]
    for pool, hop, output in zip((first, second, third), recorded["path"], outputs, strict=True):
        assert pool.problem is None
        path = pool.tokens if hop["zero_for_one"] else pool.tokens[::-1]
        assert pool.amount_out(path[0], amount) == output
        least = pool.amount_in(path[1], output)
        assert least is not None
        assert least <= amount
        amount = output


def wbtc_weth() -> ConcentratedPool:
    recorded = load("uniswap_v3_wbtc_weth_block_24407242.json")
    ticks = {int(index): net for index, (_, net, _) in recorded["tick_data"].items()}
    tokens = recorded["token0"]["address"], recorded["token1"]["address"]
    return concentrated(recorded["scalars"], tokens, recorded["scalars"]["fee"], ticks)


def test_a_full_tick_map_parses_and_quotes() -> None:
    """458 ticks; a whole WBTC costs about its price and the fee, and all the WETH can be had, but not an atom more."""
    pool = wbtc_weth()
    assert pool.problem is None
    assert len(pool.ticks) == 458
    wbtc, weth = pool.tokens
    spot = pool.spot(wbtc, weth)
    assert spot is not None
    out = pool.amount_out(wbtc, 10**8)
    assert 0.999 * float(spot) * 10**8 < out < float(spot) * 10**8
    depth = pool.amount_out(wbtc, 2**100)
    least = pool.amount_in(weth, depth)
    assert least is not None
    assert pool.amount_out(wbtc, least) == depth > pool.amount_out(wbtc, least - 1)
    assert pool.amount_in(weth, depth + 1) is None


def test_a_recorded_pool_survives_the_wire() -> None:
    pool = wbtc_weth()
    assert ConcentratedPool.model_validate_json(pool.model_dump_json(by_alias=True)) == pool
