"""Generated batches repeat, are valid, and look like what they say."""

from __future__ import annotations

from collections import Counter
from math import log

import pytest
from walras.digest import Domain, intent_uid
from walras.intent import check_structure
from walras.testing.generate import recorded_like, some_tokens
from walras.testing.generate_rings import rings_and_pairs
from walras.wire import Batch


def directed(batch: Batch) -> Counter[tuple[str, str]]:
    return Counter((entry.intent.gives[0].token, entry.intent.wants[0].token) for entry in batch.intents)


@pytest.mark.parametrize("make", [recorded_like, rings_and_pairs])
def test_the_same_seed_gives_the_same_batch(make: object) -> None:
    assert callable(make)
    assert make(60, 8, 3) == make(60, 8, 3)
    assert make(60, 8, 3) != make(60, 8, 4)


@pytest.mark.parametrize("batch", [recorded_like(300, 12, 1), rings_and_pairs(300, 8, 1)])
def test_a_batch_is_what_a_house_would_send(batch: Batch) -> None:
    assert len(batch.intents) == len({entry.uid for entry in batch.intents}) == 300
    funds = {(entry.owner, entry.token): entry.available for entry in batch.funds}
    domain = Domain(batch.chain_id, batch.settlement)
    for entry in batch.intents:
        intent = entry.intent.intent()
        check_structure(intent, wrapped_native=batch.wrapped_native)
        assert entry.uid == intent_uid(intent, domain)
        assert funds[intent.owner, intent.gives[0].token] >= intent.gives[0].end > 0
    assert Batch.model_validate_json(batch.model_dump_json(by_alias=True)) == batch


def test_recorded_like_batches_are_lopsided_like_recorded_ones() -> None:
    batch = recorded_like(4_000, 40, 2)
    prices = {token.address: float(token.price or 0) for token in batch.tokens}
    slack = sorted(
        log(prices[give.token] * give.end) - log(prices[want.token] * want.end)
        for entry in batch.intents
        for give, want in [(entry.intent.gives[0], entry.intent.wants[0])]
        if want.end > 10**4  # rounding to atoms hides the limit of smaller ones
    )
    assert -0.05 < slack[len(slack) // 2] < 0.02
    assert slack[len(slack) // 20] < -1 < 0.5 < slack[-len(slack) // 20]
    (_, most), *_ = directed(batch).most_common(1)
    assert most > 4_000 / 40  # the busiest of 1,560 directed pairs
    shared = Counter(entry.intent.owner for entry in batch.intents)
    assert 0.05 < sum(count > 1 for count in shared.values()) / len(shared) < 0.3


def test_rings_do_not_cross_as_pairs() -> None:
    batch = rings_and_pairs(400, 9, 5)
    place = {token.address: index for index, token in enumerate(batch.tokens)}
    both = {frozenset(pair) for pair in directed(batch) if pair[::-1] in directed(batch)}
    assert both
    for pair in both:
        one, other = sorted(place[token] for token in pair)
        assert (one % 2, other) == (0, one + 1)


def test_the_first_token_is_the_native_coin() -> None:
    first, *others = some_tokens(9, 1)
    assert (first.symbol, first.price) == ("WETH", 10**18)
    assert all(token.price for token in others)
