"""Compare the roots of an export with those in the ledger contract, read from a node that the auditor trusts."""

from __future__ import annotations

from walras.audit import LogAudit
from walras.audit_report import Check, Fault
from walras.jsonrpc import JsonRpc
from walras.ledger import LedgerReader
from walras.log_proofs import PostedRoot

__all__ = ["check_ledger"]


def check_ledger(audit: LogAudit, node: JsonRpc, ledger: str | None = None, first_block: int = 0) -> None:
    """Note every root of the export that is not on chain, and every one on chain that the export leaves out.

    ``ledger`` pins the contract, else it is the header's. Roots above the export's newest were posted after it was
    made. Raises :class:`~walras.ledger.ChainAnswerError`.
    """
    report, header = audit.report, audit.header
    report.checks.append(Check.LEDGER)
    address = ledger or (header.ledger if header else None)
    if header is None or address is None:
        for root in audit.roots:
            report.add(Fault.NOT_ON_CHAIN, root.size, "the export names no ledger")
        return None
    if node.chain_id() != header.chain_id:
        return report.add(Fault.NOT_ON_CHAIN, 0, f"the node is on chain {node.chain_id()}, not on {header.chain_id}")
    reader = LedgerReader(node.call, address)
    for root in audit.roots:
        _check(audit, root, reader.roots(root.epoch, root.size))
    known = {root.size for root in audit.roots}
    for posted in node.posted_roots(address, header.epoch, first_block):
        report.counts["roots on chain"] += 1
        if posted.size not in known:
            _check_unknown(audit, posted, max(known, default=0))
    return None


def _check_unknown(audit: LogAudit, posted: PostedRoot, newest: int) -> None:
    """One above the export's newest may have been posted after it was made; it has to fit the log all the same."""
    where = f"it was posted in {posted.transaction}"
    if posted.size < newest:
        audit.report.add(Fault.NOT_IN_EXPORT, posted.size, where)
    if posted.size <= audit.size and posted.log_root != audit.root(posted.size):
        audit.report.add(Fault.ROOT_MISMATCH, posted.size, f"{where}; the log's root is {audit.root(posted.size)}")


def _check(audit: LogAudit, root: PostedRoot, found: tuple[bytes, bytes] | None) -> None:
    stated = (root.log_root, root.state_root)
    if found is None:
        audit.report.add(Fault.NOT_ON_CHAIN, root.size)
    elif stated != tuple("0x" + word.hex() for word in found):
        audit.report.add(Fault.NOT_ON_CHAIN, root.size, f"the ledger holds 0x{found[0].hex()} for this size")
