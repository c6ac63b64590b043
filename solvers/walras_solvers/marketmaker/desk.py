"""The desk: answers a request for a quote with an intent that the maker has signed, firm until it expires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from walras.atoms import ceil_div, floor_div
from walras.digest import Domain, intent_uid
from walras.intent import NO_TERMS, Intent
from walras.orders import signed_request
from walras.signing import Signer
from walras.terms import Terms
from walras.wire import Address, Atoms, Hash, Seconds, SubmitRequest, Wire

from walras_solvers.marketmaker.inventory import Inventory, Promise
from walras_solvers.marketmaker.pricing import Pricing


class QuoteRequest(Wire):
    """A trader would give ``give`` for ``want``. ``amount`` is what it gives (``sell``), or what it wants (``buy``)."""

    give: Address
    want: Address
    amount: Atoms
    kind: Literal["sell", "buy"] = "sell"


class Quote(Wire):
    """The maker gives up to ``gives`` atoms of ``want`` for at least ``wants`` of ``give``, until ``validTo``.

    Any part of it at the same rate. The gas of the maker's fill is paid out of what is given.
    ``request`` is the signed intent as a house takes it: whoever submits it, or the maker itself.
    """

    uid: Hash
    maker: Address
    give: Address
    want: Address
    wants: Atoms
    gives: Atoms
    valid_to: Seconds
    request: SubmitRequest


class QuoteRefused(Exception):
    """The maker does not quote this; the sentence says why."""


@dataclass(frozen=True, slots=True)
class QuoteRules:
    """``solver`` is the account that quotes are reserved for, if for any. A quote lives longer than the time a house
    gives a settlement to land (120 s unless configured), or it is in no batch.
    """

    lifetime_seconds: int = 150
    most_live: int = 200
    solver: str | None = None


class QuoteDesk:
    """Quotes from one key and one inventory. Thread-safe.

    ``gas_atoms`` of a token pay for a fill of the maker's: it gives as much more to a buyer, at the same rate, so that
    the buyer can have all it wants.
    """

    def __init__(
        self,
        signer: Signer,
        domain: Domain,
        pricing: Pricing,
        inventory: Inventory,
        clock: Callable[[], int],
        rules: QuoteRules = QuoteRules(),
        gas_atoms: Callable[[str], int] = lambda token: 0,
    ) -> None:
        self.signer = signer
        self.rules = rules
        self._domain = domain
        self._pricing = pricing
        self._inventory = inventory
        self._clock = clock
        self._gas_atoms = gas_atoms
        self._lock = threading.Lock()

    def quote(self, asked: QuoteRequest) -> Quote:
        """A signed quote, for which inventory is reserved until it expires. Raises :class:`QuoteRefused`."""
        with self._lock:
            now = self._clock()
            self._inventory.expired(now)
            gives, wants = self._amounts(asked)
            promise, quote = self._sign(asked, gives, wants, now + self.rules.lifetime_seconds)
            self._inventory.promise(promise)
            return quote

    def price(self, asked: QuoteRequest) -> tuple[int, int]:
        """(atoms the maker would give, atoms it would want): a quote that binds nobody. Raises like :meth:`quote`."""
        with self._lock:
            self._inventory.expired(self._clock())
            return self._amounts(asked)

    def live(self) -> tuple[Promise, ...]:
        """Quotes that may still fill."""
        with self._lock:
            self._inventory.expired(self._clock())
            return self._inventory.promises

    def filled(self, uid: str, gave: int, got: int) -> None:
        """A quote has given and got so much so far."""
        with self._lock:
            self._inventory.filled(uid, gave, got)

    def holdings(self) -> dict[str, tuple[int, int]]:
        """Atoms held and atoms free, by token."""
        with self._lock:
            return {token: (held, self._inventory.free(token)) for token, held in self._inventory.held.items()}

    def _amounts(self, asked: QuoteRequest) -> tuple[int, int]:
        """(atoms the maker gives at most, atoms it wants at least); both rounded for the maker."""
        rate = None if asked.give == asked.want else self._pricing.rate(asked.give, asked.want, self._inventory.held)
        if rate is None:
            raise QuoteRefused("the maker has no price for this pair")
        if asked.amount == 0 or rate == 0:
            raise QuoteRefused("nothing is asked for, or nothing can be given for it")
        if len(self._inventory.promises) >= self.rules.most_live:
            raise QuoteRefused(f"{self.rules.most_live} quotes are live; ask again when some have expired")
        top, bottom = rate.numerator, rate.denominator
        if asked.kind == "sell":
            gives, wants = floor_div(asked.amount * top, bottom), asked.amount
        else:
            gives = asked.amount + self._gas_atoms(asked.want)
            wants = ceil_div(gives * bottom, top)
        free = self._inventory.free(asked.want)
        if not 0 < gives <= free:
            raise QuoteRefused(f"{gives} atoms would be given; {free} are free")
        return gives, wants

    def _sign(self, asked: QuoteRequest, gives: int, wants: int, until: int) -> tuple[Promise, Quote]:
        nonce, solver = self._inventory.nonce(), self.rules.solver
        terms = Terms(exclusive_solver=solver, exclusive_until=until) if solver else None
        intent = Intent.sell(
            self.signer.address,
            (asked.want, gives),
            (asked.give, wants),
            valid_to=until,
            nonce=nonce,
            terms=terms.hash() if terms else NO_TERMS,
        )
        uid = intent_uid(intent, self._domain)
        request = signed_request(intent, self.signer, self._domain, terms=terms)
        quote = Quote(
            uid=uid,
            maker=self.signer.address,
            give=asked.give,
            want=asked.want,
            wants=wants,
            gives=gives,
            valid_to=until,
            request=request,
        )
        return Promise(uid, asked.want, gives, asked.give, wants, nonce, until), quote
