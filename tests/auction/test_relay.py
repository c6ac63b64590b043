"""Permits beside intents: relayed in one transaction, each failure for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_abi.abi import encode
from support.bids import MICRO, WEI, always, fill, solution
from support.bytecode import creation, greedy_token
from support.desk import Desk, ScriptedDoor, row_of
from support.world import MAX, person
from walras.permit import PermitTerms, read_terms, sign_permit
from walras.rejections import Reason
from walras.wire import Batch, PermitMessage, Solution
from walras_auction.infra.chain.encoding import selector
from walras_auction.ports import ChainError
from walras_auction.relay import PermitRelay


def erins_sale(desk: Desk) -> str:
    """Erin has approved nothing; she sends a permit beside her intent."""
    sale = desk.sell("erin", ("DAI", 2_000 * WEI), ("USDC", 1_900 * MICRO))
    return desk.submit("erin", sale, [desk.world.permit("erin", "DAI")])


def test_a_permit_stands_in_for_an_approval(desk: Desk) -> None:
    sell = erins_sale(desk)
    buy = desk.submit("bob", desk.buy("bob", ("DAI", 2_000 * WEI), ("USDC", 2_100 * MICRO)))
    (before,) = desk.chain.token_facts([(person("erin").address, desk.world.token("DAI"))])

    def bid(batch: Batch) -> Solution:
        return solution(batch, {"DAI": MICRO, "USDC": WEI}, fill(sell, 2_000 * WEI), fill(buy, 2_000 * WEI))

    outcome = desk.round(ScriptedDoor(always(bid)))
    assert before.allowance == 0
    assert outcome.fills == 2, row_of(outcome.record, "honest")
    assert desk.stored(sell).state == "filled"


def test_a_bad_permit_harms_nobody_else(desk: Desk) -> None:
    """Frank's permit was good at intake; he used its nonce for another spender before the house relayed it."""
    sell = erins_sale(desk)
    sale = desk.sell("frank", ("DAI", WEI), ("USDC", MICRO))
    stale = desk.submit("frank", sale, [desk.world.permit("frank", "DAI")])
    spend_permit_nonce(desk, "frank")
    desk.round(ScriptedDoor(lambda _: []))
    assert desk.stored(sell).state == "open"
    assert (desk.stored(stale).state, desk.stored(stale).reason) == ("parked", Reason.PERMIT_FAILED)
    assert "InvalidPermit" in desk.stored(stale).detail or "unknown error" in desk.stored(stale).detail
    kinds = [event.kind for event in desk.house.store.events(0, 100)]
    assert kinds.count("permit_relayed") == kinds.count("permit_failed") == 1


def test_a_failed_permit_is_forgiven_once_the_vault_is_approved(desk: Desk) -> None:
    sale = desk.sell("frank", ("DAI", WEI), ("USDC", MICRO))
    stale = desk.submit("frank", sale, [desk.world.permit("frank", "DAI")])
    spend_permit_nonce(desk, "frank")
    for _ in range(2):
        assert desk.open_rounds([], desk.rounds).run() is None
    assert desk.stored(stale).reason == Reason.PERMIT_FAILED
    desk.world.approve("frank", "DAI", MAX)
    desk.round(ScriptedDoor(lambda _: []))
    assert desk.stored(stale).state == "open"


def spend_permit_nonce(desk: Desk, owner: str) -> None:
    """Use the owner's present permit nonce of DAI for somebody else."""
    dai, signer = desk.world.token("DAI"), person(owner)
    spender = person("carol").address
    permit = sign_permit(signer, read_terms(desk.chain.rpc.call, dai, signer.address), spender, 1, MAX)
    raw = bytes.fromhex(permit.signature[2:])
    data = selector("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)") + encode(
        ["address", "address", "uint256", "uint256", "uint8", "bytes32", "bytes32"],
        [signer.address, spender, 1, MAX, raw[64], raw[:32], raw[32:64]],
    )
    desk.world.send(person("carol"), dai, data)


def test_a_token_that_burns_all_gas_holds_up_no_permit(desk: Desk) -> None:
    """Three permits of a hostile token, before and after an honest one, in one transaction."""
    token = desk.world.deploy(creation(greedy_token()))
    terms = PermitTerms(token, (1 << 255).to_bytes(32, "big"), 0)
    hostile = [
        (person(name).address, sign_permit(person(name), terms, desk.chain.contracts.vault, 1, MAX))
        for name in ("alice", "bob", "carol")
    ]
    honest = (person("erin").address, desk.world.permit("erin", "DAI"))
    results = desk.chain.relay_permits([hostile[0], hostile[1], honest, hostile[2]])
    assert results[2] is None
    assert all(results[place] is not None for place in (0, 1, 3))


# ------------------------------------------------------------------ the relay alone


class Relaying:
    """Counts what it is asked to relay; fails on demand."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.down = False

    def relay_permits(self, permits: Sequence[tuple[str, PermitMessage]]) -> list[str | None]:
        if self.down:
            raise ChainError("no node")
        self.calls.append(len(permits))
        return [None] * len(permits)


def test_each_permit_is_relayed_once_and_again_only_if_the_chain_was_away(desk: Desk) -> None:
    permit = desk.world.permit("erin", "DAI")
    for amount in (1, 2):  # siblings with one permit
        desk.submit("erin", desk.sell("erin", ("DAI", amount * WEI), ("USDC", MICRO)), [permit])
    chain = Relaying()
    relay = PermitRelay(chain, desk.house.store, desk.house.feed)
    chain.down = True
    relay.run(desk.house.store.open_intents())
    chain.down = False
    for _ in range(2):
        relay.run(desk.house.store.open_intents())
    assert chain.calls == [1]


@pytest.mark.parametrize("count", [30, 31, 65])
def test_many_permits_go_in_transactions_that_fit_a_block(desk: Desk, count: int) -> None:
    terms = PermitTerms(desk.world.token("DAI"), b"\x01" * 32, 0)
    stored = desk.stored(erins_sale(desk))
    many = [
        replace(stored, uid=f"0x{n:064x}", permits=(sign_permit(person("erin"), terms, "0x" + "11" * 20, n, MAX),))
        for n in range(count)
    ]
    chain = Relaying()
    PermitRelay(chain, desk.house.store, desk.house.feed).run(many)
    assert sum(chain.calls) == count
    assert max(chain.calls) <= 30
