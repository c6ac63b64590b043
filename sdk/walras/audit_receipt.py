"""Hold a house to its receipt: prove that the entry is in the log, or make the evidence that the ledger accepts.

The steps are the same for both clients: :func:`audit_steps` says what to ask next and is told the answer.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from walras import calls
from walras.answers import LogPage
from walras.audit_outcome import Audit, AuditRequest, LedgerFacts, Outcome, ReadLedger, Seen
from walras.calls import Call, UntrustedHouseError, WalrasError
from walras.evidence import contradicts, equivocation_call, omission_call
from walras.funds import ChainCall
from walras.log_proofs import LogRoot
from walras.merkle import leaf_hash, leaf_index, verify_consistency, verify_inclusion
from walras.rejections import Reason
from walras.wire import Receipt

__all__ = ["Steps", "audit_steps", "included", "tried"]


#: An audit under way: asks a call or for the ledger, and ends with the outcome.
Steps = Generator[Call[Any] | ReadLedger, Any, Audit]


def audit_steps(request: AuditRequest) -> Steps:
    """The audit as steps, ended by its outcome.

    A step's answer is sent in; a :class:`WalrasError` of the house is thrown in. Raises
    :class:`~walras.calls.UntrustedHouseError` if the receipt was never signed by the house, or if the ledger is to be
    read and nobody says which.
    """
    receipt = request.receipt
    calls.check_receipt(receipt, receipt.uid, request.info)
    log: LogRoot = yield calls.log_root()
    facts: LedgerFacts | None = None
    ledger = request.ledger or log.ledger
    if request.on_chain:
        if ledger is None:
            raise UntrustedHouseError("the house names no ledger; name the one that its operator has a bond in")
        facts = yield ReadLedger(ledger, receipt.epoch)
        if facts.newest is not None and facts.newest.size > log.size:
            log = yield calls.log_root()  # a root was posted between the two questions
    judge = _Judge(request, log, facts, ledger)
    return (yield from judge.steps())


class _Judge:
    def __init__(self, request: AuditRequest, log: LogRoot, facts: LedgerFacts | None, ledger: str | None) -> None:
        self._request = request
        self._receipt = request.receipt
        self._shown = Seen(size=log.size, root=log.root)
        self._facts = facts
        self._anchor = facts.newest if facts else None
        self._ledger = ledger
        self._seen = request.seen

    def steps(self) -> Steps:
        """Where the entry is first: what the ledger can judge goes before what it can not."""
        sequence, anchor = self._receipt.sequence, self._anchor
        anchored = anchor is not None and sequence <= anchor.size
        root, where = (anchor, "on chain") if anchor and anchored else (self._shown, "that the house shows")
        if not (yield from included(self._receipt.head, sequence, root)):
            return (yield from self._evidence(f"Entry {sequence} is not in the log of {root.size} {where}", anchored))
        fault = yield from self._rewritten()
        if fault:
            return self._outcome(Outcome.INCONSISTENT, fault, anchored)
        self._seen = self._shown
        sentence = f"Entry {sequence} is in the log of {root.size} {where}"
        if anchored or self._facts is None:
            return self._outcome(Outcome.PROVEN, f"{sentence}.", anchored)
        due = self._receipt.time + self._facts.promise.inclusion_seconds
        if self._request.now > due:
            return (yield from self._evidence(f"{sentence}, but under no root on chain, due by {due}", False))
        return self._outcome(Outcome.PENDING, f"{sentence}; a root on chain is due by {due}.", False)

    def _rewritten(self) -> Generator[Call[Any], Any, str]:
        """Why the log that the house shows is not one that extends what was seen and what is on chain, or ""."""
        for words, root in (("was seen before", self._request.seen), ("is on chain", self._anchor)):
            if root is not None and root.size and not (yield from self._extends(root)):
                return (
                    f"The log of {self._shown.size} entries that the house shows does not begin with the log of"
                    f" {root.size} that {words}. Keep both roots: whoever holds a receipt of what was rewritten has"
                    " evidence."
                )
        return ""

    def _extends(self, root: Seen) -> Generator[Call[Any], Any, bool]:
        shown = self._shown
        if root.size >= shown.size:
            return root == shown
        answer = yield from tried(calls.consistency(root.size, shown.size), Reason.NOT_IN_LOG)
        words = (_word(root.root), root.size, _word(shown.root), shown.size)
        return answer is not None and verify_consistency(*words, _words(answer.proof))

    def _evidence(self, sentence: str, anchored: bool) -> Steps:
        """Two receipts for one place if the house gave the place away, else the claim that the entry is missing."""
        page: LogPage = yield calls.log(self._receipt.sequence, 1)
        for line in page.entries:
            if line.receipt is not None and self._is_lie(line.receipt):
                sentence += ": the house gave its place to another and signed both; proveEquivocation shows it."
                return self._outcome(
                    Outcome.EVIDENCE, sentence, anchored, equivocation_call(self._receipt, line.receipt)
                )
        sentence += "; challengeOmission claims it" + (f", for a stake of {self._stake()}." if self._facts else ".")
        return self._outcome(Outcome.EVIDENCE, sentence, anchored, omission_call(self._receipt))

    def _stake(self) -> str:
        assert self._facts is not None
        return f"{self._facts.promise.stake} atoms of {self._facts.promise.bond_token}"

    def _is_lie(self, other: Receipt) -> bool:
        """Whether ``other`` is the house's word as well, and contradicts the receipt."""
        try:
            calls.check_receipt(other, other.uid, self._request.info)
        except UntrustedHouseError:
            return False
        return contradicts(self._receipt, other)

    def _outcome(self, outcome: Outcome, sentence: str, anchored: bool, data: bytes | None = None) -> Audit:
        if data is None:
            return Audit(outcome, sentence, self._receipt, anchored, self._seen)
        if self._ledger is None:
            return Audit(outcome, f"{sentence} The house names no ledger.", self._receipt, anchored, self._seen)
        call = ChainCall(self._ledger, data)
        if self._facts is None:
            return Audit(outcome, sentence, self._receipt, anchored, self._seen, call)
        promise, first = self._facts.promise, self._receipt.time
        last = first + promise.challenge_seconds
        if data == omission_call(self._receipt):
            first += promise.inclusion_seconds + 1
        return Audit(outcome, sentence, self._receipt, anchored, self._seen, call, first, last)


def included(head: str, sequence: int, root: Seen) -> Generator[Call[Any], Any, bool]:
    """Whether ``head`` is the one after entry ``sequence`` in the log under ``root``; asks the house for the proof."""
    if sequence > root.size:
        return False
    answer = yield from tried(calls.inclusion(sequence, root.size), Reason.NOT_IN_LOG)
    if answer is None:
        return False
    leaf = leaf_hash(_word(head))
    return verify_inclusion(_word(root.root), root.size, leaf_index(sequence), leaf, _words(answer.proof))


def tried(call: Call[Any], expected: Reason) -> Generator[Call[Any], Any, Any]:
    """The answer, or None if the house refuses with the ``expected`` reason."""
    try:
        return (yield call)
    except WalrasError as error:
        if error.reason is not expected:
            raise
        return None


def _word(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _words(proof: Sequence[str]) -> list[bytes]:
    return [_word(word) for word in proof]
