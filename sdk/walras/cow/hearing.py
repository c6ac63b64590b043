"""A CoW engine's response as an answer to a round; the house verifies it like any other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

from pydantic import ValidationError

from walras.amounts import Amounts, fill_amounts, priced_token
from walras.atoms import U128_MAX
from walras.cow.asking import Question
from walras.cow.base import loads
from walras.cow.solution import CowInteraction, CowResponse, CowSolution, Fulfillment, LiquidityInteraction
from walras.intent import Kind
from walras.rejections import Rejection
from walras.wire import Allowance, Answer, Call, Fill, Interaction, PoolSwap, Solution, TokenAmount


class Misheard(Exception):
    """A solution that has no counterpart here; the message says why."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer, in which solutions are numbered by place; the engine's own ids; and what was left out, and why."""

    answer: Answer
    ids: Mapping[int, int]
    left_out: Mapping[int, str]


def heard(body: bytes, asked: Question) -> Heard:
    """Read a response. Raises ``ValueError`` if it is none."""
    response = CowResponse.model_validate(loads(body))
    solutions, ids, left_out = [], {}, {}
    for number, solution in enumerate(response.solutions[:1_000]):
        ids[number] = solution.id
        try:
            solutions.append(_solution(solution, number, asked))
        except (Misheard, ValidationError) as error:
            left_out[number] = str(error)[:300]
    return Heard(Answer(round=asked.batch.round, solutions=tuple(solutions)), ids, left_out)


def _solution(solution: CowSolution, number: int, asked: Question) -> Solution:
    if solution.pre_interactions or solution.post_interactions or solution.flashloans or solution.wrappers:
        raise Misheard("calls before or after the trades, flash loans and wrappers have no place in a bid")
    fills = tuple(_fill(trade, asked) for trade in solution.trades if isinstance(trade, Fulfillment))
    if len(fills) < len(solution.trades):
        raise Misheard("an order that the engine brings with it")
    interactions = tuple(_interaction(item, asked) for item in solution.interactions)
    made = Solution(id=number, prices=_prices(solution, fills, interactions, asked), fills=fills)
    return _balanced(made.model_copy(update={"interactions": interactions}), asked)


def _fill(trade: Fulfillment, asked: Question) -> Fill:
    """Rounded for the trader, as the engine expects: what a sell gets up, what a buy pays down."""
    entry = asked.orders.get(trade.order.lower())
    if entry is None:
        raise Misheard(f"order {trade.order} was not asked about")
    fee, sells = trade.fee or 0, entry.intent.kind is Kind.SELL
    executed = trade.executed_amount + fee if sells else trade.executed_amount
    return Fill(uid=entry.uid, executed=executed, fee=fee, round_up=int(sells))


def _interaction(item: CowInteraction, asked: Question) -> Interaction:
    """Whether it could be left to a buffer does not matter here: there is none."""
    if isinstance(item, LiquidityInteraction):
        pool = asked.pools.get(item.id)
        if pool is None:
            raise Misheard(f"liquidity {item.id} was not shown")
        named = item.output_token if len(pool.tokens) > 2 else None
        return PoolSwap(
            pool=pool.id,
            token_in=item.input_token,
            amount_in=item.input_amount,
            amount_out=item.output_amount,
            token_out=named,
        )
    if item.value:
        raise Misheard("a call that pays native coins")
    return Call(
        target=item.target,
        data=item.call_data,
        allowances=tuple(Allowance(**one.model_dump()) for one in item.allowances),
        inputs=tuple(TokenAmount(**one.model_dump()) for one in item.inputs),
        outputs=tuple(TokenAmount(**one.model_dump()) for one in item.outputs),
    )


def _prices(
    solution: CowSolution, fills: tuple[Fill, ...], interactions: tuple[Interaction, ...], asked: Question
) -> dict[str, int]:
    """Prices of the traded tokens in 128 bits. Tokens on the way, which nobody trades, only need to have one."""
    native = asked.batch.wrapped_native
    intents = [asked.entries[fill.uid].intent for fill in fills]
    legs = [leg for intent in intents for leg in (*intent.gives, *intent.wants)]
    traded = {priced_token(leg.token, native) for leg in legs}
    stated = {priced_token(token, native): price for token, price in solution.prices.items()}
    prices = _fitted({token: stated[token] for token in sorted(traded & stated.keys())})
    passed = {token for item in interactions for token in _touched(item, asked)} - traded
    return prices | dict.fromkeys(sorted(passed), 1)


def _fitted(prices: dict[str, int]) -> dict[str, int]:
    """In the same proportion; of prices that need more than 128 bits the last bits are cut, which verification sees."""
    unit = gcd(*prices.values()) or 1
    excess = max(max(prices.values(), default=0) // unit, 1).bit_length() - U128_MAX.bit_length()
    return {token: price // unit >> max(excess, 0) for token, price in prices.items()}


def _touched(item: Interaction, asked: Question) -> set[str]:
    if isinstance(item, Call):
        flows = {one.token for one in item.inputs + item.outputs}
        return flows | {one.token for one in item.allowances}
    out = asked.by_id[item.pool].other(item.token_in, item.token_out)
    return {item.token_in} | ({out} if out else set())


def _balanced(solution: Solution, asked: Question) -> Solution:
    """Rounded against traders where a token would else be an atom or more short: CoW has buffers for that, and the
    house allows it on legs of at least 10^6 atoms, which it checks.
    """
    try:
        moved = [_amounts(fill, solution, asked) for fill in solution.fills]
    except Rejection:
        return solution  # for the house to name
    short = _short(solution, moved, asked)
    fills = list(solution.fills)
    for index, fill in enumerate(fills):
        token = _moving(fill, asked)
        flipped = fill.model_copy(update={"round_up": 1 - fill.round_up})
        try:
            amounts = _amounts(flipped, solution, asked)
        except Rejection:
            continue
        if short.get(token, 0) > 0 and amounts != moved[index]:
            fills[index], short[token] = flipped, short[token] - 1
    return solution.model_copy(update={"fills": tuple(fills)})


def _moving(fill: Fill, asked: Question) -> str:
    intent = asked.entries[fill.uid].intent
    leg = intent.wants[0] if intent.kind is Kind.SELL else intent.gives[0]
    return priced_token(leg.token, asked.batch.wrapped_native)


def _amounts(fill: Fill, solution: Solution, asked: Question) -> Amounts:
    intent = asked.entries[fill.uid].intent.intent()
    return fill_amounts(intent, fill.executed, fill.fee, fill.round_up, solution.prices, asked.batch.wrapped_native)


def _short(solution: Solution, moved: list[Amounts], asked: Question) -> dict[str, int]:
    """Atoms that each token lacks beside the fees; negative where some are left."""
    short: dict[str, int] = defaultdict(int)
    for fill, amounts in zip(solution.fills, moved, strict=True):
        intent = asked.entries[fill.uid].intent
        short[intent.gives[0].token] -= amounts.gives[0] - fill.fee
        short[priced_token(intent.wants[0].token, asked.batch.wrapped_native)] += amounts.wants[0]
    for item in solution.interactions:
        if isinstance(item, Call):
            for flow in item.inputs:
                short[flow.token] += flow.amount
            for flow in item.outputs:
                short[flow.token] -= flow.amount
        else:
            short[item.token_in] += item.amount_in
            short[asked.by_id[item.pool].other(item.token_in, item.token_out) or ""] -= item.amount_out
    return short
