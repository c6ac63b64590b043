"""The signed intent: the one thing a trader signs (DESIGN §4).

Amounts are integers of token atoms, times are Unix seconds, addresses are lower-case ``0x`` strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from walras.atoms import U256_MAX
from walras.rejections import Reason, Rejection

NATIVE: Final = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
ZERO_ADDRESS: Final = "0x" + "00" * 20
NO_TERMS: Final = "0x" + "00" * 32
MAX_LEGS: Final = 8
U48_MAX: Final = 2**48 - 1
EPOCH_SHIFT: Final = 192

_ADDRESS = re.compile(r"0x[0-9a-f]{40}\Z")
_WORD = re.compile(r"0x[0-9a-f]{64}\Z")


def is_address(text: str) -> bool:
    """Whether ``text`` is ``0x`` and 40 lower-case hexadecimal digits."""
    return _ADDRESS.match(text) is not None


class Kind(StrEnum):
    """Which side is exact."""

    SELL = "sell"
    BUY = "buy"


class FillRule(StrEnum):
    """Whether a part may be filled."""

    WHOLE = "whole"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Leg:
    """One token of one side: its bound moves from ``start`` to ``end`` between ``validFrom`` and ``decayTo``."""

    token: str
    start: int
    end: int

    @classmethod
    def fixed(cls, token: str, amount: int) -> Leg:
        return cls(token.lower(), amount, amount)

    @property
    def moves(self) -> bool:
        return self.start != self.end


@dataclass(frozen=True, slots=True)
class Intent:
    """Give at most ``gives``, get at least ``wants``, between ``valid_from`` and ``valid_to``.

    Build one with :meth:`sell` or :meth:`buy`, or spell out every field. The constructor does not
    check; :func:`check_structure` does, and everything that receives an intent calls it.
    """

    owner: str
    receiver: str
    gives: tuple[Leg, ...]
    wants: tuple[Leg, ...]
    kind: Kind
    fill: FillRule
    min_fill: int
    valid_from: int
    decay_to: int
    valid_to: int
    nonce: int
    terms: str = NO_TERMS

    @classmethod
    def sell(
        cls,
        owner: str,
        give: tuple[str, int],
        want: tuple[str, int],
        *,
        valid_to: int,
        nonce: int,
        fill: FillRule = FillRule.PARTIAL,
        min_fill: int | None = None,
        valid_from: int = 0,
        receiver: str = ZERO_ADDRESS,
        terms: str = NO_TERMS,
    ) -> Intent:
        """Give exactly ``give`` (token, atoms) for at least ``want`` (token, atoms); ``terms`` as ``Terms.hash()``."""
        gives, wants = (Leg.fixed(*give),), (Leg.fixed(*want),)
        least = give[1] if fill is FillRule.WHOLE else (1 if min_fill is None else min_fill)
        return cls(
            owner.lower(),
            receiver.lower(),
            gives,
            wants,
            Kind.SELL,
            fill,
            least,
            valid_from,
            valid_from,
            valid_to,
            nonce,
            terms,
        )

    @classmethod
    def buy(
        cls,
        owner: str,
        want: tuple[str, int],
        give: tuple[str, int],
        *,
        valid_to: int,
        nonce: int,
        fill: FillRule = FillRule.PARTIAL,
        min_fill: int | None = None,
        valid_from: int = 0,
        receiver: str = ZERO_ADDRESS,
        terms: str = NO_TERMS,
    ) -> Intent:
        """Get exactly ``want`` (token, atoms) for at most ``give`` (token, atoms); ``terms`` as ``Terms.hash()``."""
        gives, wants = (Leg.fixed(*give),), (Leg.fixed(*want),)
        least = want[1] if fill is FillRule.WHOLE else (1 if min_fill is None else min_fill)
        return cls(
            owner.lower(),
            receiver.lower(),
            gives,
            wants,
            Kind.BUY,
            fill,
            least,
            valid_from,
            valid_from,
            valid_to,
            nonce,
            terms,
        )

    @property
    def fixed_side(self) -> tuple[Leg, ...]:
        """The side that is exact: gives of a sell, wants of a buy."""
        return self.gives if self.kind is Kind.SELL else self.wants

    @property
    def moving_side(self) -> tuple[Leg, ...]:
        """The side that carries the surplus."""
        return self.wants if self.kind is Kind.SELL else self.gives

    @property
    def full_amount(self) -> int:
        """Atoms of the fixed side's first leg when wholly filled."""
        return self.fixed_side[0].start

    @property
    def epoch(self) -> int:
        return self.nonce >> EPOCH_SHIFT

    @property
    def payee(self) -> str:
        """Who receives: ``receiver``, or the owner if that is zero."""
        return self.owner if self.receiver == ZERO_ADDRESS else self.receiver


def bound_at(leg: Leg, intent: Intent, time: int, *, give: bool) -> int:
    """The leg's signed bound at Unix second ``time``; interpolation rounds in the trader's favour.

    A give's bound is rounded down, a want's up. Linear as in DESIGN §4.
    """
    if not leg.moves or time >= intent.decay_to:
        return leg.end
    if time <= intent.valid_from:
        return leg.start
    elapsed, duration = time - intent.valid_from, intent.decay_to - intent.valid_from
    if give:
        return leg.start + (leg.end - leg.start) * elapsed // duration
    return leg.start - (leg.start - leg.end) * elapsed // duration


def check_structure(intent: Intent, *, wrapped_native: str = "", house_contracts: frozenset[str] = frozenset()) -> None:
    """Raise :class:`Rejection` naming the field unless the intent obeys every structural rule of DESIGN §4."""
    _check_words(intent)
    _check_legs(intent, wrapped_native)
    _check_times(intent)
    if not 1 <= intent.min_fill <= intent.full_amount:
        raise Rejection(Reason.BAD_MIN_FILL, "minFill", f"minFill must lie in 1..{intent.full_amount}")
    if intent.fill is FillRule.WHOLE and intent.min_fill != intent.full_amount:
        raise Rejection(Reason.BAD_MIN_FILL, "minFill", "a whole intent sets minFill to its full amount")
    if intent.receiver in house_contracts:
        raise Rejection(Reason.BAD_RECEIVER, "receiver", "the receiver may not be a contract of the house")


def _check_words(intent: Intent) -> None:
    for name, address in (("owner", intent.owner), ("receiver", intent.receiver)):
        if not _ADDRESS.match(address):
            raise Rejection(Reason.MALFORMED, name, "an address is 0x and 40 lower-case hexadecimal digits")
    if intent.owner == ZERO_ADDRESS:
        raise Rejection(Reason.MALFORMED, "owner", "the owner may not be the zero address")
    if not _WORD.match(intent.terms):
        raise Rejection(Reason.MALFORMED, "terms", "terms is 0x and 64 lower-case hexadecimal digits")
    if not 0 <= intent.nonce <= U256_MAX:
        raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, "nonce", "a nonce lies in 0..2^256-1")


def _check_legs(intent: Intent, wrapped_native: str) -> None:
    seen: set[str] = set()
    for side, legs, give in (("gives", intent.gives, True), ("wants", intent.wants, False)):
        if not 1 <= len(legs) <= MAX_LEGS:
            raise Rejection(Reason.TOO_MANY_LEGS, side, f"{len(legs)} legs; a side has 1 to {MAX_LEGS}")
        fixed = give is (intent.kind is Kind.SELL)
        for index, leg in enumerate(legs):
            _check_leg(leg, f"{side}[{index}]", give=give, fixed=fixed)
            token = wrapped_native if leg.token == NATIVE and wrapped_native else leg.token
            if token in seen:
                raise Rejection(Reason.SAME_TOKEN, f"{side}[{index}].token", f"token {leg.token} appears twice")
            seen.add(token)


def _check_leg(leg: Leg, field: str, *, give: bool, fixed: bool) -> None:
    if not _ADDRESS.match(leg.token) or leg.token == ZERO_ADDRESS:
        raise Rejection(Reason.MALFORMED, f"{field}.token", "a token is a non-zero lower-case address")
    if give and leg.token == NATIVE:
        raise Rejection(
            Reason.NATIVE_GIVE, f"{field}.token", "the native coin can be wanted, not given; give its wrapped token"
        )
    for name, amount in (("start", leg.start), ("end", leg.end)):
        if amount == 0:
            raise Rejection(Reason.ZERO_AMOUNT, f"{field}.{name}", "an amount is greater than zero")
        if not 0 < amount <= U256_MAX:
            raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, f"{field}.{name}", "an amount lies in 1..2^256-1")
    if fixed and leg.moves:
        raise Rejection(Reason.BAD_DUTCH, field, "the exact side may not move: start must equal end")
    if give and leg.start > leg.end:
        raise Rejection(Reason.BAD_DUTCH, field, "a give never falls: start <= end")
    if not give and leg.start < leg.end:
        raise Rejection(Reason.BAD_DUTCH, field, "a want never rises: start >= end")


def _check_times(intent: Intent) -> None:
    for name, value in (("validFrom", intent.valid_from), ("decayTo", intent.decay_to), ("validTo", intent.valid_to)):
        if not 0 <= value <= U48_MAX:
            raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, name, "a time lies in 0..2^48-1 seconds")
    if any(leg.moves for leg in intent.moving_side):
        if not 0 < intent.valid_from < intent.decay_to <= intent.valid_to:
            raise Rejection(Reason.BAD_DUTCH, "decayTo", "moving bounds need 0 < validFrom < decayTo <= validTo")
    elif intent.decay_to != intent.valid_from:
        raise Rejection(Reason.BAD_DUTCH, "decayTo", "without moving bounds decayTo equals validFrom")
    if intent.valid_to < intent.valid_from:
        raise Rejection(Reason.BAD_WINDOW, "validTo", "validTo lies before validFrom")
