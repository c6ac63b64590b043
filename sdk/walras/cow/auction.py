"""``POST /solve`` as it comes: the auction, its tokens and its orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer

from walras.cow.base import Address, CowMessage, Hex, OrderUid, Uint


def _spelled(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Deadline = Annotated[AwareDatetime, PlainSerializer(_spelled, return_type=str, when_used="json")]
AuctionId = Annotated[
    Annotated[str, Field(pattern=r"^-?[0-9]{1,19}$")] | None,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
]


class CowToken(CowMessage):
    """A token. ``referencePrice`` is wei per 10^18 atoms; ``availableBalance`` the settlement contract's buffer."""

    decimals: int | None = None
    symbol: str | None = None
    reference_price: Uint | None = None
    available_balance: Uint = 0
    trusted: bool = False


class CowOrder(CowMessage):
    """An order. ``sellAmount`` and ``buyAmount`` are what may still execute; the ``full`` ones were signed."""

    uid: OrderUid
    sell_token: Address
    buy_token: Address
    sell_amount: Uint
    buy_amount: Uint
    full_sell_amount: Uint
    full_buy_amount: Uint
    valid_to: int
    kind: Literal["sell", "buy"]
    owner: Address
    receiver: Address | None = None
    partially_fillable: bool
    class_: Annotated[str, Field(alias="class")]
    fee_policies: tuple[Any, ...] | None = None
    pre_interactions: tuple[Any, ...] = ()
    post_interactions: tuple[Any, ...] = ()
    sell_token_source: str = "erc20"  # noqa: S105 -- where the tokens come from
    buy_token_destination: str = "erc20"  # noqa: S105
    app_data: Hex = "0x" + "00" * 32
    flashloan_hint: Any = None
    wrappers: tuple[Any, ...] = ()
    signing_scheme: str = "eip712"
    signature: Hex = "0x"

    @property
    def sells(self) -> bool:
        return self.kind == "sell"

    @property
    def pays_fee(self) -> bool:
        """Limit orders pay for their gas in the sell token; market orders have paid by what was quoted."""
        return self.class_ == "limit"


class CowAuction(CowMessage):
    """The whole request. Orders and liquidity are read one by one, so that a strange one costs only itself."""

    id: AuctionId = None
    tokens: dict[Address, CowToken]
    orders: tuple[Any, ...]
    liquidity: tuple[Any, ...]
    effective_gas_price: Uint
    deadline: Deadline
    surplus_capturing_jit_order_owners: tuple[Any, ...] = ()

    @property
    def is_quote(self) -> bool:
        """Quotes have no number: nothing of them settles, only the price matters."""
        return self.id is None
