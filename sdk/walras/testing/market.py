"""Build the batch a test needs as one sentence::

    batch = (
        a_market()
        .with_token("WETH", price=1)
        .with_token("USDC", decimals=6, price="0.0005")
        .with_pool("WETH", "USDC", 100, 200_000)
        .with_sell("alice", give=("WETH", 1), want=("USDC", 1_900))
        .batch()
    )

Amounts are whole tokens (int, decimal string or Decimal) and turn into atoms exactly. Names of owners and tokens turn
into addresses, the same ones every time. Every step returns a new market, so a common start can be shared.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from walras.digest import Domain, intent_uid, keccak
from walras.intent import ZERO_ADDRESS, FillRule, Intent, Kind, Leg
from walras.signing import Signer
from walras.terms import Terms
from walras.wire import Batch, Funds, GasTerms, IntentMessage, OpenIntent, Pool, TokenInfo

Number = int | str | Decimal
Amount = tuple[str, Number]
"""A token's symbol and an amount in whole tokens."""

TIME = 1_800_000_000
FREE_GAS = GasTerms(price=0, base=60_000, per_fill=90_000, per_interaction=100_000, margin_bps=2_000)


def address_of(name: str) -> str:
    """The deterministic address of a contract or token that a test calls ``name``."""
    return "0x" + keccak(f"walras.testing:{name}".encode())[12:].hex()


def scaled(amount: Number, decimals: int) -> int:
    """``amount`` · 10^``decimals`` as an integer. Raises ``ValueError`` if that is not whole."""
    with localcontext() as context:
        context.prec = 160
        value = Decimal(amount).scaleb(decimals)
        if value != value.to_integral_value():
            raise ValueError(f"{amount} has more than {decimals} decimals")
        return int(value)


@dataclass(frozen=True)
class Market:
    """A market under construction. Start with :func:`a_market`, end with :meth:`batch`."""

    tokens: tuple[TokenInfo, ...] = ()
    pools: tuple[Pool, ...] = ()
    intents: tuple[Intent, ...] = ()
    remaining: dict[int, int] = field(default_factory=dict)
    funds: dict[tuple[str, str], int] = field(default_factory=dict)
    gas: GasTerms = FREE_GAS
    domain: Domain = field(default_factory=lambda: Domain(1, address_of("settlement")))
    time: int = TIME
    terms: dict[int, str] = field(default_factory=dict)

    def signer(self, owner: str) -> Signer:
        """The key behind the name ``owner``."""
        return Signer(keccak(f"walras.testing:owner:{owner}".encode()))

    def address(self, symbol: str) -> str:
        """The address of the token ``symbol``, which must be in the market already."""
        return self._token(symbol).address

    def with_token(self, symbol: str, *, decimals: int = 18, price: Number | None = None) -> Market:
        """A token. ``price`` is native coins a whole token; None: there is no reference price."""
        wei = None if price is None else scaled(price, 36 - decimals)
        token = TokenInfo(address=address_of(f"token:{symbol}"), symbol=symbol, decimals=decimals, price=wei)
        return replace(self, tokens=(*self.tokens, token))

    def with_pool(
        self, one: str, other: str, reserve: Number, other_reserve: Number, *, fee_ppm: int = 3_000
    ) -> Market:
        """A constant-product pool; token0 is the lower address, as on chain."""
        sides = sorted((self._atoms((one, reserve)), self._atoms((other, other_reserve))))
        name = f"pool:{len(self.pools)}:{one}/{other}"
        pool = Pool(
            id=name,
            address=address_of(name),
            token0=sides[0][0],
            reserve0=sides[0][1],
            token1=sides[1][0],
            reserve1=sides[1][1],
            fee_ppm=fee_ppm,
        )
        return replace(self, pools=(*self.pools, pool))

    def with_sell(
        self, owner: str, give: Amount, want: Amount, *, whole: bool = False, min_fill: Number | None = None
    ) -> Market:
        """``owner`` gives exactly ``give`` for at least ``want``; ``min_fill`` counts whole give tokens."""
        return self._with_order(Kind.SELL, owner, give, want, whole, min_fill)

    def with_buy(
        self, owner: str, want: Amount, give: Amount, *, whole: bool = False, min_fill: Number | None = None
    ) -> Market:
        """``owner`` wants exactly ``want`` for at most ``give``; ``min_fill`` counts whole want tokens."""
        return self._with_order(Kind.BUY, owner, give, want, whole, min_fill)

    def with_basket(
        self, kind: Kind, owner: str, gives: tuple[Amount, ...], wants: tuple[Amount, ...], *, whole: bool = False
    ) -> Market:
        """An order of several legs a side."""
        legs = [tuple(Leg.fixed(*self._atoms(amount)) for amount in side) for side in (gives, wants)]
        full = (legs[0] if kind is Kind.SELL else legs[1])[0].start
        rule, least = (FillRule.WHOLE, full) if whole else (FillRule.PARTIAL, 1)
        nonce, until = len(self.intents), self.time + 3_600
        holder = self.signer(owner).address
        return self.with_intent(Intent(holder, ZERO_ADDRESS, legs[0], legs[1], kind, rule, least, 0, 0, until, nonce))

    def with_intent(self, intent: Intent, *, remaining: int | None = None) -> Market:
        """Any intent; ``remaining`` is what earlier rounds left of it, in atoms."""
        left = {**self.remaining, len(self.intents): intent.full_amount if remaining is None else remaining}
        return replace(self, intents=(*self.intents, intent), remaining=left)

    def with_funds(self, owner: str, token: str, amount: Number) -> Market:
        """What the vault can take of ``token`` from ``owner``, instead of all that the owner's intents give."""
        address, atoms = self._atoms((token, amount))
        return replace(self, funds={**self.funds, (self.signer(owner).address, address): atoms})

    def with_terms(self, terms: Terms) -> Market:
        """The intent that was added last signs these terms."""
        *others, last = self.intents
        signed = replace(last, terms=terms.hash())
        return replace(self, intents=(*others, signed), terms={**self.terms, len(others): terms.data})

    def with_gas(
        self, price: int, *, base: int = 60_000, per_fill: int = 90_000, per_interaction: int = 100_000
    ) -> Market:
        """The gas terms; ``price`` in wei a unit of gas. Without this step gas is free."""
        gas = GasTerms(price=price, base=base, per_fill=per_fill, per_interaction=per_interaction, margin_bps=2_000)
        return replace(self, gas=gas)

    def batch(self, *, deadline_ms: int = 5_000, max_solutions: int = 8, guard_bps: int | None = None) -> Batch:
        """The batch that a solver sees."""
        return Batch(
            round=1,
            chain_id=self.domain.chain_id,
            settlement=self.domain.settlement,
            vault=address_of("vault"),
            executor=address_of("executor"),
            wrapped_native=address_of("token:WETH"),
            block=1,
            time=self.time,
            settle_by=self.time + 60,
            deadline_ms=deadline_ms,
            max_solutions=max_solutions,
            guard_bps=guard_bps,
            gas=self.gas,
            tokens=self.tokens,
            intents=tuple(self._open(index, intent) for index, intent in enumerate(self.intents)),
            funds=self._funds(),
            pools=self.pools,
        )

    def _with_order(
        self, kind: Kind, owner: str, give: Amount, want: Amount, whole: bool, min_fill: Number | None
    ) -> Market:
        fixed = give if kind is Kind.SELL else want
        least = None if min_fill is None else self._atoms((fixed[0], min_fill))[1]
        rule = FillRule.WHOLE if whole else FillRule.PARTIAL
        holder, gives, wants = self.signer(owner).address, self._atoms(give), self._atoms(want)
        until, nonce = self.time + 3_600, len(self.intents)
        if kind is Kind.SELL:
            intent = Intent.sell(holder, gives, wants, valid_to=until, nonce=nonce, fill=rule, min_fill=least)
        else:
            intent = Intent.buy(holder, wants, gives, valid_to=until, nonce=nonce, fill=rule, min_fill=least)
        return self.with_intent(intent)

    def _open(self, index: int, intent: Intent) -> OpenIntent:
        uid, message = intent_uid(intent, self.domain), IntentMessage.of(intent)
        return OpenIntent(
            uid=uid,
            sequence=index + 1,
            remaining=self.remaining[index],
            intent=message,
            terms_data=self.terms.get(index),
        )

    def _funds(self) -> tuple[Funds, ...]:
        needed: dict[tuple[str, str], int] = defaultdict(int)
        for intent in self.intents:
            for leg in intent.gives:
                needed[(intent.owner, leg.token)] += leg.end
        needed.update(self.funds)
        capped = {key: min(atoms, 2**256 - 1) for key, atoms in needed.items()}
        return tuple(Funds(owner=key[0], token=key[1], available=atoms) for key, atoms in sorted(capped.items()))

    def _token(self, symbol: str) -> TokenInfo:
        for token in self.tokens:
            if token.symbol == symbol:
                return token
        raise KeyError(f"the market has no token {symbol!r}; add it with with_token")

    def _atoms(self, amount: Amount) -> tuple[str, int]:
        token = self._token(amount[0])
        return token.address, scaled(amount[1], token.decimals)


def a_market() -> Market:
    """An empty market on chain 1, at a fixed time, with free gas."""
    return Market()
