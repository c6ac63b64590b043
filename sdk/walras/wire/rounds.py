"""A round as solvers see it: the batch, solutions, and what became of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, FailFast, Field

from walras.signing import Scheme
from walras.wire.base import Address, Atoms, Bytes, Hash, Seconds, TermsData, Wire, short_mapping
from walras.wire.intents import IntentMessage
from walras.wire.pools import AnyPool


class TokenInfo(Wire):
    """A token of the batch. ``price`` is wei of the native coin per 10^18 atoms, absent if there is none."""

    address: Address
    symbol: str
    decimals: int
    price: Atoms | None = None


class OpenIntent(Wire):
    """An intent of the batch. ``remaining`` is what is left of the fixed side's first leg.

    ``scheme`` says how its owner signed it; a settlement pays for the dearer ones. ``termsData`` are the bytes of its
    terms (see ``walras.terms``): shares that the fee must hold, a window for one solver, a bound on price impact.
    """

    uid: Hash
    sequence: int
    remaining: Atoms
    intent: IntentMessage
    scheme: Annotated[Scheme, Field(exclude_if=lambda value: value is Scheme.ECDSA)] = Scheme.ECDSA
    terms_data: TermsData = None


class Funds(Wire):
    """What the vault can take of ``token`` from ``owner``: the lesser of balance and allowance."""

    owner: Address
    token: Address
    available: Atoms


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
    pools: tuple[AnyPool, ...] = ()

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
    """A swap through a pool of the batch; the house encodes the call. ``amountOut`` is the declared output.

    ``tokenOut`` may be left out if the pool holds two tokens.
    """

    kind: Literal["pool"] = "pool"
    pool: Annotated[str, Field(max_length=128)]
    token_in: Address
    amount_in: Atoms
    amount_out: Atoms
    token_out: Annotated[Address | None, Field(exclude_if=lambda value: value is None)] = None


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
    prices: Annotated[dict[Address, Atoms], BeforeValidator(short_mapping(128))]
    fills: Annotated[tuple[Fill, ...], FailFast(), Field(max_length=10_000)]
    interactions: Annotated[tuple[Interaction, ...], FailFast(), Field(max_length=64)] = ()
    cover: Annotated[dict[Address, Atoms], BeforeValidator(short_mapping(16))] = Field(default_factory=dict)


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
