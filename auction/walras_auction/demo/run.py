"""``walras demo``: two markets on a chain of its own, audited from the chain, with the dashboard left running."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from walras.client import Client
from walras.orders import Order
from walras.signing import Signer
from walras.wire import GasTerms

from walras_auction.assembly import running
from walras_auction.bids import SolverIdentity
from walras_auction.close import RoundTerms
from walras_auction.demo import derived, market, report
from walras_auction.demo.checks import balances, check_market, read_chain
from walras_auction.demo.market import MarketRun
from walras_auction.demo.recorded import RecordedBatch, RecordedOrder, intent_of, load_batch, trader_key
from walras_auction.demo.rings import has_ring
from walras_auction.demo.world import (
    SOLVERS,
    TREASURY,
    World,
    add_pools,
    build_world,
    genesis,
    house_key,
    restore_balances,
)
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.local import local_chain
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.rounds import Rounds

GAS = GasTerms(
    price=10**9, base=250_000, per_fill=105_000, per_interaction=160_000, margin_bps=30_000, limit=25_000_000
)
MIN_SURPLUS = 247
CLOCK_TOLERANCE = 5
VALID_SECONDS = 7 * 24 * 3600
#: Nonces of the derived market lie this far above the order ids that the recorded one uses.
DERIVED_NONCES = 10_000


@dataclass
class Stage:
    """A house that is open for trading."""

    world: World
    chain: EvmChain
    rounds: Rounds
    client: Client
    url: str
    console: Console

    @property
    def keys(self) -> dict[str, Signer]:
        """Traders' keys by address."""
        return {trader_key(account).address: trader_key(account) for account in self.world.batch.accounts}

    def say(self, text: str) -> None:
        self.console.print(f"[dim]{text}[/]", highlight=False)


@contextlib.contextmanager
def opened(
    batch: RecordedBatch, console: Console, backend: str, guard_bps: int | None, folder: Path, port: int
) -> Iterator[Stage]:
    """Chain, contracts, house, solver processes and API, up while the context lasts."""
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(local_chain(genesis(batch), backend))
        console.print(f"[dim]chain: {local.backend}; deploying contracts, funding {len(batch.accounts)} accounts[/]")
        world = build_world(local, batch)
        chain = EvmChain(
            local.rpc,
            world.deployment.contracts,
            world.deployment.lens,
            house_key("house"),
            world.tokens(),
            block_gas=local.block_gas,
        )
        doors = [SolverProcess(SolverIdentity(name, house_key(f"solver {name}").address)) for name in SOLVERS]
        terms = RoundTerms(gas=GAS, deadline_ms=8_000, guard_bps=guard_bps)
        up = stack.enter_context(
            running(chain, house_key("house"), doors, terms, folder, name="walras demo", port=port)
        )
        client = stack.enter_context(Client(up.url, timeout=120.0))
        console.print(f"[dim]house and {len(doors)} solvers up; dashboard at[/] [bold]{up.url}[/]")
        yield Stage(world, chain, up.rounds, client, up.url, console)


def orders_of(stage: Stage, orders: Sequence[RecordedOrder], first_nonce: int) -> list[Order]:
    """Signed-for orders with their permits; the nonce is the order's id, counted from ``first_nonce``."""
    now = int(time.time())
    result = []
    for order in orders:
        intent = intent_of(order, stage.world.addresses, first_nonce + order.order_id, now + VALID_SECONDS)
        permits = stage.world.permits(order.account, order.sell, now + VALID_SECONDS) if order.funded else ()
        result.append(Order(intent, trader_key(order.account), permits))
    return result


def run_market(stage: Stage, name: str, orders: list[Order]) -> tuple[MarketRun, dict[str, Any], dict[str, bool]]:
    """Trade one market and audit it: (run, its part of the report, its checks)."""
    world, chain = stage.world, stage.chain
    contracts = chain.contracts
    accounts = [*stage.keys, TREASURY, contracts.vault, contracts.executor, contracts.settlement]
    tokens = list(world.addresses.values())
    before = balances(chain, accounts, tokens)
    world.local.heartbeat()
    clocks = clocks_agree(chain)
    run = MarketRun(name, orders)
    stage.say(f"{name}: submitting {len(orders)} signed intents over HTTP")
    stage.rounds.terms = replace(stage.rounds.terms, market=name)
    market.submit(run, stage.client)
    market.auction(run, stage.rounds, stage.say)
    market.finish(run, stage.client)
    after = balances(chain, accounts, tokens)
    checks = {"clocks_agree": clocks, **check_market(run, chain, stage.client, before, after, TREASURY)}
    by_address = {address: key for key, address in world.addresses.items()}
    surplus = market.surplus_reference(run, world.batch, by_address)
    data = report.market_json(run, surplus, read_chain(run, chain).gas_used)
    report.print_market(stage.console, run, data, world)
    return run, data, {f"{name}: {key}": passed for key, passed in checks.items()}


def clocks_agree(chain: EvmChain) -> bool:
    """The latest block's time is within five seconds of the house's clock."""
    return abs(chain.latest()[1] - int(time.time())) <= CLOCK_TOLERANCE


def trade(stage: Stage, data: Path, started: float) -> dict[str, Any]:
    """Both markets, their audits, and the report."""
    world, console = stage.world, stage.console
    native = f"gas price fixed at {GAS.price // 10**9} gwei; house price-impact bound {_guard(stage)}"
    console.print(f"[dim]native coin = WETH at its recorded price of 380.98 reference units; {native}[/]")
    run, recorded_json, checks = run_market(stage, "recorded", orders_of(stage, world.batch.orders, 0))
    market.withdraw(run, stage.client, stage.keys)
    unfunded = sum(1 for order in world.batch.orders if not order.funded)
    checks["recorded: exactly the unfunded are refused for balance"] = dict(run.refused) == {
        "insufficient_balance": unfunded
    }
    checks[f"recorded: surplus reaches {MIN_SURPLUS}"] = recorded_json["surplus_reference"] >= MIN_SURPLUS
    derived_json, more = derived_market(stage, data)
    checks |= more
    report.print_checks(console, checks)
    return {
        "markets": {"recorded": recorded_json, "derived": derived_json},
        "checks": checks,
        "chain": stage.world.local.backend,
        "parameters": {
            "gas": GAS.to_json(),
            "guard_bps": _guard(stage),
            "native_reference_price": "380.982601810841878528",
        },
        "seconds": round(time.monotonic() - started, 1),
    }


def derived_market(stage: Stage, data: Path) -> tuple[dict[str, Any], dict[str, bool]]:
    """Relaxed limits, restored balances, pools; every parameter printed."""
    world, console = stage.world, stage.console
    relaxed, changes = derived.relax(world.batch)
    stage.say("derived: restoring balances, deploying pools")
    restore_balances(world, stage.chain)
    plans = derived.pool_plans(world.batch, data)
    add_pools(world, plans)
    stage.chain.use_pools(world.pools)
    console.print(
        f"[dim]derived, not recorded: seed {changes.seed}, {changes.orders} limits relaxed by {changes.least_bps} to "
        f"{changes.greatest_bps} bps (median {changes.median_bps}); pools:[/]"
    )
    for pool, plan in zip(world.pools, plans, strict=True):
        console.print(f"[dim]  {pool.id}: fee {plan.fee_ppm} ppm; {plan.source}[/]", highlight=False)
    run, result, checks = run_market(stage, "derived", orders_of(stage, relaxed, DERIVED_NONCES))
    pairs, rings = shapes(run)
    console.print(f"[dim]{len(pairs)} directed pairs traded; rings of three tokens or more: {rings}[/]")
    checks["derived: several pairs traded"] = len(pairs) >= 4
    checks["derived: a ring of three tokens traded"] = rings >= 1
    result["parameters"] = {
        "seed": changes.seed,
        "relaxed_orders": changes.orders,
        "relaxed_bps": [changes.least_bps, changes.median_bps, changes.greatest_bps],
        "pools": [
            {"id": p.id, "fee_ppm": p.fee_ppm, "source": plan.source}
            for p, plan in zip(world.pools, plans, strict=True)
        ],
    }
    return result, checks


def shapes(run: MarketRun) -> tuple[set[tuple[str, str]], int]:
    """(directed pairs that traded, winning solutions whose trades alone close a ring of three tokens or more)."""
    pairs: set[tuple[str, str]] = set()
    rings = 0
    for record in run.records:
        by_bid: dict[str, set[tuple[str, str]]] = {}
        for fill in record["result"]["fills"]:
            intent = run.accepted[fill["uid"]]
            pair = (intent.gives[0].token, intent.wants[0].token)
            by_bid.setdefault(fill["bid"], set()).add(pair)
            pairs.add(pair)
        rings += sum(1 for edges in by_bid.values() if has_ring(edges))
    return pairs, rings


def _guard(stage: Stage) -> str:
    bps = stage.rounds.terms.guard_bps
    return "off" if bps is None else f"{bps} bps"


def demo(
    once: Annotated[bool, typer.Option(help="Exit after the report instead of leaving the dashboard running.")] = False,
    data: Annotated[Path, typer.Option(help="Folder with the recorded market data.")] = Path("examples/data"),
    out: Annotated[Path, typer.Option(help="Where the report is written as JSON.")] = Path("demo-report.json"),
    guard_bps: Annotated[
        int | None, typer.Option(help="Turn the house's price-impact bound on, in basis points.")
    ] = None,
    chain: Annotated[str, typer.Option(help="eth-tester, anvil, or auto (anvil when it is on PATH).")] = "auto",
    port: Annotated[int, typer.Option(help="Port of the API and the dashboard; 0 takes a free one.")] = 0,
) -> None:
    """Run the recorded and the derived market end to end, audit them from the chain, and show the dashboard."""
    console = Console() if sys.stdout.isatty() else Console(width=150)
    if not (data / "batch-5342282-497-orders.json").is_file():
        console.print(f"[red]no recorded market in {data}; run from the project's folder or give --data[/]")
        raise typer.Exit(2)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="walras-demo-") as folder:
        batch = load_batch(data)
        with opened(batch, console, chain, guard_bps, Path(folder), port) as stage:
            result = trade(stage, data, started)
            out.write_text(json.dumps(result, indent=2) + "\n")
            failed = [name for name, passed in result["checks"].items() if not passed]
            console.print(f"report written to {out} after {result['seconds']} s")
            if failed:
                console.print(f"[bold red]{len(failed)} checks failed: {', '.join(failed)}[/]")
                raise typer.Exit(1)
            if not once:
                console.print(f"dashboard at [bold]{stage.url}[/]; Ctrl-C ends it")
                with contextlib.suppress(KeyboardInterrupt):
                    threading.Event().wait()
