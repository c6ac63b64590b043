"""Answers that have not even the right shape."""

from __future__ import annotations

from support.bids import symbols
from walras.wire import Batch

from solvers_bad.telling import edited, lie


@lie
def a_float(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(executed=1e18))


@lie
def not_a_number(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(executed=float("nan")))


@lie
def negative_price(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["prices"].update({symbols(batch)["WETH"]: "-1"}))


@lie
def negative_fee(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0]["fills"][0].update(fee="-5"))


@lie
def another_round(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer.update(round=batch.round + 1))


@lie
def an_extra_field(batch: Batch) -> bytes:
    return edited(batch, lambda answer: answer["solutions"][0].update(score="1000000000000000000000000"))


@lie
def three_hundred_prices(batch: Batch) -> bytes:
    more = {f"0x{number:040x}": "1" for number in range(300)}
    return edited(batch, lambda answer: answer["solutions"][0]["prices"].update(more))


@lie
def three_hundred_covers(batch: Batch) -> bytes:
    more = {f"0x{number:040x}": "1" for number in range(300)}
    return edited(batch, lambda answer: answer["solutions"][0].update(cover=more))


@lie
def a_million_nothings(batch: Batch) -> bytes:
    return b'{"round":%d,"solutions":[%s]}' % (batch.round, b",".join([b"1"] * 1_000_000))


@lie
def a_tower_of_brackets(batch: Batch) -> bytes:
    return b"[" * 100_000
