"""From checked bids and simulations to winners, and to a reason for everyone else."""

from __future__ import annotations

from dataclasses import replace

from support.judged import MICRO, WEI, Round, a_match, solver, tokens, two_sides
from walras.intent import Leg
from walras.rejections import Reason
from walras.testing.market import address_of
from walras.wire import Batch, Fill, Pool, PoolSwap, Solution
from walras_auction.bids import Refused
from walras_auction.judge import check_all
from walras_auction.verify import propose


def test_the_better_bid_wins_and_the_other_learns_to_whom() -> None:
    judged = Round(two_sides().batch())
    good = judged.bid("good", a_match(judged.batch))
    poor = judged.bid("poor", a_match(judged.batch, weth=WEI // 2))
    ranked = judged.judge().ranked
    assert [winner.hash for winner in ranked.winners] == [good]
    (loss,) = ranked.losses
    assert (loss.bid.hash, loss.reason) == (poor, Reason.OUTBID)
    assert "good's bid" in loss.detail
    assert ranked.proof == "optimal"


def test_a_bid_sent_twice_counts_once() -> None:
    batch = two_sides().batch()
    bid = propose(solver("any"), a_match(batch))
    assert len(check_all([bid, bid, bid], Round(batch).book)) == 1


def test_a_refused_bid_is_not_ranked() -> None:
    judged = Round(two_sides().batch())
    bad = judged.bid("bad", a_match(judged.batch, 1_899))
    outcome = judged.judge()
    assert [(refused.proposed.hash, refused.reason) for refused in outcome.refused] == [(bad, Reason.LIMIT_VIOLATED)]
    assert outcome.ranked.winners == ()


def test_a_bid_whose_simulation_fails_is_not_ranked() -> None:
    judged = Round(two_sides().batch())
    first = judged.bid("first", a_match(judged.batch))
    second = judged.bid("second", a_match(judged.batch, weth=WEI // 2))
    judged.broken = {first: "InteractionFailed(index=0)"}
    outcome = judged.judge()
    assert [(refused.reason, refused.detail) for refused in outcome.refused] == [
        (Reason.SIMULATION_FAILED, "InteractionFailed(index=0)")
    ]
    assert [winner.hash for winner in outcome.ranked.winners] == [second]


def shared_funds() -> Batch:
    """Alice has one WETH and two intents for it, in USDC and in DAI; each has a counterparty."""
    market = two_sides().with_sell("alice", ("WETH", 1), ("DAI", 1_900)).with_buy("carol", ("WETH", 1), ("DAI", 2_100))
    return market.with_funds("alice", "WETH", 1).batch()


def dai_match(batch: Batch, dai: int) -> Solution:
    address = {token.symbol: token.address for token in batch.tokens}
    fills = tuple(Fill(uid=entry.uid, executed=WEI) for entry in batch.intents[2:])
    return Solution(id=2, prices={address["WETH"]: dai, address["DAI"]: 1}, fills=fills)


def test_joint_funds_bind_across_bids() -> None:
    """Disjoint intents, disjoint pairs, one balance: one of the two wins and the other hears of its sibling."""
    judged = Round(shared_funds())
    judged.bid("one", a_match(judged.batch))
    other = judged.bid("other", dai_match(judged.batch, 2_000))
    less = judged.bid("less", dai_match(judged.batch, 2_000).model_copy(update={"id": 3}))
    ranked = judged.judge().ranked
    assert len(ranked.winners) == 1
    reasons = {loss.bid.hash: loss.reason for loss in ranked.losses}
    assert set(reasons.values()) <= {Reason.SIBLING_TOOK_BALANCE, Reason.OUTBID}
    assert Reason.SIBLING_TOOK_BALANCE in reasons.values()
    assert {other, less} & (reasons.keys() | {ranked.winners[0].hash}) == {other, less}


def test_of_alternatives_in_two_bids_one_wins() -> None:
    """Alice sells one WETH for USDC or for DAI, under one nonce; each way has a buyer and a bid."""
    market = two_sides()
    dai = replace(market.intents[0], wants=(Leg.fixed(address_of("token:DAI"), 1_900 * WEI),))
    batch = market.with_intent(dai).with_buy("carol", ("WETH", 1), ("DAI", 2_100)).batch()
    judged = Round(batch)
    judged.bid("one", a_match(batch))
    judged.bid("other", dai_match(batch, 2_000))
    ranked = judged.judge().ranked
    assert len(ranked.winners) == 1
    (loss,) = ranked.losses
    assert loss.reason is Reason.OUTBID
    assert "holds nonce" in loss.detail


def test_two_bids_that_use_one_pool_do_not_both_win() -> None:
    """Their pairs and intents are disjoint, but the second would find the pool moved by the first."""
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_sell("bob", ("USDC", 2_100), ("WETH", 1))
    batch = market.with_pool("WETH", "USDC", 1_000, 2_000_000).batch()
    judged, (pool,) = Round(batch), batch.pools
    for number, entry in enumerate(batch.intents):
        token, amount = entry.intent.gives[0].token, entry.remaining
        out = pays(pool, token, amount)
        other = pool.token1 if token == pool.token0 else pool.token0
        swap = PoolSwap(pool=pool.id, token_in=token, amount_in=amount, amount_out=out)
        fills = (Fill(uid=entry.uid, executed=amount),)
        bid = Solution(id=1, prices={token: out, other: amount}, fills=fills, interactions=(swap,))
        judged.bid(f"solver{number}", bid)
    ranked = judged.judge().ranked
    assert len(ranked.winners) == len(ranked.losses) == 1
    assert f"holds pool {pool.address}" in ranked.losses[0].detail


def pays(pool: Pool, token: str, amount: int) -> int:
    sides = (pool.reserve0, pool.reserve1) if token == pool.token0 else (pool.reserve1, pool.reserve0)
    after_fee = amount * (10**6 - pool.fee_ppm)
    return sides[1] * after_fee // (sides[0] * 10**6 + after_fee)


def test_rewards_are_paid_out_of_fees() -> None:
    """Gas is free and nobody paid a fee: winning is its own reward."""
    judged = Round(two_sides().batch())
    judged.bid("good", a_match(judged.batch))
    assert judged.judge().ranked.rewards == {"good": 0}


def test_an_unfair_bundle_is_named_with_the_pair_it_starves() -> None:
    batch = (
        two_sides().with_sell("carol", ("WETH", 1), ("JUNK", 1)).with_sell("dave", ("JUNK", 1), ("WETH", "0.1")).batch()
    )
    address = {token.symbol: token.address for token in batch.tokens}
    prices = {address["WETH"]: 1_900 * MICRO, address["USDC"]: WEI, address["JUNK"]: 1_900 * MICRO}
    parts = zip(batch.intents, (WEI // 2, WEI // 2, WEI, WEI), strict=True)
    fills = tuple(Fill(uid=entry.uid, executed=amount) for entry, amount in parts)
    judged = Round(batch)
    judged.bid("honest", a_match(batch))
    judged.bid("washer", Solution(id=1, prices=prices, fills=fills))
    ranked = judged.judge().ranked
    assert [winner.checked.proposed.solver.name for winner in ranked.winners] == ["honest"]
    (loss,) = ranked.losses
    assert loss.reason is Reason.UNFAIR_TO_PAIR
    assert "<>" in loss.detail


def test_nothing_proposed_nothing_won() -> None:
    outcome = Round(two_sides().batch()).judge()
    assert (outcome.refused, outcome.ranked.winners, outcome.ranked.total) == ((), (), 0)
    assert not any(isinstance(one, Refused) for one in outcome.ranked.losses)
