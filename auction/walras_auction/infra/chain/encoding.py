"""Solutions as the settlement contract reads them. ABI coding itself is ``eth_abi``'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from walras.amounts import priced_token
from walras.digest import keccak
from walras.intent import FillRule, Intent, Kind, Leg
from walras.wire import Batch, Call, Interaction, Pool, PoolSwap

from walras_auction.bids import Checked
from walras_auction.interactions import flows

_LEG = "(address,uint256,uint256)"
_INTENT = f"(address,address,{_LEG}[],{_LEG}[],uint8,uint8,uint256,uint48,uint48,uint48,uint256,bytes32)"
_FILL = f"({_INTENT},bytes,uint256,uint256,uint256,uint8[],uint8[])"
_FLOW = "(uint8,uint256)"
_INTERACTION = f"(address,bytes,(address,address,uint256)[],{_FLOW}[],{_FLOW}[])"
_SOLUTION = f"(address[],uint256[],uint256[],{_FILL}[],{_INTERACTION}[])"
_AWARD = "(uint256,address,uint256,uint256,bytes)"
_ENTRY = f"({_AWARD},bytes)"
_OUTCOME = "(bool,uint256,bytes)"


def selector(signature: str) -> bytes:
    return keccak(signature.encode())[:4]


_SETTLE = selector(f"settle({_ENTRY}[])")
_PREVIEW = selector(f"preview({_ENTRY}[],(address,address)[])")
_PREVIEWED = selector(f"Previewed({_OUTCOME}[],int256[])")
_SWAP = selector("swap(address,uint256,uint256,address)")


@dataclass(frozen=True, slots=True)
class Award:
    """The house's permission for one solver to settle one solution, once, until ``deadline``."""

    round: int
    solver: str
    gas_limit: int
    deadline: int
    signature: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry of a bundle."""

    settled: bool
    gas_used: int
    reason: bytes


def encode_solution(checked: Checked, signatures: Mapping[str, str], batch: Batch) -> bytes:
    """``abi.encode(Solution)``; ``signatures`` by uid."""
    solution = checked.proposed.solution
    tokens = sorted(solution.prices)
    index = {token: position for position, token in enumerate(tokens)}
    pools = {pool.id: pool for pool in batch.pools}

    def positions(legs: tuple[Leg, ...]) -> list[int]:
        return [index[priced_token(leg.token, batch.wrapped_native)] for leg in legs]

    fills = [
        (
            _intent(trade.intent),
            bytes.fromhex(signatures[trade.fill.uid][2:]),
            trade.fill.executed,
            trade.fill.fee,
            trade.fill.round_up,
            positions(trade.intent.gives),
            positions(trade.intent.wants),
        )
        for trade in checked.trades
    ]
    interactions = [_interaction(item, index, pools, batch.executor) for item in solution.interactions]
    cover = [solution.cover.get(token, 0) for token in tokens]
    value = (tokens, [solution.prices[token] for token in tokens], cover, fills, interactions)
    return encode([_SOLUTION], [value])


def _intent(intent: Intent) -> tuple[object, ...]:
    def legs(side: tuple[Leg, ...]) -> list[tuple[str, int, int]]:
        return [(leg.token, leg.start, leg.end) for leg in side]

    return (
        intent.owner,
        intent.receiver,
        legs(intent.gives),
        legs(intent.wants),
        0 if intent.kind is Kind.SELL else 1,
        0 if intent.fill is FillRule.WHOLE else 1,
        intent.min_fill,
        intent.valid_from,
        intent.decay_to,
        intent.valid_to,
        intent.nonce,
        bytes.fromhex(intent.terms[2:]),
    )


def _interaction(
    item: Interaction, index: Mapping[str, int], pools: Mapping[str, Pool], executor: str
) -> tuple[object, ...]:
    inputs, outputs = flows(item, pools)
    declared = ([(index[t], a) for t, a in inputs], [(index[t], a) for t, a in outputs])
    if isinstance(item, Call):
        allowances = [(a.token, a.spender, a.amount) for a in item.allowances]
        return (item.target, bytes.fromhex(item.data[2:]), allowances, *declared)
    return (*_swap(item, pools[item.pool], executor), *declared)


def _swap(item: PoolSwap, pool: Pool, executor: str) -> tuple[str, bytes, list[tuple[str, str, int]]]:
    # The least output is zero: a shortfall is made up from the solver's cover, or reverts the solution.
    arguments = encode(["address", "uint256", "uint256", "address"], [item.token_in, item.amount_in, 0, executor])
    return pool.address, _SWAP + arguments, [(item.token_in, pool.address, item.amount_in)]


def encode_settle(entries: Sequence[tuple[Award, bytes]]) -> bytes:
    """Calldata of ``settle``."""
    return _SETTLE + encode([f"{_ENTRY}[]"], [_entries(entries)])


def encode_preview(entries: Sequence[tuple[Award, bytes]], probes: Sequence[tuple[str, str]]) -> bytes:
    """Calldata of ``preview``; ``probes`` are (token, account) whose balance changes are asked for."""
    return _PREVIEW + encode([f"{_ENTRY}[]", "(address,address)[]"], [_entries(entries), list(probes)])


def _entries(entries: Sequence[tuple[Award, bytes]]) -> list[tuple[object, bytes]]:
    return [
        ((a.round, a.solver, a.gas_limit, a.deadline, bytes.fromhex(a.signature[2:])), solution)
        for a, solution in entries
    ]


def decode_previewed(data: bytes) -> tuple[list[Outcome], list[int]] | None:
    """Outcomes and balance changes out of the revert data of ``preview``; None if it is another error."""
    if data[:4] != _PREVIEWED:
        return None
    outcomes, changes = decode([f"{_OUTCOME}[]", "int256[]"], data[4:])
    return [Outcome(*outcome) for outcome in outcomes], list(changes)


def calldata_gas(data: bytes) -> int:
    """EIP-2028: 4 gas a zero byte, 16 any other."""
    zeros = data.count(0)
    return 4 * zeros + 16 * (len(data) - zeros)


def least_gas(data: bytes) -> int:
    """The least gas limit of a transaction with this calldata (EIP-7623): 10 gas a zero byte, 40 any other."""
    zeros = data.count(0)
    return 21_000 + 10 * zeros + 40 * (len(data) - zeros)


@dataclass(frozen=True, slots=True)
class DecodedFill:
    """A fill as the transaction carried it."""

    intent: Intent
    executed: int
    fee: int
    round_up: int


@dataclass(frozen=True, slots=True)
class DecodedSolution:
    """A solution as the transaction carried it."""

    prices: Mapping[str, int]
    fills: tuple[DecodedFill, ...]


def decode_settle(data: bytes) -> list[DecodedSolution]:
    """The solutions in the calldata of a settlement, for auditors. Raises ``ValueError`` for other calldata."""
    if data[:4] != _SETTLE:
        raise ValueError(f"not the calldata of settle: 0x{data[:4].hex()}")
    (entries,) = decode([f"{_ENTRY}[]"], data[4:])
    return [_decode_solution(solution) for _, solution in entries]


def _decode_solution(data: bytes) -> DecodedSolution:
    ((tokens, prices, _, fills, _),) = decode([_SOLUTION], data)
    return DecodedSolution(
        dict(zip(tokens, prices, strict=True)),
        tuple(DecodedFill(_decode_intent(fill[0]), fill[2], fill[3], fill[4]) for fill in fills),
    )


def _decode_intent(value: tuple[Any, ...]) -> Intent:
    owner, receiver, gives, wants, kind, fill, min_fill, valid_from, decay_to, valid_to, nonce, terms = value
    return Intent(
        owner,
        receiver,
        tuple(Leg(*leg) for leg in gives),
        tuple(Leg(*leg) for leg in wants),
        (Kind.SELL, Kind.BUY)[kind],
        (FillRule.WHOLE, FillRule.PARTIAL)[fill],
        min_fill,
        valid_from,
        decay_to,
        valid_to,
        nonce,
        "0x" + terms.hex(),
    )
