"""The same orders settled by GPv2's own bytecode and by ours, at the same prices: trader balances to the atom.

    python -m tests.audit.gpv2 [--batches 15] [--size 40] [--seed 1]

GPv2 rounds each computed amount for the trader: what a sell gets up, what a buy pays down. Ours rounds as the solution
says, so with `roundUp` set for sells and clear for buys every balance must be equal. With the bits inverted each
inexact amount must differ by one atom and each exact one by none. Fees, baskets and moving bounds have no like in GPv2.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from eth_abi.abi import encode
from walras.digest import intent_digest, keccak
from walras.intent import ZERO_ADDRESS, FillRule, Intent, Kind
from walras.signing import Signer
from walras.wire import Batch, Fill, Funds, GasTerms, IntentMessage, OpenIntent, Solution
from walras_auction.bids import Refused, SolverIdentity
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.local import local_chain
from walras_auction.settle import Entry, execution_gas
from walras_auction.verify import Book, check, expected_changes, propose

from tests.bench import gpv2 as peer
from tests.bench.gas_world import GasWorld, genesis, key
from tests.support.anvil import find_anvil

MAX = 2**256 - 1
TOKENS = 3
COVER = 10**30
_ORDER_TYPE = (
    b"Order(address sellToken,address buyToken,address receiver,uint256 sellAmount,uint256 buyAmount,uint32 validTo,"
    b"bytes32 appData,uint256 feeAmount,string kind,bool partiallyFillable,string sellTokenBalance,"
    b"string buyTokenBalance)"
)
_TRADE = "(uint256,uint256,address,uint256,uint256,uint32,bytes32,uint256,uint256,uint256,bytes)"
_SETTLE_TYPES = ["address[]", "uint256[]", f"{_TRADE}[]", "(address,uint256,bytes)[][3]"]
_SETTLE = selector(f"settle({','.join(_SETTLE_TYPES)})")
_FREE = GasTerms(price=0, base=0, per_fill=0, per_interaction=0, margin_bps=0)

Changes = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Order:
    """One order and what is executed of it, in atoms of its fixed side. Tokens are places in the world's list."""

    trader: Signer
    kind: Kind
    partial: bool
    give: int
    want: int
    gives: int
    wants: int
    executed: int

    @property
    def full(self) -> int:
        return self.gives if self.kind is Kind.SELL else self.wants

    @property
    def moving(self) -> int:
        """The token whose amount the prices make."""
        return self.want if self.kind is Kind.SELL else self.give

    def exact(self, prices: Sequence[int]) -> bool:
        over, under = (self.give, self.want) if self.kind is Kind.SELL else (self.want, self.give)
        return self.executed * prices[over] % prices[under] == 0


@dataclass(frozen=True, slots=True)
class Round:
    """Orders that settle together at one price a token; ``started`` are partial ones that settle again."""

    number: int
    prices: tuple[int, ...]
    orders: tuple[Order, ...]

    def rest(self) -> tuple[Order, ...]:
        """The partial orders with what the first settlement left of them."""
        left = [replace(one, executed=one.full - one.executed) for one in self.orders if one.partial]
        return tuple(one for one in left if one.executed)


def rounds(count: int, size: int, seed: int) -> Iterator[Round]:
    """Random rounds: each trader has one order in each."""
    draw = random.Random(seed)
    people = traders(size)
    for number in range(count):
        prices = tuple(draw.randrange(10**5, 10 ** draw.choice((6, 9))) for _ in range(TOKENS))
        yield Round(number, prices, tuple(_order(draw, one, prices) for one in people))


def traders(size: int) -> list[Signer]:
    return [key(f"trader {place}") for place in range(size)]


def _order(draw: random.Random, trader: Signer, prices: Sequence[int]) -> Order:
    """An order whose limit the prices meet, sometimes with nothing to spare."""
    give, want = draw.sample(range(TOKENS), 2)
    kind, partial, slack = draw.choice(list(Kind)), draw.random() < 0.5, draw.choice((0, 0, draw.randrange(100)))
    if kind is Kind.SELL:
        gives = draw.randrange(10**8, 10**12) * (prices[want] // prices[give] + 1)
        wants = gives * prices[give] // prices[want] * (1_000 - slack) // 1_000
    else:
        wants = draw.randrange(10**8, 10**12) * (prices[give] // prices[want] + 1)
        gives = -(-wants * prices[want] // prices[give]) * (1_000 + slack) // 1_000 + 1
    full = gives if kind is Kind.SELL else wants
    executed = draw.randint(full // 10, full) if partial else full
    return Order(trader, kind, partial, give, want, gives, wants, executed)


class DuelWorld(GasWorld):
    """Waits for each transaction: anvil may answer before it has mined."""

    def gas_of(self, signer: Signer, to: str, data: bytes, gas: int) -> int:
        raw, _ = self.sign(signer, to, data, gas)
        self.local.send_all([(raw, gas)])
        receipt = self.local.rpc.receipt("0x" + keccak(raw).hex())
        assert receipt is not None
        return int(receipt["gasUsed"])


class Ours:
    """Our settlement; the solver's cover stands in for GPv2's buffers."""

    def __init__(self, world: GasWorld) -> None:
        self._world, self._round = world, 0
        world.mint([world.solver.address], COVER)
        world.deployer.flush()
        for token in world.tokens:
            allow = selector("approve(address,uint256)") + encode(["address", "uint256"], [world.contracts.vault, MAX])
            world.gas_of(world.solver, token, allow, 80_000)
            deposit = selector("depositCover(address,uint256)") + encode(["address", "uint256"], [token, COVER])
            world.gas_of(world.solver, world.contracts.vault, deposit, 200_000)

    def settle(self, one: Round, orders: Sequence[Order], *, valid_to: int, nonce: int, like_gpv2: bool) -> None:
        """Settle ``orders``; ``like_gpv2`` rounds every computed amount for its trader."""
        self._round += 1
        world, domain = self._world, self._world.chain.domain
        intents = [_intent(world, order, valid_to, nonce) for order in orders]
        digests = [intent_digest(intent, domain) for intent in intents]
        batch = self._batch(orders, intents, digests)
        fills = tuple(
            Fill(uid=entry.uid, executed=order.executed, fee=0, round_up=int((order.kind is Kind.SELL) is like_gpv2))
            for entry, order in zip(batch.intents, orders, strict=True)
        )
        prices = {token: one.prices[place] for place, token in enumerate(world.tokens)}
        cover = dict.fromkeys(world.tokens, COVER // 10)
        proposal = propose(_solver(world), Solution(id=1, prices=prices, fills=fills, cover=cover))
        covers = {(world.solver.address, token): MAX for token in world.tokens}
        checked = check(proposal, Book(batch, covers))
        if isinstance(checked, Refused):
            raise AssertionError(f"the house refuses the orders: {checked.reason}: {checked.detail}")
        signatures = {"0x" + d.hex(): order.trader.sign(d) for d, order in zip(digests, orders, strict=True)}
        encoded = world.chain.encode(checked, signatures, batch)
        tried = world.chain.simulate(
            self._round, world.solver.address, encoded, batch.settle_by, list(expected_changes(checked))
        )
        if not tried.ok:
            raise AssertionError(f"our settlement fails: {tried.error}")
        entry = Entry(checked.proposed.hash, world.solver.address, encoded, execution_gas(tried.gas))
        bundle = world.chain.sign_bundle(self._round, [entry], batch.settle_by)
        world.chain.send(bundle.raw)
        outcome = world.chain.follow(bundle)
        assert outcome is not None
        assert all(ok for ok, _ in outcome.outcomes.values()), outcome

    def _batch(self, orders: Sequence[Order], intents: Sequence[Intent], digests: Sequence[bytes]) -> Batch:
        world, contracts, now = self._world, self._world.contracts, self._world.now()
        opened = [
            OpenIntent(
                uid="0x" + digest.hex(),
                sequence=1,
                # As if no more were left than is executed now.
                remaining=order.executed if order.partial else order.full,
                intent=IntentMessage.of(intent),
            )
            for order, intent, digest in zip(orders, intents, digests, strict=True)
        ]
        return Batch(
            round=self._round,
            chain_id=world.chain.domain.chain_id,
            settlement=contracts.settlement,
            vault=contracts.vault,
            executor=contracts.executor,
            wrapped_native=contracts.wrapped_native,
            block=0,
            time=now,
            settle_by=now + 600,
            deadline_ms=0,
            max_solutions=1,
            gas=_FREE,
            tokens=world.chain.tokens(),
            intents=tuple(opened),
            funds=tuple(Funds(owner=one.owner, token=one.gives[0].token, available=MAX) for one in intents),
        )


def _solver(world: GasWorld) -> SolverIdentity:
    return SolverIdentity("audit", world.solver.address)


def _intent(world: GasWorld, order: Order, valid_to: int, nonce: int) -> Intent:
    give, want = (world.tokens[order.give], order.gives), (world.tokens[order.want], order.wants)
    rule = FillRule.PARTIAL if order.partial else FillRule.WHOLE
    owner = order.trader.address
    if order.kind is Kind.SELL:
        return Intent.sell(owner, give, want, valid_to=valid_to, nonce=nonce, fill=rule)
    return Intent.buy(owner, want, give, valid_to=valid_to, nonce=nonce, fill=rule)


class Theirs:
    """GPv2 on the same chain, deployed and filled with buffers by the benchmark."""

    def __init__(self, world: GasWorld) -> None:
        self._world, self._solver = world, peer.ACCOUNTS[1]
        self.address = peer.GPv2(world).address
        self._separator = world.local.rpc.call(self.address, selector("domainSeparator()"))

    def settle(self, one: Round, orders: Sequence[Order], *, valid_to: int) -> None:
        rows = [self._trade(order, valid_to, one.number) for order in orders]
        arguments = [list(self._world.tokens), list(one.prices), rows, [[], [], []]]
        self._world.gas_of(self._solver, self.address, _SETTLE + encode(_SETTLE_TYPES, arguments), 25_000_000)

    def _trade(self, order: Order, valid_to: int, number: int) -> tuple[object, ...]:
        app_data = keccak(b"walras audit %d" % number)
        amounts = [ZERO_ADDRESS, order.gives, order.wants, valid_to, app_data, 0]
        signature = bytes.fromhex(order.trader.sign(self._digest(order, amounts))[2:])
        flags = int(order.kind is Kind.BUY) | int(order.partial) << 1
        return (order.give, order.want, *amounts, flags, order.executed, signature)

    def _digest(self, order: Order, amounts: Sequence[object]) -> bytes:
        tokens, erc20 = self._world.tokens, keccak(b"erc20")
        types = ["bytes32", "address", "address", "address", "uint256", "uint256", "uint32", "bytes32", "uint256"]
        values = [keccak(_ORDER_TYPE), tokens[order.give], tokens[order.want], *amounts]
        kind = keccak(str(order.kind).encode())
        words = encode([*types, "bytes32", "bool", "bytes32", "bytes32"], [*values, kind, order.partial, erc20, erc20])
        return keccak(b"\x19\x01" + self._separator + keccak(words))


def balances(world: GasWorld, people: Sequence[Signer]) -> Changes:
    """Atoms of each trader in each token."""
    query = selector("balanceOf(address)")
    return {
        (one.address, place): int.from_bytes(
            world.local.rpc.call(token, query + encode(["address"], [one.address])), "big"
        )
        for one in people
        for place, token in enumerate(world.tokens)
    }


class Duel:
    """Both settlements on one chain, with the same traders."""

    def __init__(self, world: GasWorld, people: Sequence[Signer]) -> None:
        self._world, self._people = world, people
        self._ours, self._theirs = Ours(world), Theirs(world)
        self.seen: Counter[str] = Counter()

    def fight(self, one: Round) -> None:
        """Settle a round and the rest of its partial orders with both; raises ``AssertionError`` on a difference."""
        valid_to = self._world.now() + 3_600
        for orders in (one.orders, one.rest()):
            start = balances(self._world, self._people)
            self._ours.settle(one, orders, valid_to=valid_to, nonce=2 * one.number, like_gpv2=True)
            middle = balances(self._world, self._people)
            self._theirs.settle(one, orders, valid_to=valid_to)
            end = balances(self._world, self._people)
            for place in start:
                mine, other = middle[place] - start[place], end[place] - middle[place]
                assert mine == other, f"round {one.number}: {place}: ours {mine}, GPv2's {other}"
            self._against(one, orders, middle, end, valid_to)
            self._count(one, orders)

    def _against(self, one: Round, orders: Sequence[Order], middle: Changes, end: Changes, valid_to: int) -> None:
        """The same orders under new nonces, rounded the other way: one atom less where the amount is inexact."""
        spare = [order for order in orders if self._has_room(order, one)]
        if not spare or orders is not one.orders:
            return
        self._ours.settle(one, spare, valid_to=valid_to, nonce=2 * one.number + 1, like_gpv2=False)
        after = balances(self._world, self._people)
        for order in spare:
            place = (order.trader.address, order.moving)
            lost = (end[place] - middle[place]) - (after[place] - end[place])
            assert lost == int(not order.exact(one.prices)), f"round {one.number}: {order}: {lost} atoms"
            self.seen["rounded against"] += lost

    def _has_room(self, order: Order, one: Round) -> bool:
        """Whether the limit allows an atom less for the trader, and the amount is above the floor of such rounding."""
        if order.kind is Kind.SELL:
            got = order.executed * one.prices[order.give] // one.prices[order.want]
            return got >= 10**6 and got * order.gives >= order.wants * order.executed
        pays = -(-order.executed * one.prices[order.want] // one.prices[order.give])
        return pays >= 10**6 and pays * order.wants <= order.gives * order.executed

    def _count(self, one: Round, orders: Sequence[Order]) -> None:
        for order in orders:
            self.seen["orders"] += 1
            self.seen[f"{order.kind} {'partial' if order.partial else 'whole'}"] += 1
            self.seen["inexact"] += not order.exact(one.prices)


def run(backend: str, batches: int, size: int, seed: int) -> Counter[str]:
    """All rounds on a fresh chain; how many orders of which kind were compared."""
    people = traders(size)
    everyone = genesis(people) | genesis(list(peer.ACCOUNTS))
    with local_chain(everyone, backend) as local:
        duel = Duel(DuelWorld(local, people, TOKENS), people)
        for one in rounds(batches, size, seed):
            duel.fight(one)
        return duel.seen


def main() -> int:
    parser = argparse.ArgumentParser(description="Our settlement against GPv2's on the same orders.")
    parser.add_argument("--batches", type=int, default=15)
    parser.add_argument("--size", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    peer.install()
    find_anvil()
    try:
        seen = run("anvil", options.batches, options.size, options.seed)
    except AssertionError as error:
        print(f"differs: {error}")
        return 1
    print(f"batches={options.batches} " + " ".join(f"{name.replace(' ', '-')}={n}" for name, n in sorted(seen.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
