"""Signed requests from intents, and nonces in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from walras.digest import Domain, intent_digest
from walras.intent import EPOCH_SHIFT, Intent
from walras.signing import Scheme, Signature, Signer
from walras.wire import IntentMessage, PermitMessage, SubmitRequest

if TYPE_CHECKING:
    from walras.terms import Terms


@dataclass(frozen=True, slots=True)
class Order:
    """An intent and what goes with it: its owner's key or finished signature, permits if funds need them, its terms.

    ``terms`` are those that ``intent.terms`` is the hash of, or their bytes as ``0x`` hex. ``replaces``: the uid of an
    open intent of the same owner and nonce, in whose place this one comes.
    """

    intent: Intent
    signature: Signer | Signature | str
    permits: Sequence[PermitMessage] = ()
    terms: Terms | str | None = None
    replaces: str | None = None

    def request(self, domain: Domain) -> SubmitRequest:
        """The message that submits it."""
        return signed_request(self.intent, self.signature, domain, self.permits, self.terms, self.replaces)


def signed_request(
    intent: Intent,
    signature: Signer | Signature | str,
    domain: Domain,
    permits: Sequence[PermitMessage] = (),
    terms: Terms | str | None = None,
    replaces: str | None = None,
) -> SubmitRequest:
    """The message that submits ``intent``, signed here if ``signature`` is a key; a bare string is one of a key."""
    if isinstance(signature, Signer):
        signature = signature.sign(intent_digest(intent, domain))
    if isinstance(signature, str):
        signature = Signature(Scheme.ECDSA, signature)
    return SubmitRequest(
        chain_id=domain.chain_id,
        settlement=domain.settlement,
        intent=IntentMessage.of(intent),
        signature=signature.data,
        scheme=signature.scheme,
        permits=tuple(permits),
        terms_data=terms if terms is None or isinstance(terms, str) else terms.data,
        replaces=replaces,
    )


class Nonces:
    """Hands out consecutive nonces of each owner, so that 256 of them share one word on chain."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def knows(self, owner: str) -> bool:
        return owner in self._next

    def learn(self, owner: str, used: Iterable[int]) -> None:
        """Start after the highest nonce that ``owner`` has used; never below what was handed out meanwhile."""
        self._next[owner] = max(self._next.get(owner, 0), max(used, default=-1) + 1)

    def take(self, owner: str, epoch: int | None = None) -> int:
        """The next nonce; of ``epoch`` if that is later than the epoch so far."""
        nonce = max(self._next.get(owner, 0), (epoch or 0) << EPOCH_SHIFT)
        self._next[owner] = nonce + 1
        return nonce
