"""A house with a market in it: real intake, real store, rounds judged and published by the house's own code.

Only the chain is a fake, so solutions are written here by hand (one price a pair, everything nets out exactly).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from house_fakes import CONTRACTS, DOMAIN, FUNDS, WETH, FakeChain, ManualClock, address, key, open_house, signed
from walras.atoms import ceil_div
from walras.intent import Intent
from walras.rejections import Reason, Rejection
from walras.scoring import PRICE_UNIT
from walras.wire import Batch, Fill, Funds, GasTerms, IntentMessage, OpenIntent, Pool, PoolSwap, Solution, TokenInfo
from walras_auction.api import House
from walras_auction.bids import Checked, Simulation, SolverFailure, SolverIdentity
from walras_auction.judge import check_all, judge
from walras_auction.ports import IntentUpdate
from walras_auction.publish import Published, publish
from walras_auction.record import BundleOutcome, Inputs, write
from walras_auction.verify import Book, expected_changes, propose

USDC, DAI, STAKE = address(0xC1), address(0xD1), address(0x57)
ROUND_SECONDS = 5
GAS = GasTerms(price=10**9, base=60_000, per_fill=90_000, per_interaction=100_000, margin_bps=2_000)
#: Clearing prices a token atom, all on one scale: 1 WETH = 3012.4 USDC, 1 DAI = 1 USDC, 1 STAKE = 0.135 DAI.
PRICES = {WETH: 3_012_400, USDC: 10**15, DAI: 1_000, STAKE: 135}
UNITS = {WETH: 10**16, USDC: 10**4, DAI: 10**16, STAKE: 10**16}
TOKENS = (
    TokenInfo(address=WETH, symbol="WETH", decimals=18, price=10**18),
    TokenInfo(address=USDC, symbol="USDC", decimals=6, price=10**30 // 3000),
    TokenInfo(address=DAI, symbol="DAI", decimals=18, price=10**18 // 3000),
    TokenInfo(address=STAKE, symbol="STAKE", decimals=18, price=None),
)
#: Pays about 3060 USDC per WETH, better than what traders clear at among themselves.
POOL = Pool(
    id="weth-usdc-1",
    address=address(0x9001),
    token0=USDC,
    token1=WETH,
    reserve0=62_000_000 * 10**6,
    reserve1=20_000 * 10**18,
    fee_ppm=3_000,
)
ORDERBOOK, CLEARING, ROUTER, JUNK = (
    SolverIdentity(name, address(0x5000 + index))
    for index, name in enumerate(("orderbook", "clearing", "router", "junk-sender"))
)
Pair = tuple[str, str]


class Tokens(FakeChain):
    """The fake chain with tokens that people know."""

    def tokens(self) -> tuple[TokenInfo, ...]:
        return TOKENS


@dataclass
class Market:
    """A house in the making. Each ``trade`` adds signed intents; each ``round`` runs one to its publication."""

    path: Path
    seed: int = 7
    first_owner: int = 0
    clock: ManualClock = field(default_factory=ManualClock)
    chain: Tokens = field(default_factory=Tokens)

    def __post_init__(self) -> None:
        self.house: House = open_house(self.path, self.chain, self.clock)
        self._random = random.Random(self.seed)
        self._count = self.first_owner
        self._block = 40

    def close(self) -> None:
        self.house.close()

    def trade(self, give: str, want: str, size: int, slack_bps: int) -> str:
        """Submit a sell of ``size`` hundredths of ``give``, ``slack_bps`` below the clearing price; its uid."""
        self._count += 1
        owner, atoms = key(self._count), size * UNITS[give]
        least = max(1, atoms * PRICES[give] * (10_000 - slack_bps) // (PRICES[want] * 10_000))
        valid_to = self.clock.time + 4 * ROUND_SECONDS
        intent = Intent.sell(owner.address, (give, atoms), (want, least), nonce=self._count, valid_to=valid_to)
        return self.house.intake.submit(signed(intent, owner)).uid

    def crowd(self, count: int, pairs: Sequence[Pair] = ((WETH, USDC), (DAI, USDC), (STAKE, DAI))) -> None:
        """``count`` intents on both sides of ``pairs``; some ask more than the clearing price."""
        for index in range(count):
            pair = pairs[index % len(pairs)]
            give, want = pair if self._random.random() < 0.5 else pair[::-1]
            worth = self._random.randint(3_000, 90_000) * 10**21  # on the scale of PRICES: 10**21 is one USDC
            size = max(1, worth // (PRICES[give] * UNITS[give]))
            self.trade(give, want, size, self._random.choice((-400, -120, -20, 15, 40, 60, 90, 150, 260)))

    def refuse(self) -> None:
        """A few submissions that intake turns away: twice too little balance, once another's signature."""
        for number in (901, 902):
            self.chain.set_funds(key(number).address, WETH, balance=1)
        for number, signer in ((901, 901), (902, 902), (903, 904)):
            owner = key(number)
            intent = Intent.sell(owner.address, (WETH, 10**18), (USDC, 1), nonce=number, valid_to=self.clock.time + 600)
            try:
                self.house.intake.submit(signed(intent, key(signer)))
            except Rejection:
                continue
            raise AssertionError("intake accepted what it must refuse")

    def round(
        self, bidders: Sequence[str] = ("clearing", "orderbook", "router", "bad", "failures"), fails: bool = False
    ) -> Published:
        """Close a batch, let ``bidders`` bid, judge, settle (or fail to) and publish, as ``rounds.py`` does."""
        house, now = self.house, self.clock.time
        self._expire()
        round_id = house.store.begin_round(now)
        batch = self._batch(round_id)
        house.feed.publish("round_open", {"round": round_id, "intents": len(batch.intents), "block": batch.block})
        book = Book(batch, {})
        proposed = tuple(propose(*bid) for bid in self._bids(batch, bidders))
        checked = check_all(proposed, book)
        simulations = {bid.proposed.hash: _simulated(bid) for bid in checked if isinstance(bid, Checked)}
        judgement = judge(checked, simulations, book)
        failures = _failures(bidders)
        laps = {"close": 11, "invite": 412, "check": 6, "simulate": 203, "select": 9}
        inputs = Inputs(batch, {}, proposed, failures, simulations, laps)
        bundles = self._settle(round_id, judgement.ranked.winners, simulations, fails)
        self.clock.time += ROUND_SECONDS
        return publish(write(inputs, judgement, bundles), house.store, house.feed, self.clock.time)

    def _expire(self) -> None:
        """Retire what runs out before a settlement could land, as ``rounds.py`` does."""
        for stored in self.house.store.open_intents():
            if stored.intent.valid_to < self.clock.time + 2:
                update = IntentUpdate(stored.uid, "expired", stored.executed, Reason.EXPIRED.value, "its time is over")
                self.house.store.update_intents([update])
                event = {"uid": update.uid, "reason": update.reason, "detail": update.detail}
                self.house.feed.publish("expired", event)

    def _settle(
        self, round_id: int, winners: Sequence[object], simulations: Mapping[str, Simulation], fails: bool
    ) -> list[BundleOutcome]:
        if not winners:
            return []
        self._block += 2
        transaction = f"0x{self._random.getrandbits(256):064x}"
        self.house.feed.publish("settling", {"round": round_id, "transaction": transaction})
        hashes = [winner.hash for winner in winners]  # type: ignore[attr-defined]
        gas = sum(simulations[key].gas for key in hashes)
        outcome = (False, "the owner's balance was gone") if fails else (True, "")
        return [BundleOutcome(transaction, self._block, self.clock.time + 2, gas, dict.fromkeys(hashes, outcome))]

    def _batch(self, round_id: int) -> Batch:
        intents = [stored for stored in self.house.store.open_intents() if stored.state == "open"]
        owners = {(stored.intent.owner, stored.intent.gives[0].token) for stored in intents}
        return Batch(
            round=round_id,
            chain_id=DOMAIN.chain_id,
            settlement=DOMAIN.settlement,
            vault=CONTRACTS.vault,
            executor=CONTRACTS.executor,
            wrapped_native=WETH,
            block=self._block,
            time=self.clock.time,
            settle_by=self.clock.time + 2,
            deadline_ms=1_000,
            max_solutions=8,
            gas=GAS,
            tokens=TOKENS,
            intents=tuple(
                OpenIntent(
                    uid=stored.uid,
                    sequence=stored.sequence,
                    remaining=stored.remaining,
                    intent=IntentMessage.of(stored.intent),
                )
                for stored in intents
            ),
            funds=tuple(Funds(owner=owner, token=token, available=FUNDS) for owner, token in sorted(owners)),
            pools=(POOL,),
        )

    def _bids(self, batch: Batch, bidders: Sequence[str]) -> list[tuple[SolverIdentity, Solution]]:
        one, two, three = (WETH, USDC), (DAI, USDC), (STAKE, DAI)
        bids = []
        if "clearing" in bidders:
            bids.append((CLEARING, _solution(batch, 1, (one, two, three))))
        if "orderbook" in bidders:
            bids.append((ORDERBOOK, _solution(batch, 1, (one,), keep=0.7)))
            bids.append((ORDERBOOK, _solution(batch, 2, (two,))))
        if "router" in bidders:
            bids.append((ROUTER, _solution(batch, 1, (one, two, three), keep=0.8)))
        if "pool" in bidders:
            bids.append((ROUTER, _through_pool(batch, 2)))
        if "twice" in bidders:
            bids += bids[:1]
        if "bad" in bidders:
            generous = _solution(batch, 9, (one,))
            bids.append((ROUTER, generous.model_copy(update={"prices": {**PRICES, WETH: 60_000}})))
            bids.append((JUNK, _solution(batch, 3, (one,)).model_copy(update={"prices": {**PRICES, WETH: 0}})))
        return [(solver, solution) for solver, solution in bids if solution.fills]


def _failures(bidders: Sequence[str]) -> tuple[SolverFailure, ...]:
    found = []
    if "failures" in bidders:
        sleeper = SolverIdentity("sleeper", address(0x5100))
        found.append(SolverFailure(sleeper, Reason.SOLVER_TIMEOUT, "no answer within 1000 ms"))
        found.append(SolverFailure(JUNK, Reason.ANSWER_TOO_LARGE, "more than 8388608 bytes"))
    if "markup" in bidders:
        crafty = SolverIdentity("<img src=x onerror=alert(1)>", address(0x5101))
        found.append(SolverFailure(crafty, Reason.ANSWER_MALFORMED, "<script>alert(2)</script>"))
    return tuple(found)


def _simulated(bid: Checked) -> Simulation:
    """A chain on which everything pays exactly what the solution says."""
    swaps = len(bid.proposed.solution.interactions)
    gas = GAS.base + len(bid.trades) * GAS.per_fill + swaps * GAS.per_interaction
    return Simulation(True, gas, tuple(expected_changes(bid).values()))


def _solution(batch: Batch, number: int, pairs: Sequence[Pair], keep: float = 1.0) -> Solution:
    """Match each of ``pairs`` at ``PRICES``, with only the first ``keep`` of those that could trade."""
    fills: list[Fill] = []
    for _ in range(4):  # until the fees of these fills pay for just these fills
        count = max(1, len(fills))
        fee_wei = ceil_div((GAS.base + count * GAS.per_fill) * GAS.price * 11, 10 * count)
        fills = [fill for pair in pairs for fill in _matched(*_sides(batch, pair, keep), fee_wei)]
    tokens = {token for pair in pairs for token in pair}
    return Solution(id=number, prices={token: PRICES[token] for token in tokens}, fills=tuple(fills))


def _through_pool(batch: Batch, number: int) -> Solution:
    """Every WETH seller's half through the pool in one swap: one directed pair, one price."""
    asks = [entry for entry in _sides(batch, (WETH, USDC), 1.0)[0] if entry.remaining > 10**18]
    fee_wei = ceil_div(
        (GAS.base + GAS.per_interaction + len(asks) * GAS.per_fill) * GAS.price * 11, 10 * max(1, len(asks))
    )
    fills = tuple(Fill(uid=entry.uid, executed=entry.remaining // 2, fee=_fee(WETH, fee_wei)) for entry in asks)
    amount = sum(fill.executed - fill.fee for fill in fills)
    scaled = amount * (10**6 - POOL.fee_ppm)
    out = POOL.reserve0 * scaled // (POOL.reserve1 * 10**6 + scaled)
    swap = PoolSwap(pool=POOL.id, token_in=WETH, amount_in=amount, amount_out=out)
    return Solution(id=number, prices={WETH: out, USDC: amount} if asks else {}, fills=fills, interactions=(swap,))


def _sides(batch: Batch, pair: Pair, keep: float) -> tuple[list[OpenIntent], list[OpenIntent]]:
    found: list[list[OpenIntent]] = []
    for give, want in (pair, pair[::-1]):
        side = [
            entry
            for entry in batch.intents
            if (entry.intent.gives[0].token, entry.intent.wants[0].token) == (give, want)
            and entry.intent.wants[0].end * PRICES[want] * 10_000 <= entry.intent.gives[0].end * PRICES[give] * 9_988
        ]
        found.append(side[: max(1, int(len(side) * keep))])
    return (found[0], found[1]) if all(found) else ([], [])


def _matched(asks: Sequence[OpenIntent], bids: Sequence[OpenIntent], fee_wei: int) -> list[Fill]:
    """Both sides for the same value after fees; the greater side is cut where the smaller one ends."""
    worth = min(sum(_net(entry, fee_wei) for entry in side) for side in (asks, bids))
    for side in (asks, bids) if worth else ():
        worth = sum((fill.executed - fill.fee) * _price(side) for fill in _take(side, worth, fee_wei))
    return _take(asks, worth, fee_wei) + _take(bids, worth, fee_wei)


def _price(side: Sequence[OpenIntent]) -> int:
    return PRICES[side[0].intent.gives[0].token]


def _net(entry: OpenIntent, fee_wei: int) -> int:
    give = entry.intent.gives[0].token
    return (entry.remaining - _fee(give, fee_wei)) * PRICES[give]


def _take(side: Sequence[OpenIntent], worth: int, fee_wei: int) -> list[Fill]:
    fills = []
    for entry in side:
        give = entry.intent.gives[0].token
        net = min(worth, _net(entry, fee_wei)) // PRICES[give]
        if net >= 1_000 * _fee(give, fee_wei):  # less is not worth its fee
            fills.append(Fill(uid=entry.uid, executed=net + _fee(give, fee_wei), fee=_fee(give, fee_wei)))
            worth -= net * PRICES[give]
    return fills


def _fee(token: str, fee_wei: int) -> int:
    """``fee_wei`` in atoms of ``token``; of a token without a reference price at the clearing price."""
    price = next(info.price for info in TOKENS if info.address == token) or 10**18 * PRICES[token] // PRICES[WETH]
    return fee_wei * PRICE_UNIT // price
