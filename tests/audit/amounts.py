"""The SDK's amounts against the contract's, on random fills: every amount, and every refusal with its reason.

    python -m tests.audit.amounts [--count 100000] [--seed 1]

What the contract must answer, to the byte, is computed here: the SDK's amounts if it accepts the fill, else the first
error in the contract's order of checks, with its values. The SDK checks in another order, so its reason must be that
of one of the rules that the fill breaks. Runs the shipped bytecode of `FillMathHarness` on anvil.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import encode
from walras.amounts import check_limits, fill_amounts, limits
from walras.atoms import ROUNDING_FLOOR, U128_MAX, U256_MAX, ceil_div, divide
from walras.intent import U48_MAX, ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.rejections import Reason, Rejection
from walras_auction.infra.chain.encoding import selector

from .node import Answer, answers
from .vectors import INTENT_ABI, abi_words

_TYPES = [INTENT_ABI, "uint256", "uint256", "uint256", "uint256", "uint256[]", "uint256[]"]
_CALL = selector(f"amounts({','.join(_TYPES)})")
#: Which reasons the SDK may give for a rule that the contract names.
FAMILIES: dict[str, set[Reason]] = {
    "AmountTooLarge": {Reason.AMOUNT_OVERFLOW, Reason.BAD_FEE},
    "ExecutedOutOfRange": {Reason.OVERFILL, Reason.ZERO_LEG},
    "FeeTooLarge": {Reason.BAD_FEE},
    "GiveAboveLimit": {Reason.LIMIT_VIOLATED},
    "RoundingAgainstTrader": {Reason.ROUNDING_AGAINST_TRADER},
    "RoundUpOutOfRange": {Reason.BAD_ROUNDING},
    "ValueOverflow": {Reason.AMOUNT_OVERFLOW},
    "WantBelowLimit": {Reason.LIMIT_VIOLATED},
    "ZeroLeg": {Reason.ZERO_LEG},
}

Error = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """One fill of one intent, with the prices of its legs in their order."""

    intent: Intent
    time: int
    executed: int
    fee: int
    round_up: int
    give_prices: tuple[int, ...]
    want_prices: tuple[int, ...]

    @property
    def prices(self) -> dict[str, int]:
        legs = (*self.intent.gives, *self.intent.wants)
        return {leg.token: price for leg, price in zip(legs, (*self.give_prices, *self.want_prices), strict=True)}

    @property
    def calldata(self) -> bytes:
        numbers = self.time, self.executed, self.fee, self.round_up
        return _CALL + encode(_TYPES, [abi_words(self.intent), *numbers, self.give_prices, self.want_prices])


# -- random fills


def cases(count: int, seed: int) -> Iterator[Case]:
    """Fills of which about half are good; of the others most break one rule."""
    draw = random.Random(seed)
    for _ in range(count):
        case = _good(draw)
        yield _spoiled(case, draw) if draw.random() < 0.2 else case


def _good(draw: random.Random) -> Case:
    size = draw.choice((8, 24, 64, 100, 127))
    sides = [_count(draw), _count(draw)]
    amounts = [[1 + draw.getrandbits(draw.randint(size // 2, size)) for _ in range(count)] for count in sides]
    kind, moving = draw.choice(list(Kind)), draw.random() < 0.3
    start = draw.randrange(1, 2**40)
    decay_to = start + draw.randrange(1, 2**20) if moving else start
    gives = tuple(_leg(draw, i, a, kind is Kind.BUY and moving, 1) for i, a in enumerate(amounts[0]))
    wants = tuple(_leg(draw, 8 + i, a, kind is Kind.SELL and moving, -1) for i, a in enumerate(amounts[1]))
    if not any(leg.moves for leg in (*gives, *wants)):
        decay_to = start
    window = (start, decay_to, min(U48_MAX, decay_to + draw.randrange(2**30)))
    owner = "0x" + "aa" * 20
    intent = Intent(owner, ZERO_ADDRESS, gives, wants, kind, FillRule.PARTIAL, 1, *window, draw.getrandbits(64))
    executed = intent.full_amount if draw.random() < 0.3 else draw.randint(1, intent.full_amount)
    give_prices = [1 + draw.getrandbits(draw.randint(1, 128 - size)) for _ in gives]
    fee = draw.choice((0, 0, draw.randrange(1 + (executed if kind is Kind.SELL else gives[0].start) // 100)))
    round_up = draw.getrandbits(len(intent.moving_side))
    time = draw.choice((window[0], window[1], draw.randint(window[0], window[2])))
    return Case(intent, time, executed, fee, round_up, tuple(give_prices), _rates(draw, gives, wants, give_prices))


def _count(draw: random.Random) -> int:
    return 1 if draw.random() < 0.6 else draw.randint(2, 8)


def _leg(draw: random.Random, index: int, amount: int, moves: bool, direction: int) -> Leg:
    token = "0x" + f"{index + 1:02x}" * 20
    other = min(U128_MAX, amount + draw.randrange(1 + amount // 10)) if moves else amount
    return Leg(token, amount, other) if direction > 0 else Leg(token, other, amount)


def _rates(draw: random.Random, gives: Sequence[Leg], wants: Sequence[Leg], prices: Sequence[int]) -> tuple[int, ...]:
    """Prices of the wants at which the gives are worth a little more than they must be."""
    value = sum(leg.start * price for leg, price in zip(gives, prices, strict=True))
    value = value * draw.randint(850, 1_002) // 1_000
    shares = [draw.randrange(1, 100) for _ in wants]
    rates = (value * share // (sum(shares) * leg.start) for leg, share in zip(wants, shares, strict=True))
    return tuple(min(U128_MAX, max(1, rate)) for rate in rates)


def _spoiled(case: Case, draw: random.Random) -> Case:
    full, most = case.intent.full_amount, U128_MAX
    change: dict[str, Any] = draw.choice(
        (
            {"executed": draw.choice((0, full + 1, U256_MAX))},
            {"fee": draw.choice((case.executed, full * 2, most, most + 1, U256_MAX))},
            {"round_up": draw.choice((1 << len(case.intent.moving_side), U256_MAX))},
            {"give_prices": tuple(draw.choice((1, most, draw.randint(1, most))) for _ in case.give_prices)},
            {"want_prices": tuple(draw.choice((1, most, draw.randint(1, most))) for _ in case.want_prices)},
            {"executed": min(full, 1 + draw.getrandbits(4))},
            {"intent": replace(case.intent, **_huge(case.intent)), "executed": most, "give_prices": _most(case)},
        )
    )
    return replace(case, **change)


def _huge(intent: Intent) -> dict[str, Any]:
    side = "gives" if intent.kind is Kind.SELL else "wants"
    return {side: tuple(Leg(leg.token, U128_MAX, U128_MAX) for leg in getattr(intent, side))}


def _most(case: Case) -> tuple[int, ...]:
    return (U128_MAX,) * len(case.give_prices)


# -- what the contract must answer


def broken(case: Case) -> Iterator[Error]:
    """Every rule that the fill breaks, in the order in which the contract looks at them."""
    intent, fee = case.intent, case.fee
    sells, full = intent.kind is Kind.SELL, intent.full_amount
    if fee > U128_MAX:
        yield "AmountTooLarge", (fee,)
    if not 1 <= case.executed <= full:
        yield "ExecutedOutOfRange", (case.executed, full)
        return
    fixed_prices, prices = (case.give_prices, case.want_prices)[:: 1 if sells else -1]
    fixed = [divide(case.executed * leg.start, full, up=not sells) for leg in intent.fixed_side]
    terms = [amount * price for amount, price in zip(fixed, fixed_prices, strict=True)]
    yield from _fixed_side(fixed, terms)
    value, fee_value = sum(terms), fee * case.give_prices[0]
    if sells:
        if fee >= fixed[0]:
            yield "FeeTooLarge", (fee, fixed[0])
        value -= fee_value
    else:
        value += fee_value
        if value > U256_MAX:
            yield "ValueOverflow", ()
    if case.round_up >> len(prices):
        yield "RoundUpOutOfRange", (case.round_up, len(prices))
        return
    if value <= 0:
        return
    moving = yield from _moving_side(case, value, prices)
    if not sells and fee >= moving[0]:
        yield "FeeTooLarge", (fee, moving[0])
    for i, (amount, limit) in enumerate(zip(moving, limits(intent, case.executed, case.time), strict=True)):
        if amount < limit if sells else amount > limit:
            yield "WantBelowLimit" if sells else "GiveAboveLimit", (i, amount, limit)


def _fixed_side(amounts: Sequence[int], terms: Sequence[int]) -> Iterator[Error]:
    value = 0
    for i, (amount, term) in enumerate(zip(amounts, terms, strict=True)):
        if amount == 0:
            yield "ZeroLeg", (i,)
        value += term
        if value > U256_MAX:
            yield "ValueOverflow", ()


def _moving_side(case: Case, value: int, prices: Sequence[int]) -> Any:
    legs = case.intent.moving_side
    basis = sum(leg.end * price for leg, price in zip(legs, prices, strict=True))
    if len(legs) > 1 and basis > U256_MAX:
        yield "ValueOverflow", ()
    amounts = []
    for i, leg in enumerate(legs):
        over, under = (value, prices[0]) if len(legs) == 1 else (leg.end * value, basis)
        up, inexact = bool(case.round_up >> i & 1), over % under != 0
        amount = ceil_div(over, under) if up else over // under
        if amount == 0:
            yield "ZeroLeg", (i,)
        if amount > U128_MAX:
            yield "AmountTooLarge", (amount,)
        if inexact and up is (case.intent.kind is Kind.BUY) and amount < ROUNDING_FLOOR:
            yield "RoundingAgainstTrader", (i, amount)
        amounts.append(amount)
    return amounts


def expected(case: Case) -> tuple[Answer, str]:
    """The contract's answer and a name for it; raises ``AssertionError`` if the SDK is not consistent with it."""
    errors = list(broken(case))
    try:
        amounts = fill_amounts(case.intent, case.executed, case.fee, case.round_up, case.prices, ZERO_ADDRESS)
        check_limits(case.intent, case.executed, amounts, case.time)
    except Rejection as rejection:
        possible = set[Reason]().union(*(FAMILIES[name] for name, _ in errors))
        if rejection.reason not in possible:
            raise AssertionError(
                f"the SDK says {rejection.reason}, the rules broken are {errors}: {case}"
            ) from rejection
        name, values = errors[0]
        types = ["uint256"] * len(values)
        return Answer(False, selector(f"{name}({','.join(types)})") + encode(types, values)), name
    assert not errors, f"the SDK accepts what breaks {errors}: {case}"
    return Answer(True, encode(["uint256[]", "uint256[]"], [amounts.gives, amounts.wants])), "accepted"


def main() -> int:
    parser = argparse.ArgumentParser(description="The SDK's amounts against the contract's.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seen: Counter[str] = Counter()
    every = cases(options.count, options.seed)
    with answers("FillMathHarness") as ask:
        while chunk := list(itertools.islice(every, 1_000)):
            wanted = [expected(case) for case in chunk]
            for case, (want, name), got in zip(chunk, wanted, ask([one.calldata for one in chunk]), strict=True):
                seen[name] += 1
                if got != want:
                    print(f"differs: {case}: contract {got}, expected {name} {want}")
                    return 1
    print(f"cases={sum(seen.values())} " + " ".join(f"{name}={count}" for name, count in sorted(seen.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
