"""The demo's own audit, from chain data: transactions, logs and balances, not the house's word.

Settlement transactions are fetched from the chain and decoded again; what they say is compared with the receipts
that traders hold and with balances before and after.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from walras.amounts import Amounts, check_limits, fill_amounts
from walras.client import Client
from walras.digest import intent_uid, keccak
from walras.intent import Intent
from walras.rejections import Rejection

from walras_auction.demo.market import MarketRun, standing, unfilled_reasons
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.encoding import DecodedSolution, decode_settle
from walras_auction.record import replay
from walras_auction.select import Candidate, fairness

_FILLED = keccak(b"Filled(bytes32,address,uint256)")
Balances = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class ChainFill:
    """A fill as the chain carried it out: its log, and its amounts recomputed from the transaction."""

    uid: str
    intent: Intent
    executed: int
    fee: int
    amounts: Amounts
    time: int


@dataclass
class ChainFacts:
    """What the settlement transactions of a market say."""

    fills: list[ChainFill] = field(default_factory=list)
    logged: list[tuple[str, int, int]] = field(default_factory=list)  # (uid, executed, fee) by event
    gas_used: int = 0
    problems: list[str] = field(default_factory=list)


def read_chain(run: MarketRun, chain: EvmChain) -> ChainFacts:
    """Fetch and decode every settlement of the market."""
    facts = ChainFacts()
    for record in run.records:
        for bundle in record["settlement"]:
            _read_bundle(bundle["transaction"], chain, facts)
    return facts


def _read_bundle(transaction: str, chain: EvmChain, facts: ChainFacts) -> None:
    receipt = chain.rpc.receipt(transaction)
    if receipt is None:
        facts.problems.append(f"{transaction} has no receipt")
        return
    facts.gas_used += int(receipt["gasUsed"])
    time = chain.rpc.timestamp(int(receipt["blockNumber"]))
    settled: set[str] = set()
    for log in receipt["logs"]:
        if str(log["address"]).lower() == chain.contracts.settlement and bytes(log["topics"][0]) == _FILLED:
            uid = "0x" + bytes(log["topics"][1]).hex()
            facts.logged.append((uid, *executed_and_fee(bytes(log["data"]))))
            settled.add(uid)
    for solution in decode_settle(chain.rpc.input_of(transaction)):
        _read_solution(solution, settled, time, chain, facts)


def executed_and_fee(data: bytes) -> tuple[int, int]:
    """What a ``Filled`` event says in its one word: atoms of the fixed side's first leg, and of the first give."""
    return divmod(int.from_bytes(data, "big"), 1 << 128)


def _read_solution(solution: DecodedSolution, settled: set[str], time: int, chain: EvmChain, facts: ChainFacts) -> None:
    for fill in solution.fills:
        uid = intent_uid(fill.intent, chain.domain)
        if uid not in settled:
            continue  # this solution failed on its own
        try:
            amounts = fill_amounts(
                fill.intent, fill.executed, fill.fee, fill.round_up, solution.prices, chain.contracts.wrapped_native
            )
            check_limits(fill.intent, fill.executed, amounts, time)
        except Rejection as refusal:
            facts.problems.append(f"{uid}: {refusal}")
            continue
        facts.fills.append(ChainFill(uid, fill.intent, fill.executed, fill.fee, amounts, time))


def balances(chain: EvmChain, accounts: Iterable[str], tokens: Sequence[str]) -> Balances:
    """Atoms by (account, token) at the latest block."""
    queries = [(account, token) for account in accounts for token in tokens]
    return {key: facts.balance for key, facts in zip(queries, chain.token_facts(queries), strict=True)}


def check_market(
    run: MarketRun, chain: EvmChain, client: Client, before: Balances, after: Balances, treasury: str
) -> dict[str, bool]:
    """Every check of one market by name."""
    facts = read_chain(run, chain)
    return {
        "balances_moved_as_receipts_say": _moved_as_receipts(run, before, after, treasury, chain),
        "no_trader_below_signed_limit": not facts.problems and len(facts.fills) == len(facts.logged),
        "one_price_vector_a_solution": _receipts_match_chain(run, facts),
        "contracts_hold_nothing": holds_nothing(chain, sorted({token for _, token in before})),
        "fees_went_to_the_treasury": _fees_arrived(facts, before, after, treasury),
        "each_settled_uid_logged_once": _logged_once(facts, client),
        "replay_gives_identical_bytes": all(_replays(client, outcome.id) for outcome in run.outcomes),
        "counts_add_up": sum(standing(run).values()) == len(run.orders),
        "every_unfilled_has_a_reason": "" not in unfilled_reasons(run),
        "winners_pass_the_fairness_filter": all(_fair(record) for record in run.records),
    }


def _moved_as_receipts(run: MarketRun, before: Balances, after: Balances, treasury: str, chain: EvmChain) -> bool:
    """Each trader's balance of each token moved by exactly what its receipts say."""
    due: Balances = defaultdict(int)
    for uid, status in run.statuses.items():
        intent = run.accepted[uid]
        for fill in status.fills:
            for leg, amount in zip(intent.gives, fill.gives, strict=True):
                due[(intent.owner, leg.token)] -= amount
            for leg, amount in zip(intent.wants, fill.wants, strict=True):
                due[(intent.payee, leg.token)] += amount
    house = {treasury, chain.contracts.vault, chain.contracts.executor, chain.contracts.settlement}
    return all(after[key] - held == due.get(key, 0) for key, held in before.items() if key[0] not in house)


def _receipts_match_chain(run: MarketRun, facts: ChainFacts) -> bool:
    """Recomputing each fill from the one price vector of its transaction gives the amounts of the receipts."""
    reported = Counter(
        (uid, fill.gives, fill.wants, fill.fee) for uid, status in run.statuses.items() for fill in status.fills
    )
    onchain = Counter((fill.uid, fill.amounts.gives, fill.amounts.wants, fill.fee) for fill in facts.fills)
    logged = Counter(facts.logged)
    return reported == onchain and logged == Counter((fill.uid, fill.executed, fill.fee) for fill in facts.fills)


def holds_nothing(chain: EvmChain, tokens: Sequence[str]) -> bool:
    """Settlement and executor hold no token and no native coin; the vault holds cover alone (none in the demo)."""
    contracts = chain.contracts
    accounts = (contracts.settlement, contracts.executor, contracts.vault)
    held = balances(chain, accounts, tokens)
    return not any(held.values()) and not any(chain.rpc.balance(account) for account in accounts)


def _fees_arrived(facts: ChainFacts, before: Balances, after: Balances, treasury: str) -> bool:
    """The treasury got at least every fee, in its own token; what it got beyond is rounding and pool excess."""
    fees: dict[str, int] = defaultdict(int)
    for fill in facts.fills:
        fees[fill.intent.gives[0].token] += fill.fee
    got = {
        token: after[(treasury, token)] - before[(treasury, token)] for account, token in before if account == treasury
    }
    return all(got[token] >= fees.get(token, 0) for token in got) and bool(fees or not facts.fills)


def _logged_once(facts: ChainFacts, client: Client) -> bool:
    entries: Counter[str] = Counter()
    start: int | None = 1
    while start is not None:
        page = client.log(start, 500)
        entries.update(entry.uid for entry in page.entries if entry.kind == "intent")
        start = page.next
    return all(entries[uid] == 1 for uid, _, _ in facts.logged)


def _replays(client: Client, round_id: int) -> bool:
    published = client.record(round_id)
    return replay(json.loads(published)) == published


def _fair(record: Mapping[str, Any]) -> bool:
    """No winner is one that the fairness filter, recomputed from the published scores, would drop."""
    rows = [row for row in record["verdict"]["bids"] if "pairs" in row]
    candidates = [
        Candidate(
            row["hash"],
            row["solver"],
            int(row["score"]),
            {pair: int(score) for pair, score in row["pairs"].items()},
            frozenset(),
            {},
        )
        for row in rows
    ]
    dropped = {unfair.candidate.hash for unfair in fairness(candidates)[1]}
    listed = {row["hash"] for row in rows if row["reason"] == "unfair_to_pair"}
    return dropped == listed and not dropped & set(record["verdict"]["winners"])
