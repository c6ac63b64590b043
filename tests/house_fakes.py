"""A house without a chain: facts are set by the test, the clock stands still until it is moved."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import uvicorn
from walras.digest import Domain, cancel_digest, intent_digest
from walras.intent import NATIVE, Intent, Leg
from walras.signing import Signer
from walras.wire import CancelRequest, IntentMessage, PermitMessage, SubmitRequest, TokenInfo
from walras_auction.api.app import create_app
from walras_auction.api.house import ApiConfig, House
from walras_auction.ports import AccountFacts, AuthorityFacts, AuthorityQuery, ChainError, Contracts, TokenFacts

NOW = 1_700_000_000
FUNDS = 10**24
NO_PAGES = Path("/nonexistent")


def address(number: int) -> str:
    return f"0x{number:040x}"


A, B, C = address(0xA0), address(0xB0), address(0xC0)
WETH = address(0xE0)
CONTRACTS = Contracts(*(address(0xF00 + index) for index in range(5)), wrapped_native=WETH)
DOMAIN = Domain(31337, CONTRACTS.settlement)
HOUSE_SIGNER = Signer((99).to_bytes(32, "big"))


def key(number: int) -> Signer:
    """A deterministic test key."""
    return Signer((1000 + number).to_bytes(32, "big"))


class ManualClock:
    """Time moves when the test says so."""

    def __init__(self, time: int = NOW) -> None:
        self.time = time

    def now(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return float(self.time)


@dataclass
class FakeChain:
    """Everyone has funds and allowance, unless the test says otherwise."""

    domain: Domain = DOMAIN
    contracts: Contracts = CONTRACTS
    funds: dict[tuple[str, str], TokenFacts] = field(default_factory=dict)
    codeless: set[str] = field(default_factory=set)
    epochs: dict[str, int] = field(default_factory=dict)
    taken: set[tuple[str, int]] = field(default_factory=set)
    dead: set[tuple[str, int]] = field(default_factory=set)
    down: bool = False
    permit_problem: str | None = None
    keepers: set[str] = field(default_factory=set)
    authorities: dict[str, AuthorityFacts] = field(default_factory=dict)  # by what was signed
    asked: list[AuthorityQuery] = field(default_factory=list)
    calls: int = 0

    def account_facts(self, intents: Sequence[tuple[str, Intent]]) -> list[AccountFacts]:
        self.calls += 1
        self._answer()
        return [self._facts(intent) for _, intent in intents]

    def check_permit(self, owner: str, permit: PermitMessage) -> str | None:
        self._answer()
        return self.permit_problem

    def authority_facts(self, queries: Sequence[AuthorityQuery]) -> list[AuthorityFacts]:
        self._answer()
        self.asked += queries
        return [self.authorities.get(query.digest, AuthorityFacts(False, False)) for query in queries]

    def tokens(self) -> tuple[TokenInfo, ...]:
        return tuple(TokenInfo(address=token, symbol=token[-2:], decimals=18, price=10**18) for token in (A, B, WETH))

    def set_funds(self, owner: str, token: str, balance: int, allowance: int = FUNDS) -> None:
        self.funds[owner, token] = TokenFacts(balance, allowance)

    def _answer(self) -> None:
        if self.down:
            raise ChainError("the node refused the connection")

    def _facts(self, intent: Intent) -> AccountFacts:
        owner = intent.owner
        return AccountFacts(
            epoch=self.epochs.get(owner, 0),
            nonce_taken=(owner, intent.nonce) in self.taken,
            nonce_dead=(owner, intent.nonce) in self.dead,
            filled=0,
            gives=tuple(self._token(owner, leg) for leg in intent.gives),
            wants_are_contracts=tuple(leg.token == NATIVE or leg.token not in self.codeless for leg in intent.wants),
            keeps_in_vault=owner in self.keepers,
        )

    def _token(self, owner: str, leg: Leg) -> TokenFacts:
        facts = self.funds.get((owner, leg.token), TokenFacts(FUNDS, FUNDS))
        return replace(facts, is_contract=leg.token not in self.codeless)


def an_intent(
    signer: Signer,
    *,
    give: tuple[str, int] = (A, 1000),
    want: tuple[str, int] = (B, 900),
    nonce: int = 1,
    **rest: object,
) -> Intent:
    """A partial sell, valid for an hour."""
    rest.setdefault("valid_to", NOW + 3600)
    return Intent.sell(signer.address, give, want, nonce=nonce, **rest)  # type: ignore[arg-type]


def signed(
    intent: Intent, signer: Signer, permits: tuple[PermitMessage, ...] = (), domain: Domain = DOMAIN
) -> SubmitRequest:
    """The intent as its owner submits it."""
    return SubmitRequest(
        chain_id=domain.chain_id,
        settlement=domain.settlement,
        intent=IntentMessage.of(intent),
        signature=signer.sign(intent_digest(intent, domain)),
        permits=permits,
    )


def a_request(number: int = 1, **changes: object) -> SubmitRequest:
    """A signed intent of test key ``number``."""
    return signed(an_intent(key(number), **changes), key(number))  # type: ignore[arg-type]


def a_cancel(uid: str, signer: Signer) -> CancelRequest:
    """An owner's signed cancel."""
    digest = cancel_digest(signer.address, uid, DOMAIN)
    return CancelRequest(owner=signer.address, uid=uid, signature=signer.sign(digest))


def open_house(
    path: Path, chain: FakeChain | None = None, clock: ManualClock | None = None, config: ApiConfig | None = None
) -> House:
    """A house in a store file at ``path``."""
    return House.open(path, chain or FakeChain(), clock or ManualClock(), HOUSE_SIGNER, api_config=config)


@contextmanager
def served(house: House, pages: Path = NO_PAGES) -> Iterator[str]:
    """The house's API on an ephemeral port of this machine; the address, without a slash at its end."""
    config = uvicorn.Config(
        create_app(house, pages), log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    # With the protocol named, asyncio turns off Nagle's delay on what this socket accepts.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            house.feed.close()
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Desk:
    """A house and a plain HTTP client at its door."""

    house: House
    chain: FakeChain
    clock: ManualClock
    url: str
    http: httpx.Client

    def post(self, path: str, body: bytes | str) -> httpx.Response:
        return self.http.post(path, content=body, headers={"Content-Type": "application/json"})

    def held(self) -> tuple[int, int]:
        """Length of the log and number of open intents: what a refusal may not change."""
        return self.house.store.snapshot(0).log_length, len(self.house.store.open_intents())
