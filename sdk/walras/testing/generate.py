"""Batches of any size with the statistics of recorded ones, for benchmarks and for trying an engine::

    batch = recorded_like(10_000, tokens=80, seed=1)

The figures are those of 552 funded orders in two batches of Gnosis Protocol v1 (``examples/data``): few tokens are in
most orders; values spread over many decimal orders; half of the limits lie within a few per cent of the reference
prices and the rest anywhere; one balance in seven backs several orders, each for all of it. All are partial sells.

Every message is built through the same validation as a house's, uids are the real EIP-712 digests, and funds are what
owners hold. Only signatures are missing: the house checks them before a batch is made, and a batch holds none.
Pure: the same arguments give the same batch, whatever the machine.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp

from walras.digest import Domain, intent_uid
from walras.intent import Intent
from walras.testing.market import FREE_GAS, TIME, address_of
from walras.wire import Batch, Funds, GasTerms, IntentMessage, OpenIntent, TokenInfo

__all__ = ["Draft", "batch_of", "recorded_like", "some_tokens"]

#: Quantiles of log(reference price ÷ limit price): above 0 the order would trade at reference prices.
_SLACK = (
    (0.0, -12.0),
    (0.02, -9.0),
    (0.05, -4.6),
    (0.1, -1.9),
    (0.25, -0.12),
    (0.5, -0.011),
    (0.75, 0.07),
    (0.9, 0.7),
    (0.95, 1.2),
    (1.0, 4.0),
)
#: Quantiles of log(value in units of the reference token).
_VALUE = ((0.0, -12.0), (0.1, -4.0), (0.25, -2.3), (0.5, 2.0), (0.75, 6.0), (0.9, 6.8), (0.95, 8.0), (1.0, 11.0))
#: How many orders a balance backs, with its weight.
_BACKED = ((1, 264), (2, 31), (3, 5), (4, 4), (6, 2), (7, 2), (10, 2), (16, 2), (27, 1), (51, 1))
_DECIMALS = (18, 18, 18, 6, 18, 18, 6, 18, 18, 2)
_COIN = 380  # what a native coin is worth in units of the reference token
_UNTIL = TIME + 3_600


@dataclass(frozen=True, slots=True)
class Draft:
    """A partial sell by index of token; ``gives`` and ``wants`` in atoms.

    ``purse`` numbers the owner's balance of what it gives, which ``holds`` so many atoms.
    """

    purse: int
    give: int
    want: int
    gives: int
    wants: int
    holds: int


def recorded_like(count: int, tokens: int, seed: int, *, gas: GasTerms = FREE_GAS, deadline_ms: int = 20_000) -> Batch:
    """A batch of ``count`` intents over ``tokens`` tokens (at least 2), all with reference prices."""
    infos = some_tokens(tokens, seed)
    drafts = list(_drafts(count, infos, random.Random(seed)))  # noqa: S311 (repeatable, guards nothing)
    return batch_of(infos, drafts, gas=gas, deadline_ms=deadline_ms)


def some_tokens(count: int, seed: int) -> tuple[TokenInfo, ...]:
    """``count`` tokens, the first the wrapped native coin, the others with prices from a thousandth to a hundred."""
    draw = random.Random(f"tokens {seed}")  # noqa: S311 (repeatable, guards nothing)
    infos = [TokenInfo(address=address_of("token:WETH"), symbol="WETH", decimals=18, price=10**18)]
    for index in range(1, count):
        decimals = _DECIMALS[index % len(_DECIMALS)]
        price = round(10 ** draw.uniform(-3, 2) * 10**18 / _COIN) * 10 ** (18 - decimals)
        symbol = f"T{index}"
        infos.append(TokenInfo(address=address_of(f"token:{symbol}"), symbol=symbol, decimals=decimals, price=price))
    return tuple(infos)


def batch_of(
    tokens: Sequence[TokenInfo], drafts: Sequence[Draft], *, gas: GasTerms = FREE_GAS, deadline_ms: int = 20_000
) -> Batch:
    """The batch of these orders at a fixed time; the first token is the wrapped native coin."""
    domain, held = Domain(1, address_of("settlement")), dict[tuple[str, str], int]()
    intents = []
    for number, draft in enumerate(drafts):
        owner, token = f"0x{0x1000_0000 + draft.purse:040x}", tokens[draft.give].address
        held[owner, token] = draft.holds
        want = (tokens[draft.want].address, draft.wants)
        intent = Intent.sell(owner, (token, draft.gives), want, valid_to=_UNTIL, nonce=number, min_fill=1)
        intents.append(
            OpenIntent(
                uid=intent_uid(intent, domain),
                sequence=number + 1,
                remaining=intent.full_amount,
                intent=IntentMessage.of(intent),
            )
        )
    return Batch(
        round=1,
        chain_id=1,
        settlement=domain.settlement,
        vault=address_of("vault"),
        executor=address_of("executor"),
        wrapped_native=tokens[0].address,
        block=1,
        time=TIME,
        settle_by=TIME + 60,
        deadline_ms=deadline_ms,
        max_solutions=8,
        gas=gas,
        tokens=tuple(tokens),
        intents=tuple(intents),
        funds=tuple(Funds(owner=owner, token=token, available=atoms) for (owner, token), atoms in sorted(held.items())),
    )


def _drafts(count: int, tokens: Sequence[TokenInfo], draw: random.Random) -> Iterator[Draft]:
    popular = _running(1 / rank for rank in range(1, len(tokens) + 1))
    sizes, backed = [size for size, _ in _BACKED], _running(float(weight) for _, weight in _BACKED)
    made, purse = 0, 0
    while made < count:
        give, purse = _drawn(popular, draw), purse + 1
        gives = _atoms(exp(_quantile(_VALUE, draw.random())), tokens[give])
        for _ in range(min(sizes[_drawn(backed, draw)], count - made)):
            want = _drawn(popular, draw)
            if want == give:
                want = (give + draw.randrange(1, len(tokens))) % len(tokens)
            limit = _price(tokens[give]) / _price(tokens[want]) * exp(-_quantile(_SLACK, draw.random()))
            yield Draft(purse, give, want, gives, max(round(gives * limit), 1), gives)
            made += 1


def _running(weights: Iterable[float]) -> list[float]:
    """Cumulative shares."""
    sums, total = [], 0.0
    for weight in weights:
        total += weight
        sums.append(total)
    return [one / total for one in sums]


def _drawn(shares: Sequence[float], draw: random.Random) -> int:
    return min(bisect_right(shares, draw.random()), len(shares) - 1)


def _quantile(table: Sequence[tuple[float, float]], at: float) -> float:
    """The value at a quantile, straight between those of the table."""
    after = min(bisect_right(table, (at, float("inf"))), len(table) - 1)
    (low, start), (high, end) = table[after - 1], table[after]
    return start + (end - start) * (at - low) / (high - low)


def _price(token: TokenInfo) -> float:
    return float(token.price or 1)


def _atoms(value: float, token: TokenInfo) -> int:
    """Atoms worth ``value`` units of the reference token, at least one."""
    return max(round(value / _COIN * 1e36 / _price(token)), 1)
