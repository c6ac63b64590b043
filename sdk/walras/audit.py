"""Check an export of a log offline: that it is whole, unchanged, signed, and what was posted on chain.

Nothing that the house says is believed but its signing key, which the auditor may name. The export is read line by
line; what is kept of it is 64 bytes an entry for the Merkle tree and 60 an intent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from walras.audit_entries import EntryJudge
from walras.audit_report import Check, Fault, Finding, LogReport
from walras.digest import entry_head
from walras.log_export import ExportEntry, ExportHeader, ExportRoot
from walras.log_proofs import PostedRoot
from walras.merkle import MerkleTree

__all__ = ["Check", "Fault", "Finding", "LogAudit", "LogReport", "audit_file", "audit_log"]

#: The longest line that is read. A house takes intents of 64 KB; escaped inside a line they are twice that.
MAX_LINE = 1 << 20
_ZERO = "0x" + "00" * 32
_CHUNK = 1024


def audit_file(path: Path, signer: str | None = None) -> LogAudit:
    """Audit the export at ``path``, streaming. Raises ``OSError`` if it can not be read."""
    with path.open("rb") as file:
        return audit_log(read_lines(file), signer)


def audit_log(lines: Iterable[bytes], signer: str | None = None) -> LogAudit:
    """Audit the lines of an export. ``signer``: the house's receipt signer, instead of the one in the header."""
    audit = LogAudit(signer)
    for line in lines:
        audit.feed(line)
    audit.finish()
    return audit


def read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; one that is too long comes cut, so that it is refused without being held."""
    while line := file.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = file.readline(MAX_LINE + 1)


class LogAudit:
    """An audit under way: feed it the lines in order, then ``finish``; ``report`` says what was found.

    A fault does not end it: each entry is judged against what the one before it states.
    """

    def __init__(self, signer: str | None = None) -> None:
        self.report = LogReport()
        self.header: ExportHeader | None = None
        self.roots: list[PostedRoot] = []
        self._signer = signer and signer.lower()
        self._line = 0
        self._head: str | None = None
        self._tree = MerkleTree()
        self._heads: list[bytes] = []
        self._records: list[tuple[int, str]] = []  # (entries so far, hash of the round's record)

    @property
    def size(self) -> int:
        """Entries that were read."""
        return len(self._tree) + len(self._heads)

    def root(self, size: int) -> str:
        """The Merkle root over the first ``size`` entries. Raises ``ValueError`` if there are fewer."""
        return "0x" + self._tree.root(size).hex()

    def feed(self, line: bytes) -> None:
        """The next line."""
        self._line += 1
        if self._line == 1:
            self._read_header(line)
        elif self.header is not None:
            self._read_line(line)

    def finish(self) -> None:
        """Judge what only the whole shows. Call it once, after the last line."""
        if self.header is None:
            if self._line == 0:
                self.report.add(Fault.BAD_HEADER, 0, "the export is empty")
            return
        self._flush()
        twice, strangers = self._judge.index.judge()
        for place, first in twice:
            self.report.add(Fault.LOGGED_TWICE, place, f"it stands at {first} as well")
        for place, detail in strangers:
            self.report.add(Fault.CANCEL_BY_ANOTHER, place, detail)
        size = 0
        for root in self.roots:
            self._check_root(root, size, self.header.epoch)
            size = root.size

    def _read_header(self, line: bytes) -> None:
        try:
            self.header = ExportHeader.model_validate_json(line)
        except ValidationError as error:
            return self.report.add(Fault.BAD_HEADER, 0, _first(error))
        signer = self._signer or self.header.signer
        if signer != self.header.signer:
            self.report.add(Fault.WRONG_HOUSE, 0, f"it names {self.header.signer}, not {signer}")
        self._head = self.header.genesis
        self._judge = EntryJudge(self.header, signer, self.report)
        return None

    def _read_line(self, line: bytes) -> None:
        try:
            if len(line) > MAX_LINE:
                return self._skip(f"line {self._line} is longer than {MAX_LINE} bytes")
            if line.startswith(b'{"root"'):
                self.roots.append(ExportRoot.model_validate_json(line).root)
                self.report.counts["roots"] += 1
            else:
                self._read_entry(ExportEntry.model_validate_json(line))
        except ValidationError as error:
            self._skip(f"line {self._line}: {_first(error)}")
        return None

    def _skip(self, detail: str) -> None:
        """What stands there is unknown, so the next entry's head has nothing to follow."""
        self.report.add(Fault.BAD_LINE, self._judge.next, detail)
        self._judge.skip()
        self._head = None

    def _read_entry(self, entry: ExportEntry) -> None:
        if self.roots:
            return self.report.add(Fault.MISPLACED_LINE, self._judge.next, f"line {self._line} follows a root")
        self.report.counts["entries"] += 1
        previous, self._head = self._head, entry.head
        raw = entry.body.encode("utf-8", "surrogatepass")
        if previous is not None and entry.head != next_head(previous, raw):
            self.report.add(Fault.BROKEN_CHAIN, self._judge.next)
        self._heads.append(bytes.fromhex(entry.head[2:]))
        record = self._judge.judge(entry, raw, previous)
        if record is not None:
            self._records.append((self.size, record))
        if len(self._heads) >= _CHUNK:
            self._flush()
        return None

    def _flush(self) -> None:
        self._tree.extend(self._heads)
        self._heads.clear()

    def _check_root(self, root: PostedRoot, before: int, epoch: int) -> None:
        report, size = self.report, root.size
        if root.epoch != epoch:
            return report.add(Fault.ROOT_MISMATCH, size, f"it is of epoch {root.epoch}")
        if size <= before:
            report.add(Fault.ROOT_ORDER, size, f"it follows size {before}")
        if size > len(self._tree):
            return report.add(Fault.ROOT_BEYOND_LOG, size, f"the export holds {len(self._tree)} entries")
        found, record = self.root(size), self._record(size)
        if root.log_root != found:
            report.add(Fault.ROOT_MISMATCH, size, f"the log's root is {found}")
        if root.state_root != record:
            report.add(Fault.STATE_ROOT, size, f"the newest record is {record}")
        return None

    def _record(self, size: int) -> str:
        """The hash of the newest round record among the first ``size`` entries; zero if there is none."""
        at = bisect_right(self._records, size, key=lambda row: row[0])
        return self._records[at - 1][1] if at else _ZERO


def next_head(previous: str, body: bytes) -> str:
    """``walras.digest.entry_head`` as ``0x`` hex."""
    return "0x" + entry_head(bytes.fromhex(previous[2:]), body).hex()


def _first(error: ValidationError) -> str:
    """The first complaint, with the field that it concerns."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
