"""What ``POST /solve`` answers, and what ``POST /notify`` tells afterwards."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from walras.cow.base import Address, CowMessage, Hex, OrderUid, Uint

_OPTIONAL = Field(exclude_if=lambda value: value is None)


class Fulfillment(CowMessage):
    """An order's execution: sell atoms before the fee, or buy atoms; the fee in sell atoms."""

    kind: Literal["fulfillment"] = "fulfillment"
    order: OrderUid
    executed_amount: Uint
    fee: Annotated[Uint | None, _OPTIONAL] = None


class JitTrade(CowMessage):
    """An order that the engine brings with it; read only to be refused."""

    kind: Literal["jit"] = "jit"
    executed_amount: Uint


class LiquidityInteraction(CowMessage):
    """A swap through liquidity of the auction, by its id."""

    kind: Literal["liquidity"] = "liquidity"
    internalize: bool = False
    id: Annotated[str, Field(max_length=128)]
    input_token: Address
    output_token: Address
    input_amount: Uint
    output_amount: Uint


class CowFlow(CowMessage):
    token: Address
    amount: Uint


class CowAllowance(CowMessage):
    token: Address
    spender: Address
    amount: Uint


class CustomInteraction(CowMessage):
    """Any call, with what it takes and gives, and the allowances that it needs."""

    kind: Literal["custom"] = "custom"
    internalize: bool = False
    target: Address
    value: Uint = 0
    call_data: Hex
    allowances: tuple[CowAllowance, ...] = ()
    inputs: tuple[CowFlow, ...] = ()
    outputs: tuple[CowFlow, ...] = ()


Trade = Annotated[Fulfillment | JitTrade, Field(discriminator="kind")]
CowInteraction = Annotated[LiquidityInteraction | CustomInteraction, Field(discriminator="kind")]


class CowSolution(CowMessage):
    """One solution: relative prices of any scale, trades, interactions in the order in which they run."""

    id: Annotated[int, Field(ge=0, lt=2**64)]
    prices: dict[Address, Uint]
    trades: tuple[Trade, ...]
    interactions: tuple[CowInteraction, ...] = ()
    pre_interactions: tuple[Any, ...] = ()
    post_interactions: tuple[Any, ...] = ()
    gas: Annotated[int | None, _OPTIONAL] = None
    flashloans: Annotated[dict[str, Any] | None, _OPTIONAL] = None
    wrappers: tuple[Any, ...] = ()


class CowError(CowMessage):
    code: str = "other"
    message: str | None = None


class CowResponse(CowMessage):
    """Solutions, or why there are none."""

    solutions: tuple[CowSolution, ...] = ()
    error: Annotated[CowError | None, _OPTIONAL] = None


class Notification(CowMessage):
    """What became of a solution; further fields depend on the kind and are not read."""

    auction_id: str | int | None = None
    solution_id: int | tuple[int, ...] | None = None
    kind: str
    reason: str | None = None
    transaction: Any = None
