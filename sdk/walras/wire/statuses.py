"""What owners read: fills, standing, and the house itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from walras.wire.base import Address, Atoms, Hash, Seconds, Wire
from walras.wire.intents import IntentMessage, Receipt
from walras.wire.rounds import TokenInfo


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
    """Where an intent stands. ``reason`` says why it is (still) unfilled; ``cancel`` is the receipt of its cancel."""

    uid: Hash
    state: Literal["open", "filled", "cancelled", "expired", "parked"]
    intent: IntentMessage
    executed: Atoms
    remaining: Atoms
    fills: tuple[FillReport, ...] = ()
    reason: str | None = None
    detail: str = ""
    receipt: Receipt
    cancel: Annotated[Receipt | None, Field(exclude_if=lambda value: value is None)] = None


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
