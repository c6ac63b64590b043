"""The export of a log: JSON lines that an auditor checks offline (``walras.audit``).

The first line is a header, then one line an entry in order, then one line a root that is on chain::

    {"format":"walras-log/1","chainId":1,"settlement":"0x…","ledger":"0x…","signer":"0x…","epoch":1,"genesis":"0x…"}
    {"body":"{\\"epoch\\":1,…}","head":"0x…","receipt":{…}}
    {"root":{"epoch":1,"size":1,"logRoot":"0x…","stateRoot":"0x…","transaction":"0x…","block":9}}

``body`` is the entry's canonical JSON as text: its bytes are what is hashed. Lines end with a line feed.
"""

from __future__ import annotations

from typing import Literal

from walras.digest import Domain
from walras.log_proofs import PostedRoot, Size
from walras.wire import Address, Hash, Receipt, Wire

__all__ = ["FORMAT", "GENESIS", "ExportEntry", "ExportHeader", "ExportRoot", "export_line"]

FORMAT: Literal["walras-log/1"] = "walras-log/1"
#: The head before the first entry.
GENESIS = "0x" + "00" * 32


class ExportHeader(Wire):
    """Whose log it is. ``signer`` signs its receipts; ``ledger`` holds its roots, if the house posts any."""

    format: Literal["walras-log/1"] = FORMAT
    chain_id: Size
    settlement: Address
    ledger: Address | None
    signer: Address
    epoch: Size
    genesis: Hash = GENESIS

    @property
    def domain(self) -> Domain:
        """The EIP-712 domain of its intents, cancels and receipts."""
        return Domain(self.chain_id, self.settlement)


class ExportEntry(Wire):
    """One entry of the log."""

    body: str
    head: Hash
    receipt: Receipt | None


class ExportRoot(Wire):
    """One root on chain."""

    root: PostedRoot


def export_line(message: ExportHeader | ExportEntry | ExportRoot) -> bytes:
    """The message as a line of the export, with its line feed."""
    return message.model_dump_json(by_alias=True).encode() + b"\n"
