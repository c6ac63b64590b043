"""What travels: intents, batches, solutions, receipts and statuses, as strict JSON models.

Amounts travel as decimal strings (JSON numbers lose digits above 2^53), addresses and hashes as ``0x``
strings, times as integers of Unix seconds. Unknown fields are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from walras.atoms import U256_MAX
from walras.intent import NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg


def _parse_atoms(value: Any) -> int:
    """A decimal string without sign, leading zero or exponent, up to 2^256-1; inside Python also an int."""
    if isinstance(value, str):
        if len(value) > 78 or not (value.isascii() and value.isdigit()) or (value[0] == "0" and value != "0"):
            raise ValueError("expected a decimal string of atoms")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected a decimal string of atoms")
    if not 0 <= value <= U256_MAX:
        raise ValueError("an amount lies in 0..2^256-1")
    return value


def _short(most: int) -> Callable[[Any], Any]:
    """Refuses a mapping of more than ``most`` entries before any of them is looked at."""

    def check(value: Any) -> Any:
        if isinstance(value, dict) and len(value) > most:
            raise ValueError(f"{len(value)} entries; at most {most} are read")
        return value

    return check


_HEX_SCHEMA = {"type": "string", "pattern": "^0x[0-9a-fA-F]*$"}

Atoms = Annotated[
    int,
    BeforeValidator(_parse_atoms),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$", "examples": ["1000000000000000000"]}),
]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$"), AfterValidator(str.lower)]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
Bytes = Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2})*$"), AfterValidator(str.lower)]
Seconds = Annotated[int, Field(ge=0, lt=2**48, strict=True)]


class Wire(BaseModel):
    """Base of all messages: frozen, strict, camelCase on the wire, snake_case in Python."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """The message as JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no white space: the bytes that are hashed, stored and compared."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class LegMessage(Wire):
    token: Address
    start: Atoms
    end: Atoms


class IntentMessage(Wire):
    """An :class:`~walras.intent.Intent` on the wire; field names are those of the signed EIP-712 struct."""

    owner: Address
    receiver: Address = ZERO_ADDRESS
    gives: Annotated[tuple[LegMessage, ...], Field(max_length=64)]
    wants: Annotated[tuple[LegMessage, ...], Field(max_length=64)]
    kind: Kind
    fill: FillRule
    min_fill: Atoms
    valid_from: Seconds
    decay_to: Seconds
    valid_to: Seconds
    nonce: Atoms
    terms: Hash = NO_TERMS

    @classmethod
    def of(cls, intent: Intent) -> IntentMessage:
        def legs(side: tuple[Leg, ...]) -> tuple[LegMessage, ...]:
            return tuple(LegMessage(token=leg.token, start=leg.start, end=leg.end) for leg in side)

        return cls(
            owner=intent.owner,
            receiver=intent.receiver,
            gives=legs(intent.gives),
            wants=legs(intent.wants),
            kind=intent.kind,
            fill=intent.fill,
            min_fill=intent.min_fill,
            valid_from=intent.valid_from,
            decay_to=intent.decay_to,
            valid_to=intent.valid_to,
            nonce=intent.nonce,
            terms=intent.terms,
        )

    def intent(self) -> Intent:
        def legs(side: tuple[LegMessage, ...]) -> tuple[Leg, ...]:
            return tuple(Leg(leg.token, leg.start, leg.end) for leg in side)

        return Intent(
            owner=self.owner,
            receiver=self.receiver,
            gives=legs(self.gives),
            wants=legs(self.wants),
            kind=self.kind,
            fill=self.fill,
            min_fill=self.min_fill,
            valid_from=self.valid_from,
            decay_to=self.decay_to,
            valid_to=self.valid_to,
            nonce=self.nonce,
            terms=self.terms,
        )


class PermitMessage(Wire):
    """An EIP-2612 permit for the vault, sent beside an intent; the house relays it."""

    token: Address
    value: Atoms
    deadline: Atoms
    signature: Bytes


class SubmitRequest(Wire):
    """A signed intent as submitted. ``chainId`` and ``settlement`` name the domain it was signed for."""

    chain_id: Annotated[int, Field(strict=True, ge=0)]
    settlement: Address
    intent: IntentMessage
    signature: Bytes
    permits: Annotated[tuple[PermitMessage, ...], Field(max_length=8)] = ()


class CancelRequest(Wire):
    """An owner's signed wish to withdraw one intent (EIP-712 ``Cancel(address owner,bytes32 uid)``)."""

    owner: Address
    uid: Hash
    signature: Bytes


class Receipt(Wire):
    """The house's signed word that a log entry has this place (EIP-712 ``Receipt``, see ``walras.digest``)."""

    kind: Literal["intent", "cancel"]
    epoch: int
    sequence: int
    time: Seconds
    uid: Hash
    previous: Hash
    head: Hash
    signature: Bytes


class Problem(Wire):
    """RFC 9457 problem document; ``reason`` is a member of ``walras.rejections.Reason``."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=to_camel, validate_by_name=True)

    type: str
    title: str
    status: int
    detail: str
    reason: str
    field: str = ""


# ---------------------------------------------------------------- a round, as solvers see it


class TokenInfo(Wire):
    """A token of the batch. ``price`` is wei of the native coin per 10^18 atoms, absent if there is none."""

    address: Address
    symbol: str
    decimals: int
    price: Atoms | None = None


class OpenIntent(Wire):
    """An intent of the batch. ``remaining`` is what is left of the fixed side's first leg."""

    uid: Hash
    sequence: int
    remaining: Atoms
    intent: IntentMessage


class Funds(Wire):
    """What the vault can take of ``token`` from ``owner``: the lesser of balance and allowance."""

    owner: Address
    token: Address
    available: Atoms


class Pool(Wire):
    """A constant-product pool: out = floor(rOut·in·(10^6−fee) / (rIn·10^6 + in·(10^6−fee)))."""

    id: str
    kind: Literal["constantProduct"] = "constantProduct"
    address: Address
    token0: Address
    token1: Address
    reserve0: Atoms
    reserve1: Atoms
    fee_ppm: int

    def amount_out(self, token_in: str, amount_in: int) -> int:
        """Atoms that a swap of ``amount_in`` atoms pays out now, rounded down as the pool itself rounds."""
        into, out = (self.reserve0, self.reserve1) if token_in == self.token0 else (self.reserve1, self.reserve0)
        kept = amount_in * (10**6 - self.fee_ppm)
        return out * kept // (into * 10**6 + kept)


class GasTerms(Wire):
    """What gas costs in this round, and what the house expects a settlement to use.

    A solution of n fills and m interactions is expected to use ``base + n·perFill + m·perInteraction`` gas.
    A fill's fee may be worth at most its share of the *simulated* gas plus ``marginBps``; all fees together
    must be worth the simulated gas. No solution can use more than ``limit`` gas.
    """

    price: Atoms
    base: int
    per_fill: int
    per_interaction: int
    margin_bps: int
    limit: int = 14_000_000


class Batch(Wire):
    """Everything a solver needs to bid in one round.

    ``time`` is the earliest second a settlement can land and ``settle_by`` the latest (0: the same second).
    """

    round: int
    chain_id: int
    settlement: Address
    vault: Address
    executor: Address
    wrapped_native: Address
    block: int
    time: Seconds
    settle_by: Seconds = 0
    deadline_ms: int
    max_solutions: int
    guard_bps: int | None = None
    gas: GasTerms
    tokens: tuple[TokenInfo, ...]
    intents: tuple[OpenIntent, ...]
    funds: tuple[Funds, ...]
    pools: tuple[Pool, ...] = ()

    def gas_fee(self, token: str, fills: int = 1, interactions: int = 0) -> int | None:
        """Atoms of ``token`` that pay one fill's share of the gas expected of such a solution, rounded up.

        None if the token has no reference price.
        """
        price = next((info.price for info in self.tokens if info.address == token), None)
        if not price:
            return None
        gas = self.gas.base + fills * self.gas.per_fill + interactions * self.gas.per_interaction
        return -(-gas * self.gas.price * 10**18 // (fills * price))


class Fill(Wire):
    """One fill: ``executed`` atoms of the fixed side's first leg, ``fee`` atoms of the first give.

    Bit i of ``roundUp`` rounds the i-th leg of the moving side up instead of down.
    """

    uid: Hash
    executed: Atoms
    fee: Atoms = 0
    round_up: Annotated[int, Field(ge=0, lt=256, strict=True)] = 0


class PoolSwap(Wire):
    """A swap through a pool of the batch; the house encodes the call. ``amountOut`` is the declared output."""

    kind: Literal["pool"] = "pool"
    pool: Annotated[str, Field(max_length=128)]
    token_in: Address
    amount_in: Atoms
    amount_out: Atoms


class TokenAmount(Wire):
    token: Address
    amount: Atoms


class Allowance(Wire):
    token: Address
    spender: Address
    amount: Atoms


class Call(Wire):
    """Any other call on outside liquidity, run by the Executor with exact allowances."""

    kind: Literal["call"] = "call"
    target: Address
    data: Bytes
    allowances: Annotated[tuple[Allowance, ...], Field(max_length=16)] = ()
    inputs: Annotated[tuple[TokenAmount, ...], Field(max_length=16)] = ()
    outputs: Annotated[tuple[TokenAmount, ...], Field(max_length=16)] = ()


Interaction = Annotated[PoolSwap | Call, Field(discriminator="kind")]


class Solution(Wire):
    """One sealed bid: prices (one positive integer a token, any scale), fills, interactions, cover (DESIGN §5)."""

    id: Annotated[int, Field(strict=True, ge=0, lt=2**63)]
    prices: Annotated[dict[Address, Atoms], BeforeValidator(_short(255))]
    fills: Annotated[tuple[Fill, ...], FailFast(), Field(max_length=10_000)]
    interactions: Annotated[tuple[Interaction, ...], FailFast(), Field(max_length=64)] = ()
    cover: Annotated[dict[Address, Atoms], BeforeValidator(_short(16))] = {}


class Answer(Wire):
    """A solver's whole answer to one round."""

    round: int
    solutions: Annotated[tuple[Solution, ...], FailFast(), Field(max_length=1_000)]


class Notice(Wire):
    """What became of one solution of a solver, sent to it after the round."""

    round: int
    solution: int
    status: str
    reason: str | None = None
    detail: str = ""
    score: str = "0"


# ---------------------------------------------------------------- what owners read


class FillReport(Wire):
    """One settled fill of an intent: executed amounts a leg in the intent's order, and where to find it."""

    round: int
    solver: str
    transaction: Hash
    block: int
    gives: tuple[Atoms, ...]
    wants: tuple[Atoms, ...]
    fee: Atoms
    surplus: Atoms
    prices: dict[Address, Atoms]


class IntentStatus(Wire):
    """Where an intent stands. ``reason`` says why it is (still) unfilled."""

    uid: Hash
    state: Literal["open", "filled", "cancelled", "expired", "parked"]
    intent: IntentMessage
    executed: Atoms
    remaining: Atoms
    fills: tuple[FillReport, ...] = ()
    reason: str | None = None
    detail: str = ""
    receipt: Receipt


class HouseInfo(Wire):
    """What a client needs to sign for this house."""

    name: str
    version: str
    chain_id: int
    settlement: Address
    vault: Address
    executor: Address
    registry: Address
    treasury: Address
    wrapped_native: Address
    house_signer: Address
    log_epoch: int
    max_body_bytes: int
    max_future_seconds: int
    round_seconds: int
    time: Seconds
    tokens: tuple[TokenInfo, ...]
