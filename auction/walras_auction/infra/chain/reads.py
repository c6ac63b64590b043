"""What the house reads of owners and their intents, many at a time through the lens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eth_abi.abi import decode, encode
from walras.intent import NATIVE

from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.solution import SCHEMES
from walras_auction.ports import AccountFacts, Asked, AuthorityFacts, AuthorityQuery, TokenFacts

_CHUNK = 400
#: An owner's contract may burn 300,000 gas on a signature, and Permit2's bitmap takes a little; a call has a block's.
_AUTHORITY_CHUNK = 40
_FUNDS = selector("funds((address,address)[])")
_NONCES = selector("nonces((address,uint256,bytes32)[])")
_AUTHORITIES = selector("authorities((address,bytes32,uint8,uint256,bytes)[])")

#: Epoch, taken, dead, filled of an intent's nonce and uid.
NonceFacts = tuple[int, bool, bool, int]


class AccountReads:
    """The reads of the chain port that concern accounts. ``_read`` calls the lens."""

    _read: Callable[[bytes], bytes]

    def _many(self, call: bytes, query: str, answer: str, rows: Sequence[Any], chunk: int = _CHUNK) -> list[Any]:
        """One lens call for each ``chunk`` of ``rows``."""
        found: list[Any] = []
        for start in range(0, len(rows), chunk):
            data = self._read(call + encode([f"{query}[]"], [list(rows[start : start + chunk])]))
            found += decode([f"{answer}[]"], data)[0]
        return found

    def token_facts(self, queries: Sequence[tuple[str, str]]) -> list[TokenFacts]:
        """What there is of each (owner, token)."""
        rows = self._many(_FUNDS, "(address,address)", "(uint256,uint256,bool,uint256,uint256)", queries)
        return [TokenFacts(*row) for row in rows]

    def nonce_facts(self, queries: Sequence[tuple[str, int, str]]) -> list[tuple[NonceFacts, bool]]:
        """For each (owner, nonce, uid) its facts, and whether the owner keeps its funds in the vault."""
        asked = [(owner, nonce, bytes.fromhex(uid[2:])) for owner, nonce, uid in queries]
        rows = self._many(_NONCES, "(address,uint256,bytes32)", "(uint64,bool,bool,uint256,bool)", asked)
        return [((epoch, taken, dead, filled), keeps) for epoch, taken, dead, filled, keeps in rows]

    def authority_facts(self, queries: Sequence[AuthorityQuery]) -> list[AuthorityFacts]:
        """What the chain says of each signature."""
        asked = [
            (q.owner, bytes.fromhex(q.digest[2:]), SCHEMES[q.scheme], q.nonce, bytes.fromhex(q.signature[2:]))
            for q in queries
        ]
        types = "(address,bytes32,uint8,uint256,bytes)"
        rows = self._many(_AUTHORITIES, types, "(bool,bool,bool)", asked, _AUTHORITY_CHUNK)
        return [AuthorityFacts(*row) for row in rows]

    def account_facts(self, intents: Sequence[tuple[str, Asked]]) -> list[AccountFacts]:
        """Everything intake asks about each (uid, intent)."""
        pairs = [(intent.owner, leg.token) for _, intent in intents for leg in intent.gives]
        pairs += [(intent.owner, leg.token) for _, intent in intents for leg in intent.wants]
        unique = list(dict.fromkeys(pair for pair in pairs if pair[1] != NATIVE))
        by_pair = dict(zip(unique, self.token_facts(unique), strict=True))
        nonces = self.nonce_facts([(intent.owner, intent.nonce, uid) for uid, intent in intents])
        return [
            AccountFacts(
                *facts,
                tuple(by_pair[(intent.owner, leg.token)] for leg in intent.gives),
                tuple(leg.token == NATIVE or by_pair[(intent.owner, leg.token)].is_contract for leg in intent.wants),
                keeps,
            )
            for (_, intent), (facts, keeps) in zip(intents, nonces, strict=True)
        ]
