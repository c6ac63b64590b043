"""What both clients offer to owners who change their minds: cancels of every scope, and amends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from walras import calls
from walras.calls import CANCEL_BATCH_SIZE, Call, WalrasError
from walras.cancels import cancel_epoch_request, cancel_request, cancel_word_request
from walras.digest import Domain
from walras.intent import Intent
from walras.orders import signed_request
from walras.signing import Signature, Signer
from walras.wire import Amended, CancelRequest, HouseInfo, PermitMessage, Receipt

if TYPE_CHECKING:
    from walras.terms import Terms

__all__ = ["AsyncCancelling", "Cancelling"]

Answer = TypeVar("Answer")


class Cancelling:
    """The part of :class:`walras.client.Client` that takes back what was submitted.

    ``signer`` is the owner's key, or a finished signature of ``walras.cancels.cancel_typed_data`` beside the ``owner``.
    A receipt's ``first_round`` is the first round that is without what was cancelled.
    """

    if TYPE_CHECKING:

        def _send(self, call: Call[Answer]) -> Answer: ...

        def house(self, *, fresh: bool = False) -> HouseInfo: ...

    def cancel(self, uid: str, signer: Signer | Signature, owner: str = "") -> Receipt:
        """Withdraw an intent from the house, or keep it out if it has not arrived; the checked receipt."""
        return self._cancel(cancel_request(uid, signer, self._domain(), owner))

    def cancel_word(self, word: int, signer: Signer | Signature, owner: str = "") -> Receipt:
        """Withdraw all intents with the nonces ``word * 256 … word * 256 + 255``, now and later."""
        return self._cancel(cancel_word_request(word, signer, self._domain(), owner))

    def cancel_epoch(self, epoch: int, signer: Signer | Signature, owner: str = "") -> Receipt:
        """Withdraw all intents of ``epoch`` and before, now and later: the house takes none until the owner has raised
        its epoch on chain (``walras.funds.raise_epoch``)."""
        return self._cancel(cancel_epoch_request(epoch, signer, self._domain(), owner))

    def cancel_many(self, uids: Sequence[str], signer: Signer) -> list[Receipt | WalrasError]:
        """Withdraw many; in each uid's place the receipt, checked, or the error that a single cancel would raise."""
        info = self.house()
        requests = [cancel_request(uid, signer, calls.domain_of(info)) for uid in uids]
        outcomes: list[Receipt | WalrasError] = []
        for start in range(0, len(requests), CANCEL_BATCH_SIZE):
            part = requests[start : start + CANCEL_BATCH_SIZE]
            outcomes += calls.cancel_outcomes(self._send(calls.cancel_many(part)), part, info)
        return outcomes

    def amend(
        self,
        uid: str,
        intent: Intent,
        signature: Signer | Signature | str,
        permits: Sequence[PermitMessage] = (),
        terms: Terms | str | None = None,
    ) -> Amended:
        """Put ``intent`` in the place of the open intent ``uid``, of the same owner and nonce: both happen, or neither.

        The receipt of the new intent, and in ``replaced`` that of the old one's cancel; both are checked.
        """
        info = self.house()
        request = signed_request(intent, signature, calls.domain_of(info), permits, terms, uid.lower())
        return calls.check_amended(self._send(calls.amend(request)), request, calls.uid_of(intent, info), info)

    def _domain(self) -> Domain:
        return calls.domain_of(self.house())

    def _cancel(self, request: CancelRequest) -> Receipt:
        return calls.check_cancel_receipt(self._send(calls.cancel(request)), request, self.house())


class AsyncCancelling:
    """The same for :class:`walras.aclient.AsyncClient`."""

    if TYPE_CHECKING:

        async def _send(self, call: Call[Answer]) -> Answer: ...

        async def house(self, *, fresh: bool = False) -> HouseInfo: ...

    async def cancel(self, uid: str, signer: Signer | Signature, owner: str = "") -> Receipt:
        """As :meth:`Cancelling.cancel`."""
        return await self._cancel(cancel_request(uid, signer, await self._domain(), owner))

    async def cancel_word(self, word: int, signer: Signer | Signature, owner: str = "") -> Receipt:
        """As :meth:`Cancelling.cancel_word`."""
        return await self._cancel(cancel_word_request(word, signer, await self._domain(), owner))

    async def cancel_epoch(self, epoch: int, signer: Signer | Signature, owner: str = "") -> Receipt:
        """As :meth:`Cancelling.cancel_epoch`."""
        return await self._cancel(cancel_epoch_request(epoch, signer, await self._domain(), owner))

    async def cancel_many(self, uids: Sequence[str], signer: Signer) -> list[Receipt | WalrasError]:
        """As :meth:`Cancelling.cancel_many`."""
        info = await self.house()
        requests = [cancel_request(uid, signer, calls.domain_of(info)) for uid in uids]
        outcomes: list[Receipt | WalrasError] = []
        for start in range(0, len(requests), CANCEL_BATCH_SIZE):
            part = requests[start : start + CANCEL_BATCH_SIZE]
            outcomes += calls.cancel_outcomes(await self._send(calls.cancel_many(part)), part, info)
        return outcomes

    async def amend(
        self,
        uid: str,
        intent: Intent,
        signature: Signer | Signature | str,
        permits: Sequence[PermitMessage] = (),
        terms: Terms | str | None = None,
    ) -> Amended:
        """As :meth:`Cancelling.amend`."""
        info = await self.house()
        request = signed_request(intent, signature, calls.domain_of(info), permits, terms, uid.lower())
        return calls.check_amended(await self._send(calls.amend(request)), request, calls.uid_of(intent, info), info)

    async def _domain(self) -> Domain:
        return calls.domain_of(await self.house())

    async def _cancel(self, request: CancelRequest) -> Receipt:
        return calls.check_cancel_receipt(await self._send(calls.cancel(request)), request, await self.house())
