"""Intake of cancels: check an owner's signed cancel and have it logged, or refuse it with a named reason.

Cancels come in bursts. Nothing but the signature is checked outside the store, and a long list goes into the log in
pieces, one list at a time, so that the submissions between them are not kept waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from walras.cancels import Scope, digest_of, target_of
from walras.digest import Domain
from walras.rejections import Reason, Rejection
from walras.signing import HALF_ORDER, Scheme, recover_account
from walras.wire import CancelRequest, Receipt

from walras_auction.authority import check_key
from walras_auction.log import Notary
from walras_auction.ports import AuthorityFacts, AuthorityQuery, Cancelled, ChainError, Clock, IntakeChain, Store, Wish

#: Cancels to a commit, of a list that is longer.
PIECE = 512
_HALF_ORDER = HALF_ORDER.to_bytes(32, "big")
_ZERO = bytes(32)


class Cancels:
    """The house's door for cancels. Every method may be called from any thread.

    ``check_running`` raises :class:`Rejection` once the house stops; ``refused`` is told of each refusal, and its uid.
    """

    def __init__(
        self,
        store: Store,
        chain: IntakeChain,
        clock: Clock,
        notary: Notary,
        check_running: Callable[[], None],
        refused: Callable[[Rejection, str], None],
    ) -> None:
        self._store = store
        self._chain = chain
        self._clock = clock
        self._notary = notary
        self._check_running = check_running
        self._refused = refused
        self._long = threading.Lock()

    def cancel(self, request: CancelRequest) -> Receipt:
        """The receipt of the cancel, durable; cancelling twice is cancelling once. Raises :class:`Rejection`."""
        (outcome,) = self.cancel_many([request])
        if isinstance(outcome, Rejection):
            raise outcome
        return self._notary.cancel_receipt(outcome)

    def cancel_many(self, requests: Sequence[CancelRequest]) -> list[Cancelled | Rejection]:
        """Like :meth:`cancel` for each, in few commits; a refusal stands in its place and stops no other."""
        read = [self._read(request) for request in requests]
        wishes = self._ask_chain([one for one in read if isinstance(one, Wish)])
        good = iter(self._log([one for one in wishes if isinstance(one, Wish)]))
        judged = iter([one if isinstance(one, Rejection) else next(good) for one in wishes])
        outcomes = [one if isinstance(one, Rejection) else next(judged) for one in read]
        for request, outcome in zip(requests, outcomes, strict=True):
            if isinstance(outcome, Rejection):
                self._refused(outcome, request.uid or "")
        return outcomes

    def _read(self, request: CancelRequest) -> Wish | Rejection:
        """What the request asks for, its signature checked if it is a key's."""
        try:
            self._check_running()
            return _wish(request, self._chain.domain)
        except Rejection as rejection:
            return rejection

    def _ask_chain(self, wishes: Sequence[Wish]) -> list[Wish | Rejection]:
        """Ask the owners that are contracts whether they confirm it."""
        domain = self._chain.domain
        queries = {at: _query(wish, domain) for at, wish in enumerate(wishes) if wish.scheme is Scheme.ERC1271}
        judged: list[Wish | Rejection] = list(wishes)
        if not queries:
            return judged
        try:
            answers = self._chain.authority_facts(list(queries.values()))
        except ChainError as error:
            for at in queries:
                judged[at] = Rejection(Reason.CHAIN_UNAVAILABLE, "", str(error))
            return judged
        for (at, query), facts in zip(queries.items(), answers, strict=True):
            refusal = _refusal(query, facts)
            if refusal is not None:
                judged[at] = refusal
        return judged

    def _log(self, wishes: Sequence[Wish]) -> list[Cancelled | Rejection]:
        if len(wishes) <= PIECE:
            return self._store.cancel_many(wishes, self._clock.now()) if wishes else []
        outcomes: list[Cancelled | Rejection] = []
        for start in range(0, len(wishes), PIECE):
            with self._long:
                outcomes += self._store.cancel_many(wishes[start : start + PIECE], self._clock.now())
        return outcomes


def _wish(request: CancelRequest, domain: Domain) -> Wish:
    scope, value = target_of(request)
    owner = request.owner
    digest = digest_of(owner, scope, value, domain)
    if request.scheme is Scheme.ECDSA and not _is_signed(digest, request.signature, owner):
        check_key("0x" + digest.hex(), request.signature, owner)
    uid = value if scope is Scope.UID else "0x" + digest.hex()
    return Wish(scope, value, owner, uid, request.signature, request.scheme)


def _is_signed(digest: bytes, signature: str, owner: str) -> bool:
    """Whether the key of ``owner`` made a signature of the most common form; of others something else can tell."""
    raw = bytes.fromhex(signature[2:])
    if len(raw) != 65 or not _ZERO < raw[32:64] <= _HALF_ORDER:
        return False
    return recover_account(digest, raw) == bytes.fromhex(owner[2:])


def _query(wish: Wish, domain: Domain) -> AuthorityQuery:
    digest = digest_of(wish.owner, wish.scope, wish.value, domain)
    return AuthorityQuery(wish.owner, "0x" + digest.hex(), wish.scheme, 0, wish.signature)


def _refusal(query: AuthorityQuery, facts: AuthorityFacts) -> Rejection | None:
    if not facts.has_code:
        return Rejection(Reason.CONTRACT_REFUSES, "signature", f"the owner {query.owner} is no contract")
    if not facts.confirmed:
        detail = f"{query.owner} does not confirm it for {query.digest}"
        return Rejection(Reason.CONTRACT_REFUSES, "signature", detail)
    return None
