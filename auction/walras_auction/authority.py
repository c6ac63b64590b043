"""Signatures that only the chain can judge: a contract's (ERC-1271), one made on chain, one for Permit2.

Keys' signatures are recovered here without asking anyone. The others are asked for at intake and again before every
round, since they can be taken back at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from walras.digest import Domain
from walras.intent import Intent
from walras.permit2 import permit2_digest
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, recover

from walras_auction.ports import AuthorityFacts, AuthorityQuery, Contracts, StoredIntent


class AuthorityChain(Protocol):
    """The part of the chain that knows who signed what."""

    domain: Domain
    contracts: Contracts

    def authority_facts(self, queries: Sequence[AuthorityQuery]) -> list[AuthorityFacts]:
        """What the chain says of each signature at the latest block, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature that the chain is asked about: ``digest`` is what was signed, as ``0x`` hex."""

    intent: Intent
    scheme: Scheme
    digest: str
    signature: str

    @property
    def query(self) -> AuthorityQuery:
        return AuthorityQuery(self.intent.owner, self.digest, self.scheme, self.intent.nonce, self.signature)


def claim_of(uid: str, intent: Intent, scheme: Scheme, signature: str, chain: AuthorityChain) -> Claim | None:
    """What to ask the chain about the signature of the intent ``uid``; None if its key's signature is all there is."""
    if scheme is Scheme.ECDSA:
        return None
    if scheme is Scheme.PERMIT2:
        uid = "0x" + permit2_digest(intent, chain.domain.chain_id, chain.contracts.vault).hex()
    return Claim(intent, scheme, uid, signature)


def check_claim(claim: Claim, facts: AuthorityFacts) -> None:
    """Raise :class:`Rejection` unless the settlement would take the signature now."""
    owner = claim.intent.owner
    if claim.scheme is Scheme.PRESIGNED:
        if not facts.confirmed:
            raise Rejection(Reason.NOT_PRESIGNED, "signature", f"{owner} has not signed {claim.digest} on chain")
        return
    if claim.scheme is Scheme.PERMIT2 and not facts.nonce_free:
        detail = (
            f"nonce {claim.intent.nonce} of {owner} is used or cancelled at Permit2, or Permit2 is not on this chain"
        )
        raise Rejection(Reason.PERMIT2_NONCE_USED, "nonce", detail)
    if claim.scheme is Scheme.PERMIT2 and not facts.has_code:
        check_key(claim.digest, claim.signature, owner)
    elif not facts.has_code:
        raise Rejection(Reason.CONTRACT_REFUSES, "signature", f"the owner {owner} is no contract")
    elif not facts.confirmed:
        raise Rejection(Reason.CONTRACT_REFUSES, "signature", f"{owner} does not confirm it for {claim.digest}")


def check_key(digest: str, signature: str, owner: str) -> None:
    """Raise :class:`Rejection` (``bad_signature``) unless the key of ``owner`` signed ``digest``."""
    try:
        signer = recover(bytes.fromhex(digest[2:]), signature)
    except Rejection as rejection:
        rejection.extra["digest"] = digest
        raise
    if signer != owner:
        detail = f"the signature recovers to {signer}, not to the owner {owner}"
        raise Rejection(Reason.BAD_SIGNATURE, "signature", detail, digest=digest, recovered=signer)


def refusals(claims: Sequence[Claim | None], chain: AuthorityChain) -> list[Rejection | None]:
    """For each claim why the chain does not hold it, or None; no claim holds. Raises ``ChainError``."""
    asked = [claim for claim in claims if claim is not None]
    facts = iter(chain.authority_facts([claim.query for claim in asked]) if asked else ())
    return [None if claim is None else _refusal(claim, next(facts)) for claim in claims]


def _refusal(claim: Claim, facts: AuthorityFacts) -> Rejection | None:
    try:
        check_claim(claim, facts)
    except Rejection as rejection:
        return rejection
    return None


def revoked(intents: Sequence[StoredIntent], chain: AuthorityChain) -> dict[str, str]:
    """Accepted intents whose signature the chain holds no longer: uid → why."""
    claims = [claim_of(one.uid, one.intent, one.scheme, one.signature, chain) for one in intents]
    answers = zip(intents, refusals(claims, chain), strict=True)
    return {one.uid: refusal.detail for one, refusal in answers if refusal is not None}
