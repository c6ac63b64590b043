"""Chains in memory: they answer at once, so that a figure is the house's own. Every row that uses one says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from walras.digest import Domain, keccak
from walras.intent import Intent
from walras.signing import Signer
from walras.testing.market import address_of
from walras.wire import Batch, GasTerms, PermitMessage, Pool, TokenInfo
from walras_auction.bids import Checked, Simulation
from walras_auction.close import ChainView
from walras_auction.infra.chain.encoding import encode_solution
from walras_auction.ports import AccountFacts, AuthorityFacts, AuthorityQuery, Contracts, TokenFacts
from walras_auction.record import BundleOutcome
from walras_auction.settle import Entry, SignedBundle
from walras_auction.verify import expected_changes

from .orders import WRAPPED, token_address

CONTRACTS = Contracts(
    settlement=address_of("bench:settlement"),
    vault=address_of("bench:vault"),
    executor=address_of("bench:executor"),
    registry=address_of("bench:registry"),
    treasury=address_of("bench:treasury"),
    wrapped_native=token_address(WRAPPED),
)
DOMAIN = Domain(31337, CONTRACTS.settlement)
HOUSE = Signer(keccak(b"walras bench house"))
MAX = 2**256 - 1
_RICH = TokenFacts(MAX, MAX)
BLOCK_TIME = 1


@cache
def _funded(gives: int, wants: int) -> AccountFacts:
    return AccountFacts(0, False, False, 0, (_RICH,) * gives, (True,) * wants)


class FundedChain:
    """What intake asks of a chain: everyone can pay everything, no nonce is used."""

    domain = DOMAIN
    contracts = CONTRACTS

    def __init__(self, tokens: Sequence[TokenInfo] = ()) -> None:
        self._tokens = tuple(tokens)

    def account_facts(self, intents: Sequence[tuple[str, Intent]]) -> list[AccountFacts]:
        return [_funded(len(intent.gives), len(intent.wants)) for _, intent in intents]

    def check_permit(self, owner: str, permit: PermitMessage) -> str | None:
        return None

    def authority_facts(self, queries: Sequence[AuthorityQuery]) -> list[AuthorityFacts]:
        return [AuthorityFacts(False, True) for _ in queries]

    def tokens(self) -> tuple[TokenInfo, ...]:
        return self._tokens


@dataclass
class MarketChain(FundedChain):
    """What rounds ask of a chain: recorded balances, pools, and simulations that succeed at nine tenths of the gas
    that the round's terms expect. It has no gas limit of a block."""

    balances: Mapping[tuple[str, str], int]
    market_tokens: Sequence[TokenInfo]
    pools: tuple[Pool, ...]
    gas: GasTerms
    block_gas: int = 10**12
    _changes: dict[bytes, dict[tuple[str, str], int]] = field(default_factory=dict)
    _fills: dict[bytes, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.market_tokens)

    def view(self, intents: Sequence[tuple[str, Intent]]) -> ChainView:
        funds = {
            (intent.owner, leg.token): TokenFacts(self.balances[intent.owner, leg.token], MAX)
            for _, intent in intents
            for leg in intent.gives
        }
        return ChainView(1, BLOCK_TIME, funds, {uid: (0, False, False, 0) for uid, _ in intents}, self.pools)

    def is_bonded(self, solver: str) -> bool:
        return True

    def cover(self, solver: str, token: str) -> int:
        return 0

    def relay_permits(self, permits: Sequence[tuple[str, PermitMessage]]) -> list[str | None]:
        return [None] * len(permits)

    def encode(self, checked: Checked, signatures: Mapping[str, str], batch: Batch) -> bytes:
        """The real encoding; what the solution must bring is kept for its simulation."""
        data = encode_solution(checked, signatures, batch)
        solution = checked.proposed.solution
        self._changes[data] = expected_changes(checked)
        self._fills[data] = (len(solution.fills), len(solution.interactions))
        return data

    def simulate(
        self, round_id: int, solver: str, solution: bytes, deadline: int, probes: Sequence[tuple[str, str]]
    ) -> Simulation:
        changes, (fills, interactions) = self._changes[solution], self._fills[solution]
        expected = self.gas.base + fills * self.gas.per_fill + interactions * self.gas.per_interaction
        return Simulation(True, expected * 9 // 10, tuple(changes[probe] for probe in probes))

    def sign_bundle(self, round_id: int, entries: Sequence[Entry], deadline: int) -> SignedBundle:
        raw = b"".join(bytes.fromhex(entry.hash[2:]) for entry in entries)
        return SignedBundle("0x" + keccak(raw).hex(), raw, tuple(entry.hash for entry in entries))

    def send(self, raw: bytes) -> str:
        return "0x" + keccak(raw).hex()

    def follow(self, bundle: SignedBundle) -> BundleOutcome | None:
        outcomes = dict.fromkeys(bundle.hashes, (True, ""))
        return BundleOutcome(bundle.transaction, 2, BLOCK_TIME + 1, 0, outcomes)
