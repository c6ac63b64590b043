"""Terms through the house without a chain: taken in, waiting for their condition, verified, judged, replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from house_fakes import CONTRACTS, NOW, ManualClock, an_intent, key, open_house, signed
from support.checks import SOLVER, USDC, WETH, fills, judged, refusal, valid
from support.judged import MICRO, WEI, Round, a_match, mined, solver, tokens
from walras.intent import NATIVE, NO_TERMS
from walras.rejections import Reason, Rejection
from walras.terms import (
    Cmp,
    FeeShare,
    Hook,
    Node,
    Terms,
    all_of,
    any_of,
    balance_at_least,
    balance_data,
    call_returns,
    not_,
    time_after,
    time_before,
)
from walras.terms_gas import expected_gas
from walras.testing.market import TIME, Market
from walras.wire import Answer, Batch, Fill, GasTerms, Notice, SubmitRequest, canonical
from walras_auction.api.house import House
from walras_auction.bids import Checked, Refused, Simulation, SolverIdentity, Verified
from walras_auction.close import ChainView, RoundTerms, close, ready_at, sweep
from walras_auction.idle import Idle
from walras_auction.invite import invite
from walras_auction.ports import ChainError, StoredIntent, TokenFacts
from walras_auction.record import replay, write
from walras_auction.setbacks import Setbacks
from walras_auction.verify import Book, expected_changes, fee_value, finish
from walras_auction.waiting import Waiting, waiting

A, B, FEED = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "fe" * 20
ROUND_TERMS = RoundTerms(gas=GasTerms(price=1, base=2, per_fill=3, per_interaction=4, margin_bps=5), horizon=120)


# ------------------------------------------------------------------ intake and the log


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db", clock=ManualClock())) as house:
        yield house


def request(terms_hash: str, data: str | None) -> SubmitRequest:
    plain = signed(an_intent(key(1), terms=terms_hash), key(1))
    return plain.model_copy(update={"terms_data": data})


def test_terms_are_taken_in_logged_and_kept(house: House, tmp_path: Path) -> None:
    terms = Terms(time_after(NOW), shares=(FeeShare(A, 10),))
    house.intake.submit(request(terms.hash(), terms.data))
    (entry,) = house.store.log(1, 1)
    assert json.loads(entry.body)["payload"]["termsData"] == terms.data
    assert house.store.open_intents()[0].terms_data == terms.data
    house.close()
    with closing(open_house(tmp_path / "store.db", clock=ManualClock())) as again:
        assert again.store.open_intents()[0].terms_data == terms.data


def test_an_intent_without_terms_is_logged_as_before(house: House) -> None:
    house.intake.submit(request(NO_TERMS, None))
    (entry,) = house.store.log(1, 1)
    assert "termsData" not in json.loads(entry.body)["payload"]


HOOK = Hook(FEED, b"poke", 10_000)


@pytest.mark.parametrize(
    ("terms_hash", "data", "reason"),
    [
        (Terms().hash(), None, Reason.TERMS_MISSING),
        (NO_TERMS, Terms().data, Reason.TERMS_MISMATCH),
        (Terms().hash(), Terms(max_impact_bps=1).data, Reason.TERMS_MISMATCH),
        ("0x" + "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", "0x", Reason.TERMS_MALFORMED),
        *(
            (terms.hash(), terms.data, reason)
            for terms, reason in (
                (Terms(before=(replace(HOOK, target=CONTRACTS.vault),)), Reason.BAD_HOOK),
                (Terms(afterwards=(replace(HOOK, target=CONTRACTS.settlement),)), Reason.BAD_HOOK),
                (Terms(shares=(FeeShare(CONTRACTS.executor, 1),)), Reason.BAD_FEE_SHARE),
            )
        ),
    ],
)
def test_terms_that_do_not_hold_are_refused(house: House, terms_hash: str, data: str | None, reason: Reason) -> None:
    with pytest.raises(Rejection) as refused:
        house.intake.submit(request(terms_hash, data))
    assert refused.value.reason is reason
    assert refused.value.field.startswith("termsData")
    assert house.store.open_intents() == []


# ------------------------------------------------------------------ waiting for a condition


@dataclass
class Words:
    """A chain of answers by (target, data); what is missing cannot be read."""

    answers: dict[tuple[str, bytes], int] = field(default_factory=dict)
    natives: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, bytes]] = field(default_factory=list)
    down: bool = False

    def first_word(self, block: int, target: str, data: bytes) -> int | None:
        assert block == 9
        if self.down:
            raise ChainError("the node is gone")
        self.asked.append((target, data))
        return self.answers.get((target, data))

    def native_balance(self, block: int, account: str) -> int:
        assert block == 9
        return self.natives.get(account, 0)


def stored(number: int, terms: Terms | None, **changes: Any) -> StoredIntent:
    intent = an_intent(key(number), terms=terms.hash() if terms else NO_TERMS)
    entry = StoredIntent(f"0x{number:064x}", number, intent, "0x", (), "open", 0, None, "")
    return replace(entry, terms_data=terms.data if terms else None, **changes)


def held(condition: Node, chain: Words | None = None) -> dict[str, Waiting]:
    return waiting([stored(1, Terms(condition))], chain or Words(), 9, NOW, NOW + 120)


PRICE = call_returns(FEED, b"price", Cmp.AT_MOST, 1_800)
PRICE_AT = {(FEED, b"price"): 1_800}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (time_after(NOW - 1), None),
        (time_after(NOW), Reason.CONDITION_NOT_MET),
        (time_before(NOW + 121), None),
        (time_before(NOW + 120), Reason.CONDITION_NOT_MET),  # a settlement may land at its very end
        (PRICE, None),
        (not_(PRICE), Reason.CONDITION_NOT_MET),
        (balance_at_least(NATIVE, A, 5), None),
        (balance_at_least(NATIVE, A, 6), Reason.CONDITION_NOT_MET),
        (balance_at_least(FEED, A, 7), None),
        (balance_at_least(FEED, B, 0), Reason.CONDITION_UNREADABLE),
        (any_of(time_after(0), balance_at_least(FEED, B, 0)), Reason.CONDITION_UNREADABLE),
    ],
    ids=str,
)
def test_an_intent_waits_until_its_condition_holds(condition: Node, reason: Reason | None) -> None:
    chain = Words({**PRICE_AT, (FEED, balance_data(A)): 7}, {A: 5})
    found = held(condition, chain)
    assert [why.reason for why in found.values()] == ([] if reason is None else [reason])


def test_everything_is_read_once_a_block() -> None:
    chain = Words(PRICE_AT)
    intents = [stored(number, Terms(all_of(PRICE, PRICE))) for number in (1, 2)]
    assert waiting([*intents, stored(3, None), stored(4, Terms())], chain, 9, NOW, NOW + 120) == {}
    assert chain.asked == [(FEED, b"price")]


def test_a_chain_that_does_not_answer_is_not_a_condition_that_fails() -> None:
    with pytest.raises(ChainError):
        held(PRICE, Words(down=True))


def a_view(*intents: StoredIntent, held: dict[str, Waiting] | None = None) -> ChainView:
    funds = {(i.intent.owner, leg.token): TokenFacts(10**6, 10**6) for i in intents for leg in i.intent.gives}
    return ChainView(9, NOW - 3, funds, {i.uid: (0, False, False, 0) for i in intents}, (), waiting=held or {})


WAITS = Waiting(Reason.CONDITION_NOT_MET, "not yet")


def test_who_waits_stays_open_says_why_and_is_in_no_batch() -> None:
    one, two = stored(1, Terms(PRICE)), stored(2, Terms())
    view = a_view(one, two, held={one.uid: WAITS})
    (update,) = sweep([one, two], view, NOW, ROUND_TERMS)
    assert (update.uid, update.state, update.reason, update.detail) == (one.uid, "open", WAITS.reason, "not yet")
    assert ready_at([one, two], view, NOW) == [two]
    batch = close(1, [one, two], view, NOW, ROUND_TERMS, CONTRACTS, 1, ())
    assert [(entry.uid, entry.terms_data) for entry in batch.intents] == [(two.uid, Terms().data)]


def test_waiting_is_told_once_and_so_is_its_end() -> None:
    one = stored(1, Terms(PRICE), reason=Reason.CONDITION_NOT_MET.value)
    assert sweep([one], a_view(one, held={one.uid: WAITS}), NOW, ROUND_TERMS) == []
    (update,) = sweep([one], a_view(one), NOW, ROUND_TERMS)
    assert (update.state, update.reason) == ("open", None)
    # Why a round left it unfilled is no reason to wait, and stays.
    other = replace(one, reason=Reason.NO_COUNTERPARTY.value)
    assert sweep([other], a_view(other), NOW, ROUND_TERMS) == []


def test_a_condition_that_comes_true_ends_idleness() -> None:
    one = stored(1, Terms(PRICE))
    idle, waits = Idle(), a_view(one, held={one.uid: WAITS})
    idle.learn([one], waits, NOW, 0)
    assert idle.skips([one], waits, NOW)
    assert not idle.skips([one], a_view(one), NOW)


def test_the_end_of_a_window_ends_idleness() -> None:
    one = stored(1, Terms(exclusive_solver=A, exclusive_until=NOW))
    idle, view = Idle(), a_view(one)
    idle.learn([one], view, NOW, 0)
    assert idle.skips([one], view, NOW)
    assert not idle.skips([one], view, NOW + 1)


def failed(time: int, detail: str) -> dict[str, Any]:
    bids = [{"status": "failed", "detail": detail}, {"status": "won", "detail": ""}]
    return {"inputs": {"batch": {"time": time}}, "verdict": {"bids": bids}}


def test_who_makes_a_settlement_fail_sits_out_longer_each_time() -> None:
    uid, setbacks = "0x" + "ab" * 32, Setbacks()
    for time, seconds in ((NOW, 60), (NOW + 100, 120), (NOW + 1_000, 240)):
        setbacks.learn(failed(time, f"HookFailed(uid={uid}, index=0, reason=0x): A hook that must succeed failed."))
        assert setbacks.waiting(time + seconds - 1)[uid].reason is Reason.TERMS_FAILED
        assert setbacks.waiting(time + seconds) == {}
    setbacks.learn(failed(NOW, f"InteractionFailed(index=0, reason={uid})"))
    assert setbacks.waiting(NOW + 1_240) == {}


# ------------------------------------------------------------------ verification


def sided(terms: Terms) -> Market:
    """The two sides; the seller's intent has these terms, and room for a fee beside the WETH that it trades."""
    market = tokens().with_sell("alice", ("WETH", 2), ("USDC", 3_800)).with_terms(terms)
    return market.with_buy("bob", ("WETH", 1), ("USDC", 2_100))


def with_fee(batch: Batch, fee: int) -> tuple[Fill, ...]:
    sell, buy = batch.intents
    return (Fill(uid=sell.uid, executed=WEI + fee, fee=fee), Fill(uid=buy.uid, executed=WEI))


SHARES = Terms(shares=(FeeShare(A, 60), FeeShare(B, 40)))
#: The least fee that holds the shares of what is given, itself included: one per cent of give is net / 99.
LEAST = next(fee for fee in range(WEI // 99 - 5, WEI) if fee >= sum(SHARES.shares_of(WEI + fee)))


def test_a_fee_holds_the_shares_of_what_is_given() -> None:
    batch = sided(SHARES).batch()
    checked = valid(batch, with_fee(batch, LEAST))
    give = WEI + LEAST
    assert checked.trades[0].shared == give * 60 // 10_000 + give * 40 // 10_000
    refused = refusal(batch, with_fee(batch, LEAST - 1))
    assert (refused.reason, refused.detail.split(":")[0]) == (Reason.FEE_BELOW_SHARES, "fills[0].fee")


def finished(batch: Batch, fee: int, gas: int) -> Verified | Refused:
    """The seller pays ``fee`` atoms, the buyer half of the gas; gas at one gwei, no margin."""
    priced = batch.model_copy(update={"gas": batch.gas.model_copy(update={"price": 10**9, "margin_bps": 0})})
    sell, buy = with_fee(priced, fee)
    half = buy.model_copy(update={"fee": gas * 10**9 * 2_000 * MICRO // WEI // 2})
    checked = valid(priced, (sell, half))
    return finish(checked, Simulation(True, gas, tuple(expected_changes(checked).values())), Book(priced, {}))


def test_the_house_counts_the_fee_without_its_shares() -> None:
    batch = sided(SHARES).batch()
    checked = valid(batch, with_fee(batch, WEI // 50))
    shared = checked.trades[0].shared
    assert fee_value(checked.trades[0], checked.proposed.solution, Book(batch, {})) == WEI // 50 - shared
    # 400,000 gas cost 4·10^14 wei, of which each of two fills pays half.
    assert tried(batch, LEAST + 2 * 10**14 - 10**13, 400_000) is Reason.FEES_BELOW_GAS
    assert tried(batch, LEAST + 2 * 10**14 + 10**13, 400_000) is None
    most = LEAST + 2 * 10**14 + expected_gas(SHARES) * 10**9
    assert tried(batch, most + 10**13, 400_000) is Reason.FEE_ABOVE_CAP


def tried(batch: Batch, fee: int, gas: int) -> Reason | None:
    outcome = finished(batch, fee, gas)
    return outcome.reason if isinstance(outcome, Refused) else None


def test_an_intents_own_hooks_are_paid_on_top_of_its_share() -> None:
    """Gas of 1,400,000 of which a hook used a million: its owner may pay for it, and nobody else has to."""
    terms = Terms(before=(Hook(FEED, b"poke", 1_000_000),))
    batch = sided(terms).batch()
    assert tried(batch, 12 * 10**14, 1_400_000) is None
    assert tried(sided(Terms()).batch(), 12 * 10**14, 1_400_000) is Reason.FEE_ABOVE_CAP


def reserved(until: int = TIME) -> Terms:
    return Terms(exclusive_solver=SOLVER.address, exclusive_until=until)


OTHER = SolverIdentity("other", "0x" + "13" * 20)


def test_until_its_end_only_the_named_solver_fills() -> None:
    batch = sided(reserved()).batch()
    refused = refusal(batch, with_fee(batch, 0), solver=OTHER)
    assert (refused.reason, refused.detail.split(":")[0]) == (Reason.EXCLUSIVE_SOLVER, "fills[0].uid")
    assert isinstance(judged(batch, with_fee(batch, 0)), Checked)
    late = sided(reserved(TIME - 1)).batch()
    assert valid(late, with_fee(late, 0), solver=OTHER).score == valid(late, with_fee(late, 0)).score


def test_a_reserved_fill_counts_nothing() -> None:
    batch = sided(reserved()).batch()
    checked = valid(batch, with_fee(batch, 0))
    free = valid(late := sided(reserved(TIME - 1)).batch(), with_fee(late, 0))
    assert [trade.surplus for trade in checked.trades] == [0, free.trades[1].surplus]
    assert checked.pair_scores[f"{WETH}>{USDC}"] == 0
    assert free.score - checked.score == free.trades[0].surplus > 0


def test_a_reserved_fill_alone_may_win_but_displaces_nobody() -> None:
    for_honest = Terms(exclusive_solver=solver("honest").address, exclusive_until=TIME)
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_terms(for_honest)
    market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100)).with_terms(for_honest)
    market = market.with_sell("carol", ("WETH", 1), ("USDC", 1_999)).with_buy("dave", ("WETH", 1), ("USDC", 2_001))
    played = Round(market.batch())
    reserved_match = a_match(played.batch)
    first = played.bid("honest", reserved_match)
    assert [winner.hash for winner in played.judge().ranked.winners] == [first]
    open_match = reserved_match.model_copy(
        update={"fills": tuple(Fill(uid=entry.uid, executed=WEI) for entry in played.batch.intents[2:])}
    )
    second = played.bid("rival", open_match)
    assert [winner.hash for winner in played.judge().ranked.winners] == [second]


@pytest.mark.parametrize(
    ("own", "house", "reason"),
    [
        (0, None, None),
        (0, 500, Reason.PRICE_IMPACT),
        (1_000, 500, None),  # the owner allows more than the house
        (500, None, Reason.PRICE_IMPACT),  # or less
        (500, 2_000, Reason.PRICE_IMPACT),
    ],
)
def test_the_owners_bound_on_impact_replaces_the_houses(own: int, house: int | None, reason: Reason | None) -> None:
    """Alice sells at 1,900 what the reference says is worth 2,000."""
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_000)).with_terms(Terms(max_impact_bps=own))
    market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100)).with_terms(Terms(max_impact_bps=10_000))
    batch = market.batch(guard_bps=house)
    outcome = judged(batch, fills(batch, WEI, WEI), {WETH: 1_850 * MICRO, USDC: WEI})
    assert (outcome.reason if isinstance(outcome, Refused) else None) is reason


# ------------------------------------------------------------------ what solvers see, and the record


@dataclass
class Door:
    """Keeps what it was shown."""

    identity: SolverIdentity
    shown: list[Batch] = field(default_factory=list)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        self.shown.append(Batch.model_validate(json.loads(batch)["batch"]))
        return Answer(round=self.shown[-1].round, solutions=()).model_dump_json(by_alias=True).encode()

    def tell(self, notices: Sequence[Notice]) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(("until", "others"), [(TIME, 1), (TIME - 1, 2)])
def test_nobody_else_is_shown_a_reserved_intent(until: int, others: int) -> None:
    named, other = Door(SOLVER), Door(OTHER)
    batch = sided(reserved(until)).batch()
    invite([named, other], batch)
    assert (len(named.shown[0].intents), len(other.shown[0].intents)) == (2, others)
    assert named.shown[0] == batch


def test_terms_travel_only_where_there_are_any() -> None:
    first, second = sided(SHARES).batch().to_json()["intents"]
    assert first["termsData"] == SHARES.data
    assert "termsData" not in second


def test_a_round_with_terms_replays_to_the_same_bytes() -> None:
    played = Round(sided(replace(SHARES, exclusive_solver=solver("honest").address, exclusive_until=TIME)).batch())
    good = a_match(played.batch).model_copy(update={"fills": with_fee(played.batch, LEAST)})
    won, refused = played.bid("honest", good), played.bid("rival", good)
    record = write(played.inputs(), played.judge(), [mined([won])])
    rows = {row["hash"]: (row["status"], row["reason"]) for row in record["verdict"]["bids"]}
    assert rows == {won: ("won", None), refused: ("refused", Reason.EXCLUSIVE_SOLVER.value)}
    assert replay(json.loads(canonical(record))) == canonical(record)


def test_an_unfilled_reserved_intent_says_for_whom() -> None:
    played = Round(sided(reserved()).batch())
    record = write(played.inputs(), played.judge(), [])
    why = {row["uid"]: row["reason"] for row in record["result"]["unfilled"]}
    assert why[played.batch.intents[0].uid] == Reason.EXCLUSIVE_SOLVER.value
