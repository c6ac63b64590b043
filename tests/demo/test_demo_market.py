"""The demo on a market of five orders; and each of its checks fails when there is something to find."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from rich.console import Console
from walras.answers import LogPage
from walras.client import Client
from walras.wire import canonical
from walras_auction.demo import market, report
from walras_auction.demo.checks import Balances, ChainFacts, _read_solution, balances, check_market, holds_nothing
from walras_auction.demo.market import MarketRun
from walras_auction.demo.recorded import RecordedBatch, RecordedOrder, RecordedToken, trader_key
from walras_auction.demo.run import Stage, opened, orders_of, shapes
from walras_auction.demo.world import TREASURY
from walras_auction.infra.chain.encoding import decode_settle, selector

WEI = 10**18
ACCOUNTS = tuple("0x" + f"{number:02x}" * 20 for number in range(1, 6))
DAI, WETH = "t1", "t2"


def an_order(number: int, sell: str, gives: int, wants: int, *, funded: bool = True) -> RecordedOrder:
    return RecordedOrder(ACCOUNTS[number], number, sell, WETH if sell == DAI else DAI, gives, wants, funded)


BATCH = RecordedBatch(
    tokens={DAI: RecordedToken(DAI, "DAI", 18, WEI), WETH: RecordedToken(WETH, "WETH", 18, 400 * WEI)},
    balances={
        (ACCOUNTS[0], WETH): WEI,
        (ACCOUNTS[1], DAI): 420 * WEI,
        (ACCOUNTS[2], DAI): 200 * WEI,
        (ACCOUNTS[3], WETH): WEI,
    },
    orders=(
        an_order(0, WETH, WEI, 380 * WEI),
        an_order(1, DAI, 420 * WEI, WEI),
        an_order(2, DAI, 200 * WEI, WEI),  # offers half of what anyone asks
        an_order(3, WETH, WEI // 2, 199 * WEI),
        an_order(4, WETH, WEI, 300 * WEI, funded=False),
    ),
)


@dataclass
class Traded:
    """A market that was run, with balances around it."""

    stage: Stage
    run: MarketRun
    before: Balances
    after: Balances
    console: io.StringIO

    def checks(self, **changes: Any) -> dict[str, bool]:
        given = {
            "run": self.run,
            "chain": self.stage.chain,
            "client": self.stage.client,
            "before": self.before,
            "after": self.after,
            "treasury": TREASURY,
        }
        return check_market(**{**given, **changes})

    def caught(self, **changes: Any) -> set[str]:
        return {name for name, passed in self.checks(**changes).items() if not passed}


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    text = io.StringIO()
    folder: Path = tmp_path_factory.mktemp("demo")
    with opened(BATCH, Console(file=text, width=200), "eth-tester", None, folder, 0) as stage:
        contracts = stage.chain.contracts

        accounts = [*stage.keys, TREASURY, contracts.vault, contracts.executor, contracts.settlement]
        tokens = list(stage.world.addresses.values())
        before = balances(stage.chain, accounts, tokens)
        run = MarketRun("recorded", orders_of(stage, BATCH.orders, 0))
        market.submit(run, stage.client)
        market.auction(run, stage.rounds, stage.say)
        market.finish(run, stage.client)
        market.withdraw(run, stage.client, stage.keys)
        yield Traded(stage, run, before, balances(stage.chain, accounts, tokens), text)


def test_the_market_trades_and_every_check_passes(traded: Traded) -> None:
    assert traded.caught() == set()
    assert dict(traded.run.refused) == {"insufficient_balance": 1}
    assert sum(outcome.fills for outcome in traded.run.outcomes) >= 2
    assert {uid for uid, status in traded.run.statuses.items() if status.fills}


def test_the_report_says_what_happened(traded: Traded) -> None:
    by_address = {address: key for key, address in traded.stage.world.addresses.items()}
    surplus = market.surplus_reference(traded.run, BATCH, by_address)
    assert 20 < surplus < 60
    data = report.market_json(traded.run, surplus, 500_000)
    json.dumps(data)
    assert {"submitted", "accepted", "refused", "rounds", "fills", "surplus_reference", "gas", "solvers"} <= data.keys()
    assert (data["submitted"], data["accepted"]) == (5, 4)
    assert {"id", "bids", "winners", "proof"} <= data["rounds"][0].keys()
    assert {"solver", "score", "status", "reason"} <= data["rounds"][0]["bids"][0].keys()
    wins = {name: row["wins"] for name, row in data["solvers"].items()}
    assert sum(wins.values()) >= 1
    report.print_market(traded.stage.console, traded.run, data, traded.stage.world)
    assert "clears at" in traded.console.getvalue()
    pairs, rings = shapes(traded.run)
    assert (len(pairs), rings) == (2, 0)


def a_party(traded: Traded) -> str:
    """Somebody who was filled."""
    return next(traded.run.accepted[uid].owner for uid, status in traded.run.statuses.items() if status.fills)


def test_an_atom_that_no_receipt_explains_is_found(traded: Traded) -> None:
    key = next(key for key in traded.after if key[0] == a_party(traded))
    for change in (1, -1):
        after = {**traded.after, key: traded.after[key] + change}
        assert traded.caught(after=after) == {"balances_moved_as_receipts_say"}


def test_fees_that_did_not_arrive_are_found(traded: Traded) -> None:
    after = {key: 0 if key[0] == TREASURY else amount for key, amount in traded.after.items()}
    assert traded.caught(after=after) == {"fees_went_to_the_treasury"}


def test_a_receipt_that_the_chain_does_not_bear_out_is_found(traded: Traded) -> None:
    uid, status = next((uid, status) for uid, status in traded.run.statuses.items() if status.fills)
    more = status.fills[0].model_copy(update={"wants": (status.fills[0].wants[0] + 1,)})
    statuses = {**traded.run.statuses, uid: status.model_copy(update={"fills": (more, *status.fills[1:])})}
    caught = traded.caught(run=replace(traded.run, statuses=statuses))
    assert caught == {"balances_moved_as_receipts_say", "one_price_vector_a_solution"}


def test_an_order_that_went_missing_is_found(traded: Traded) -> None:
    orders = [*traded.run.orders, traded.run.orders[0]]
    assert traded.caught(run=replace(traded.run, orders=orders)) == {"counts_add_up"}


def test_a_missing_reason_is_found(traded: Traded) -> None:
    statuses = {uid: status.model_copy(update={"reason": None}) for uid, status in traded.run.statuses.items()}
    assert traded.caught(run=replace(traded.run, statuses=statuses)) == {"every_unfilled_has_a_reason"}


def test_a_winner_that_was_unfair_is_found(traded: Traded) -> None:
    """A record that lists a drop nobody can reproduce."""
    outcomes = json.loads(json.dumps([outcome.record for outcome in traded.run.outcomes]))
    for record in outcomes:
        for row in record["verdict"]["bids"]:
            row["reason"] = "unfair_to_pair"
    forged = [replace(one, record=record) for one, record in zip(traded.run.outcomes, outcomes, strict=True)]
    assert traded.caught(run=replace(traded.run, outcomes=forged)) == {"winners_pass_the_fairness_filter"}


class Lying:
    """A house that publishes another record than it kept, or logs an intent twice."""

    def __init__(self, client: Client, lie: str) -> None:
        self._client, self._lie = client, lie

    def record(self, round_id: int) -> bytes:
        body = self._client.record(round_id)
        if self._lie != "record":
            return body
        record = json.loads(body)
        record["verdict"]["total"] = "1"
        return canonical(record)

    def log(self, start: int, limit: int) -> LogPage:
        page = self._client.log(start, limit)
        return page.model_copy(update={"entries": page.entries * 2}) if self._lie == "log" else page


@pytest.mark.parametrize(
    ("lie", "check"), [("record", "replay_gives_identical_bytes"), ("log", "each_settled_uid_logged_once")]
)
def test_a_house_that_lies_is_found(traded: Traded, lie: str, check: str) -> None:
    assert traded.caught(client=Lying(traded.stage.client, lie)) == {check}


def test_a_transaction_below_a_limit_is_found(traded: Traded) -> None:
    """The same calldata at another price: the auditor recomputes the amounts and finds the limit broken."""
    transaction = next(b["transaction"] for record in traded.run.records for b in record["settlement"])
    chain = traded.stage.chain
    (solution, *_) = decode_settle(chain.rpc.input_of(transaction))
    uids = {uid for uid, status in traded.run.statuses.items() if status.fills}
    found = {}
    for percent in (100, 50, 200):
        prices = {
            token: price * percent // 100 if token == chain.contracts.wrapped_native else price
            for token, price in solution.prices.items()
        }
        facts = ChainFacts()
        _read_solution(replace(solution, prices=prices), uids, 10**9, chain, facts)
        found[percent] = bool(facts.problems)
    assert found == {100: False, 50: True, 200: True}


def test_a_contract_that_keeps_something_is_found(traded: Traded) -> None:
    """Last, since it changes the chain: somebody sends the executor an atom."""
    tokens = list(traded.stage.world.addresses.values())
    chain, local = traded.stage.chain, traded.stage.world.local
    assert holds_nothing(chain, tokens)
    owner = trader_key(ACCOUNTS[0])
    token = next(token for token in tokens if chain.token_facts([(owner.address, token)])[0].balance)
    data = selector("transfer(address,uint256)") + encode(["address", "uint256"], [chain.contracts.executor, 1])
    raw = local.transaction(owner, token, data, chain.rpc.nonce(owner.address), 100_000)
    local.send_all([(raw, 100_000)])
    assert not holds_nothing(chain, tokens)
    assert "contracts_hold_nothing" in traded.caught()
