"""A solution as a transaction carries it: what both encodings (packed and plain ABI) say, free of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from walras.intent import Intent
from walras.wire import AnyPool, Batch, Call, Interaction, OpenIntent

from walras_auction.bids import Checked, Trade
from walras_auction.infra.chain.swaps import encode_swap
from walras_auction.interactions import flows

#: ``Fill.scheme`` of the contract by the word that travels.
SCHEMES = {"ecdsa": 0, "erc1271": 1, "presigned": 2, "permit2": 3}
ECDSA, ERC1271, PRESIGNED, PERMIT2 = SCHEMES.values()


@dataclass(frozen=True, slots=True)
class DecodedFill:
    """A fill. ``scheme`` is a value of :data:`SCHEMES`, ``terms`` the bytes that ``intent.terms`` is the hash of."""

    intent: Intent
    executed: int
    fee: int
    round_up: int
    scheme: int = ECDSA
    signature: bytes = b""
    terms: bytes = b""


@dataclass(frozen=True, slots=True)
class DecodedInteraction:
    """A call of the executor: (token, spender, atoms) that it may spend meanwhile, (token, atoms) in and out."""

    target: str
    data: bytes
    allowances: tuple[tuple[str, str, int], ...] = ()
    inputs: tuple[tuple[str, int], ...] = ()
    outputs: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedSolution:
    """A solution. ``prices`` names every token, in ascending order; ``cover`` those with any."""

    prices: Mapping[str, int]
    fills: tuple[DecodedFill, ...]
    cover: Mapping[str, int] = field(default_factory=dict)
    interactions: tuple[DecodedInteraction, ...] = ()


def settled_as(checked: Checked, signatures: Mapping[str, str], batch: Batch) -> DecodedSolution:
    """What a checked bid puts on chain; ``signatures`` by uid."""
    solution = checked.proposed.solution
    pools = {pool.id: pool for pool in batch.pools}
    entries = {entry.uid: entry for entry in batch.intents}
    tokens = sorted(solution.prices)
    return DecodedSolution(
        {token: solution.prices[token] for token in tokens},
        tuple(_fill(trade, entries[trade.fill.uid], signatures) for trade in checked.trades),
        {token: solution.cover[token] for token in tokens if solution.cover.get(token)},
        tuple(_interaction(item, pools, batch.executor) for item in solution.interactions),
    )


def _fill(trade: Trade, entry: OpenIntent, signatures: Mapping[str, str]) -> DecodedFill:
    fill = trade.fill
    terms = getattr(entry, "terms_data", None) or "0x"
    signature, scheme = bytes.fromhex(signatures[fill.uid][2:]), SCHEMES[entry.scheme]
    return DecodedFill(
        trade.intent, fill.executed, fill.fee, fill.round_up, scheme, signature, bytes.fromhex(terms[2:])
    )


def _interaction(item: Interaction, pools: Mapping[str, AnyPool], executor: str) -> DecodedInteraction:
    inputs, outputs = flows(item, pools)
    if isinstance(item, Call):
        allowances = tuple((a.token, a.spender, a.amount) for a in item.allowances)
        return DecodedInteraction(item.target, bytes.fromhex(item.data[2:]), allowances, inputs, outputs)
    target, data = encode_swap(item, pools[item.pool], executor)
    return DecodedInteraction(target, data, ((item.token_in, target, item.amount_in),), inputs, outputs)
