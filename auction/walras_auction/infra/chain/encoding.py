"""Calldata of the settlement, and solutions in plain ABI encoding. ABI coding itself is ``eth_abi``'s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eth_abi.abi import decode, encode
from walras.amounts import priced_token
from walras.digest import keccak
from walras.intent import FillRule, Intent, Kind, Leg
from walras.wire import Batch

from walras_auction.bids import Checked
from walras_auction.infra.chain.packing import pack
from walras_auction.infra.chain.solution import DecodedFill, DecodedInteraction, DecodedSolution, settled_as
from walras_auction.infra.chain.unpacking import unpack

__all__ = ["DecodedFill", "DecodedInteraction", "DecodedSolution"]

_LEG = "(address,uint256,uint256)"
_INTENT = f"(address,address,{_LEG}[],{_LEG}[],uint8,uint8,uint256,uint48,uint48,uint48,uint256,bytes32)"
_FILL = f"({_INTENT},uint8,bytes,uint256,uint256,uint256,uint8[],uint8[],bytes)"
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
    """The packed solution that ``settle`` takes; ``signatures`` by uid."""
    return pack(settled_as(checked, signatures, batch), batch.wrapped_native)


def encode_solution_plain(solution: DecodedSolution, wrapped_native: str) -> bytes:
    """``abi.encode(Solution)``, which the settlement's plain twin takes."""
    tokens = list(solution.prices)
    index = {token: place for place, token in enumerate(tokens)}
    fills = [_plain_fill(fill, index, wrapped_native) for fill in solution.fills]
    interactions = [_plain_interaction(item, index) for item in solution.interactions]
    cover = [solution.cover.get(token, 0) for token in tokens]
    return encode([_SOLUTION], [(tokens, list(solution.prices.values()), cover, fills, interactions)])


def _plain_fill(fill: DecodedFill, index: Mapping[str, int], wrapped_native: str) -> tuple[object, ...]:
    def places(legs: tuple[Leg, ...]) -> list[int]:
        return [index[priced_token(leg.token, wrapped_native)] for leg in legs]

    intent = fill.intent
    amounts = (fill.executed, fill.fee, fill.round_up)
    indices = (places(intent.gives), places(intent.wants))
    return (_plain_intent(intent), fill.scheme, fill.signature, *amounts, *indices, fill.terms)


def _plain_intent(intent: Intent) -> tuple[object, ...]:
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


def _plain_interaction(item: DecodedInteraction, index: Mapping[str, int]) -> tuple[object, ...]:
    inputs, outputs = ([(index[token], amount) for token, amount in flows] for flows in (item.inputs, item.outputs))
    return (item.target, item.data, list(item.allowances), inputs, outputs)


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


def decode_settle(data: bytes) -> list[DecodedSolution]:
    """The solutions in the calldata of a settlement, for auditors. Raises ``ValueError`` for other calldata."""
    if data[:4] != _SETTLE:
        raise ValueError(f"not the calldata of settle: 0x{data[:4].hex()}")
    (entries,) = decode([f"{_ENTRY}[]"], data[4:])
    return [unpack(solution) for _, solution in entries]
