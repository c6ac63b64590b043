"""Stage 3: who is in the batch, and whose standing changed before it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from house_fakes import CONTRACTS, NOW, A, B, an_intent, key
from walras.intent import Intent
from walras.rejections import Reason
from walras.wire import GasTerms, TokenInfo
from walras_auction.close import ChainView, RoundTerms, close, sweep
from walras_auction.ports import StoredIntent, TokenFacts

TERMS = RoundTerms(gas=GasTerms(price=1, base=2, per_fill=3, per_interaction=4, margin_bps=5), horizon=120)
ZERO = "0x" + "00" * 32


def stored(number: int, intent: Intent | None = None, **changes: Any) -> StoredIntent:
    entry = StoredIntent(f"0x{number:064x}", number, intent or an_intent(key(number)), "0x", (), "open", 0, None, "")
    return replace(entry, **changes)


def a_view(*intents: StoredIntent, balance: int = 10**6, allowance: int = 10**6, **nonces: Any) -> ChainView:
    """Everybody has the same funds; ``nonces`` by uid number as ``n1=(epoch, taken, dead, filled)``."""
    funds = {(i.intent.owner, leg.token): TokenFacts(balance, allowance) for i in intents for leg in i.intent.gives}
    facts = {i.uid: nonces.get(f"n{i.sequence}", (0, False, False, 0)) for i in intents}
    return ChainView(9, NOW - 3, funds, facts, ())


def swept(entry: StoredIntent, view: ChainView | None = None) -> tuple[str, str | None] | None:
    updates = sweep([entry], view or a_view(entry), NOW, TERMS)
    return (updates[0].state, updates[0].reason) if updates else None


def test_who_is_well_stays() -> None:
    assert swept(stored(1)) is None


@pytest.mark.parametrize(("valid_to", "state"), [(NOW + 120, None), (NOW + 119, ("expired", Reason.EXPIRED))])
def test_who_could_not_settle_in_time_expires(valid_to: int, state: tuple[str, str] | None) -> None:
    assert swept(stored(1, an_intent(key(1), valid_to=valid_to))) == state


@pytest.mark.parametrize(
    ("nonce", "gone"),
    [
        ((0, False, False, 0), False),
        ((0, True, False, 5), False),  # filled in part
        ((0, True, False, 0), True),  # used by an alternative
        ((0, True, True, 5), True),  # cancelled after a part
        ((1, False, False, 0), True),  # the owner raised the epoch
    ],
)
def test_what_the_chain_cancelled_is_cancelled(nonce: tuple[int, bool, bool, int], gone: bool) -> None:
    entry = stored(1)
    found = swept(entry, a_view(entry, n1=nonce))
    assert found == (("cancelled", Reason.CANCELLED) if gone else None)


@pytest.mark.parametrize("funds", [{"balance": 0}, {"allowance": 0}])
def test_without_funds_an_intent_is_parked_and_with_funds_it_comes_back(funds: dict[str, int]) -> None:
    entry = stored(1)
    assert swept(entry, a_view(entry, **funds)) == ("parked", Reason.PARKED_FUNDS)
    parked = replace(entry, state="parked", reason=Reason.PARKED_FUNDS.value)
    assert swept(parked, a_view(entry, **funds)) is None
    assert swept(parked) == ("open", None)


def test_a_failed_permit_stays_the_reason_until_there_are_funds() -> None:
    entry = stored(1, state="parked", reason=Reason.PERMIT_FAILED.value)
    assert swept(entry, a_view(entry, allowance=0)) is None
    assert swept(entry) == ("open", None)
    late = replace(entry, intent=an_intent(key(1), valid_to=NOW))
    assert swept(late, a_view(late, allowance=0)) == ("expired", Reason.EXPIRED)


def closed(*entries: StoredIntent, view: ChainView | None = None, terms: RoundTerms = TERMS) -> Any:
    token = TokenInfo(address=A, symbol="A", decimals=18, price=7)
    return close(4, entries, view or a_view(*entries), NOW, terms, CONTRACTS, 31337, [token])


def test_a_batch_holds_the_open_intents_in_the_order_of_the_log() -> None:
    entries = [
        stored(1),
        stored(2, state="parked"),
        stored(3, an_intent(key(3), valid_from=NOW + 1)),
        stored(4, an_intent(key(4), valid_from=NOW)),
        stored(5, executed=300),
    ]
    batch = closed(*entries)
    assert [(entry.sequence, entry.remaining) for entry in batch.intents] == [(1, 1000), (4, 1000), (5, 700)]
    assert batch.intents[0].intent.intent() == entries[0].intent
    assert (batch.round, batch.block, batch.time, batch.settle_by) == (4, 9, NOW, NOW + 120)
    assert (batch.gas, batch.guard_bps, batch.max_solutions) == (TERMS.gas, None, 8)
    assert (batch.settlement, batch.vault) == (CONTRACTS.settlement, CONTRACTS.vault)


def test_funds_are_the_lesser_of_balance_and_allowance_once_an_owner() -> None:
    twice = [stored(1, an_intent(key(7), nonce=1)), stored(2, an_intent(key(7), nonce=2))]
    batch = closed(*twice, view=a_view(*twice, balance=10, allowance=4))
    assert [(f.owner, f.token, f.available) for f in batch.funds] == [(key(7).address, A, 4)]


def test_a_batch_is_no_larger_than_published() -> None:
    entries = [stored(number) for number in range(1, 6)]
    assert [entry.sequence for entry in closed(*entries, terms=replace(TERMS, batch_size=2)).intents] == [1, 2]


def test_closing_is_pure() -> None:
    entries = [stored(1), stored(2, an_intent(key(2), give=(B, 5), want=(A, 5)))]
    assert closed(*entries) == closed(*entries)
