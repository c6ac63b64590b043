"""One audit of a receipt under way, for a client that waits and for one that does not."""

from __future__ import annotations

import time
from typing import Any

from walras.audit_chained import chained_steps
from walras.audit_outcome import Audit, AuditRequest, LedgerFacts, ReadLedger, Seen, read_ledger
from walras.audit_receipt import audit_steps
from walras.calls import Call, WalrasError
from walras.chained import ChainedReceipt
from walras.jsonrpc import JsonRpc
from walras.ledger import EthCall
from walras.wire import HouseInfo, Receipt

__all__ = ["AuditRun"]


class AuditRun:
    """Until there is an ``outcome``: make the ``call``, or ``read`` if there is none, and ``tell`` what came of it."""

    def __init__(
        self,
        receipt: Receipt | ChainedReceipt,
        info: HouseInfo,
        chain: EthCall | str | None,
        ledger: str | None,
        seen: Seen | None,
        now: int | None,
    ) -> None:
        moment = int(time.time()) if now is None else now
        signed = receipt.last if isinstance(receipt, ChainedReceipt) else receipt
        request = AuditRequest(signed, info, ledger and ledger.lower(), chain is not None, seen, moment)
        self._chain = chain
        self._steps = chained_steps(receipt, request) if isinstance(receipt, ChainedReceipt) else audit_steps(request)
        self._step: Call[Any] | ReadLedger | None = None
        self.outcome: Audit | None = None
        self.tell(None)

    @property
    def call(self) -> Call[Any] | None:
        """What to ask the house, unless it is the chain's turn."""
        return None if isinstance(self._step, ReadLedger) else self._step

    def read(self) -> LedgerFacts:
        """Ask the chain. Blocks; raises :class:`~walras.ledger.ChainAnswerError`."""
        assert isinstance(self._step, ReadLedger)
        if isinstance(self._chain, str):
            with JsonRpc(self._chain) as node:
                return read_ledger(node.call, self._step)
        assert self._chain is not None
        return read_ledger(self._chain, self._step)

    def tell(self, answer: Any) -> None:
        """Go on with this answer, or with the house's refusal."""
        try:
            refused = isinstance(answer, WalrasError)
            self._step = self._steps.throw(answer) if refused else self._steps.send(answer)
        except StopIteration as done:
            self._step, self.outcome = None, done.value
