"""``round.N``: milliseconds from the close of a round of N intents to its winners, with the real engines."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from walras.digest import keccak
from walras.signing import Signer
from walras.testing.market import address_of
from walras.wire import GasTerms, Pool, SubmitRequest, canonical
from walras_auction.api.house import House
from walras_auction.bids import SolverIdentity
from walras_auction.clock import SystemClock
from walras_auction.close import RoundTerms
from walras_auction.demo.derived import pool_plans
from walras_auction.demo.recorded import load_batch
from walras_auction.infra.solver_process import SolverProcess, start_all
from walras_auction.rounds import Rounds

from .crypto import VALID_TO, sign_all
from .fakes import HOUSE, MarketChain
from .intake import admit_all, request_of
from .measure import BenchError, interleaved, milliseconds
from .orders import DATA, Generated, generate, token_address
from .rows import Row, row
from .sizes import Sizes
from .value_lp import surplus

ENGINES = ("orderbook", "clearing", "router")
#: The demo's terms: its gas figures, its price, its margin.
GAS = GasTerms(price=10**9, base=200_000, per_fill=120_000, per_interaction=210_000, margin_bps=10_000)
PEER = "scipy HiGHS, value LP of the orders alone"
STAGES = ("close", "invite", "check", "simulate", "select")


@dataclass(frozen=True, slots=True)
class Field:
    """What every pass runs on: the intents, signed, and solver processes that are up."""

    market: Generated
    requests: list[SubmitRequest]
    pools: tuple[Pool, ...]
    doors: list[SolverProcess]
    deadline_ms: int


@dataclass(frozen=True, slots=True)
class Run:
    """A round that was run: its published record, and the milliseconds of all nine stages."""

    record: dict[str, Any]
    whole: float

    @property
    def laps(self) -> dict[str, int]:
        """Milliseconds by stage, from the close to the winners."""
        timings = self.record["inputs"]["timingsMs"]
        return {stage: timings[stage] for stage in STAGES}

    @property
    def to_winners(self) -> float:
        return float(sum(self.laps.values()))


def bench(name: str) -> Callable[[Sizes], Row]:
    """The benchmark of the row ``name``."""
    return partial(_bench, name)


def _bench(name: str, sizes: Sizes) -> Row:
    runs: list[Run] = []
    optimum: list[float] = []
    with _field(sizes.rounds[name], sizes.deadline_ms) as field:
        prices = {token.address: token.price for token in field.market.tokens if token.price is not None}
        orders = [intent for _, intent in field.market.intents]

        def ours(_: int) -> float:
            runs.append(run_round(field))
            return runs[-1].to_winners

        def peer(_: int) -> float:
            return milliseconds(lambda: optimum.append(surplus(orders, field.market.balances, prices)))

        mine, other = interleaved(ours, peer, sizes.round_passes[name])
    middle = min(runs, key=lambda run: abs(run.to_winners - mine.median))
    detail = f"{mine}; peer {other}; {_about(middle, len(orders), len(field.pools), optimum[0])}"
    return row(name, mine.median, "ms", PEER, other.median, detail, better="less")


def run_round(field: Field) -> Run:
    """One whole round in a house of its own, whose log holds every intent."""
    chain = MarketChain(field.market.balances, field.market.tokens, field.pools, GAS)
    terms = RoundTerms(gas=GAS, deadline_ms=field.deadline_ms, batch_size=len(field.requests))
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="walras-bench-") as folder:
        house = House.open(Path(folder) / "walras.sqlite", chain, clock, HOUSE)
        try:
            admit_all(house.intake, [canonical(request.to_json()) for request in field.requests])
            began = time.perf_counter()
            outcome = Rounds(house.store, chain, clock, house.feed, field.doors, terms).run()
            whole = (time.perf_counter() - began) * 1000
        finally:
            house.close()
    if outcome is None or len(outcome.record["inputs"]["batch"]["intents"]) != len(field.requests):
        raise BenchError("the round did not see every intent")
    return Run(outcome.record, whole)


@contextlib.contextmanager
def _field(count: int, deadline_ms: int) -> Iterator[Field]:
    market = generate(count, VALID_TO)
    signed = sign_all(list(market.intents))
    requests = [request_of(intent, sig) for (_, intent), (_, sig) in zip(market.intents, signed, strict=True)]
    doors = [SolverProcess(SolverIdentity(name, _solver(name).address)) for name in ENGINES]
    try:
        start_all(doors)
        yield Field(market, requests, _pools(), doors, deadline_ms)
    finally:
        for door in doors:
            door.close()


def _solver(name: str) -> Signer:
    return Signer(keccak(f"walras bench solver {name}".encode()))


def _pools() -> tuple[Pool, ...]:
    """The demo's pools: recorded ones scaled down, and its invented ones."""
    batch = load_batch(DATA)
    symbol = {key: token.symbol for key, token in batch.tokens.items()}
    return tuple(
        Pool(
            id=f"pool{number}",
            address=address_of(f"bench:pool{number}"),
            token0=token_address(symbol[plan.key0]),
            token1=token_address(symbol[plan.key1]),
            reserve0=plan.reserve0,
            reserve1=plan.reserve1,
            fee_ppm=plan.fee_ppm,
        )
        for number, plan in enumerate(pool_plans(batch, DATA))
    )


def _about(run: Run, orders: int, pools: int, optimum: float) -> str:
    record = run.record
    laps = ", ".join(f"{stage} {took}" for stage, took in run.laps.items())
    verdict, failures = record["verdict"], record["inputs"]["failures"]
    bids = Counter(bid["solver"] for bid in verdict["bids"])
    counted = ", ".join(f"{name} {bids[name]}" for name in ENGINES)
    failed = "".join(f"; {failure['solver']} gave none: {failure['reason']}" for failure in failures)
    won, fills = len(verdict["winners"]), len(record["result"]["fills"])
    return (
        f"middle pass: {laps} ms (with settlement and record {run.whole:,.0f}); bids: {counted}{failed}; {won} winners "
        f"with {fills} fills, {verdict['proof']}, score {int(verdict['total']) / 1e18:.4g} native coins (LP of the "
        f"orders alone: {optimum / 1e18:.4g}); {orders} intents like the recorded batch's, {pools} pools, engines as "
        f"processes of their own that were up before, deadline {_deadline(record)} ms; simulation by a chain in memory "
        "at nine tenths of the terms' gas, without a block's gas limit: a real node's eth_call comes on top"
    )


def _deadline(record: dict[str, Any]) -> int:
    return int(record["inputs"]["batch"]["deadlineMs"])
