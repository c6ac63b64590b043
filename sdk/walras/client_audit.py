"""What both clients offer to auditors: roots, proofs, the audit of a receipt, the export of the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from walras import calls
from walras.answers import LogPage
from walras.calls import Call, WalrasError
from walras.chained import ChainedReceipt
from walras.log_export import ExportEntry, ExportHeader, ExportRoot, export_line
from walras.log_proofs import ConsistencyProof, InclusionProof, LogRoot, RootPage
from walras.wire import HouseInfo, Receipt

if TYPE_CHECKING:
    # An ABI library comes with these: paid for by whoever audits, not by whoever trades.
    from walras.audit_outcome import Audit, Seen
    from walras.ledger import EthCall

__all__ = ["AsyncAuditing", "Auditing"]

Answer = TypeVar("Answer")
_PAGE = 1_000
ExportSteps = Generator[Call[Any] | bytes, Any, None]


class Auditing:
    """The part of :class:`walras.client.Client` that holds a house to its word."""

    if TYPE_CHECKING:

        def _send(self, call: Call[Answer]) -> Answer: ...

        def house(self, *, fresh: bool = False) -> HouseInfo: ...

    def log_root(self) -> LogRoot:
        """The log's size and Merkle root, and the newest root on chain, in the house's words."""
        return self._send(calls.log_root())

    def log_roots(self, after: int = 0, limit: int = 100) -> RootPage:
        """Roots on chain over more than ``after`` entries, in the house's words."""
        return self._send(calls.log_roots(after, limit))

    def inclusion(self, sequence: int, size: int | None = None) -> InclusionProof:
        """Proof that an entry is one of the first ``size``, unchecked; see ``walras.merkle.verify_inclusion``."""
        return self._send(calls.inclusion(sequence, size))

    def consistency(self, start: int, size: int | None = None) -> ConsistencyProof:
        """Proof that the log of ``size`` begins with that of ``start``, unchecked; see ``verify_consistency``."""
        return self._send(calls.consistency(start, size))

    def audit(
        self,
        receipt: Receipt | ChainedReceipt,
        *,
        chain: EthCall | str | None = None,
        ledger: str | None = None,
        seen: Seen | None = None,
        now: int | None = None,
    ) -> Audit:
        """Prove that the entry of ``receipt`` is in the log, or make the evidence that the ledger accepts.

        Of a receipt of a batch that shares its signature, the signed one is audited and the place of its own entry.

        ``chain``: the node or function to read the ledger's roots with; without it the house's own root is believed.
        ``ledger`` pins the contract. ``seen``: the last ``Audit.seen``, so that a rewritten past is noticed. ``now``:
        Unix seconds, else the machine's clock. Raises :class:`walras.ledger.ChainAnswerError` if the chain does not
        answer, :class:`walras.calls.UntrustedHouseError` if the receipt is not the house's.
        """
        from walras.audit_run import AuditRun

        run = AuditRun(receipt, self.house(), chain, ledger, seen, now)
        while run.outcome is None:
            try:
                run.tell(run.read() if run.call is None else self._send(run.call))
            except WalrasError as refusal:
                run.tell(refusal)
        return run.outcome

    def export_log(self) -> Iterator[bytes]:
        """The log as it stands, as the lines of an export (``walras.log_export``) for ``walras audit log``."""
        steps = export_steps(self.house())
        step = _advance(steps, None)
        while step is not None:
            if isinstance(step, bytes):
                yield step
            step = _advance(steps, None if isinstance(step, bytes) else self._send(step))


class AsyncAuditing:
    """The same for :class:`walras.aclient.AsyncClient`."""

    if TYPE_CHECKING:

        async def _send(self, call: Call[Answer]) -> Answer: ...

        async def house(self, *, fresh: bool = False) -> HouseInfo: ...

    async def log_root(self) -> LogRoot:
        """The log's size and Merkle root, and the newest root on chain, in the house's words."""
        return await self._send(calls.log_root())

    async def log_roots(self, after: int = 0, limit: int = 100) -> RootPage:
        """Roots on chain over more than ``after`` entries, in the house's words."""
        return await self._send(calls.log_roots(after, limit))

    async def inclusion(self, sequence: int, size: int | None = None) -> InclusionProof:
        """Proof that an entry is one of the first ``size``, unchecked; see ``walras.merkle.verify_inclusion``."""
        return await self._send(calls.inclusion(sequence, size))

    async def consistency(self, start: int, size: int | None = None) -> ConsistencyProof:
        """Proof that the log of ``size`` begins with that of ``start``, unchecked; see ``verify_consistency``."""
        return await self._send(calls.consistency(start, size))

    async def audit(
        self,
        receipt: Receipt | ChainedReceipt,
        *,
        chain: EthCall | str | None = None,
        ledger: str | None = None,
        seen: Seen | None = None,
        now: int | None = None,
    ) -> Audit:
        """As :meth:`Auditing.audit`; the chain is read in a thread."""
        from walras.audit_run import AuditRun

        run = AuditRun(receipt, await self.house(), chain, ledger, seen, now)
        while run.outcome is None:
            try:
                run.tell(await (asyncio.to_thread(run.read) if run.call is None else self._send(run.call)))
            except WalrasError as refusal:
                run.tell(refusal)
        return run.outcome

    async def export_log(self) -> AsyncIterator[bytes]:
        """The log as it stands, as the lines of an export (``walras.log_export``) for ``walras audit log``."""
        steps = export_steps(await self.house())
        step = _advance(steps, None)
        while step is not None:
            if isinstance(step, bytes):
                yield step
            step = _advance(steps, None if isinstance(step, bytes) else await self._send(step))


def _advance(steps: ExportSteps, answer: Any) -> Call[Any] | bytes | None:
    """The next step after this answer, or None at the end."""
    try:
        return steps.send(answer)
    except StopIteration:
        return None


def export_steps(info: HouseInfo) -> ExportSteps:
    """The export as steps: a call, whose answer is sent in, or a line."""
    log: LogRoot = yield calls.log_root()
    yield export_line(_header(info, log))
    start = 1
    while start <= log.size:
        page: LogPage = yield calls.log(start, min(_PAGE, log.size - start + 1))
        for line in page.entries:
            yield export_line(ExportEntry(body=line.body, head=line.head, receipt=line.receipt))
        if not page.entries:
            raise calls.UntrustedHouseError(f"the house shows no entry {start}, though its log has {log.size}")
        start += len(page.entries)
    after: int | None = 0
    while after is not None:
        roots: RootPage = yield calls.log_roots(after, _PAGE)
        for root in roots.roots:
            if root.size <= log.size:
                yield export_line(ExportRoot(root=root))
        after = roots.next


def _header(info: HouseInfo, log: LogRoot) -> ExportHeader:
    return ExportHeader(
        chain_id=info.chain_id,
        settlement=info.settlement,
        ledger=log.ledger,
        signer=info.house_signer,
        epoch=log.epoch,
    )
