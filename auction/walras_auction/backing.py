"""Proof of funds: the open intents of one owner may together give so many times what it has, and no more.

Instead of a cap on their number: who has funds may quote on every pair at once, and who has none fills nobody's book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from walras.rejections import Reason, Rejection

#: Intents that may be ahead of the book before it is brought up to date.
_AHEAD = 100_000

#: Token, atoms that an intent gives of it at most, and atoms that its owner has.
Give = tuple[str, int, int]


class ClaimSums(Protocol):
    """What open intents could take, by owner and token (``infra/record/claims.py``)."""

    def __len__(self) -> int: ...

    def total(self, owner: str, token: str) -> int: ...

    def claim(self, uid: str, owner: str, token: str, amount: int, most: int) -> bool | None: ...

    def claim_all(self, uid: str, owner: str, gives: Sequence[Give]) -> bool | None: ...

    def keep(self, placed: Iterable[tuple[str, int]]) -> None: ...

    def release(self, uids: Iterable[str]) -> None: ...

    def catch_up(self) -> None: ...


class Backing:
    """The rule of one house: ``times`` what there is."""

    def __init__(self, sums: ClaimSums, times: int) -> None:
        if times < 1:
            raise ValueError("intents are backed at least once")
        self._sums = sums
        self._times = times

    def group(self) -> Group:
        """Claims of intents that are logged together."""
        if len(self._sums) > _AHEAD:
            self._sums.catch_up()
        return Group(self._sums, self._times)


class Group:
    """Claims until it is known which intents come into the log; a context that gives up the others at its end."""

    def __init__(self, sums: ClaimSums, times: int) -> None:
        self._sums = sums
        self._times = times
        self._taken: set[str] = set()

    def fits(self, uid: str, owner: str, token: str, amount: int, there: int) -> bool:
        """Claim what the intent gives, if it is backed by what is ``there``."""
        said = self._sums.claim(uid, owner, token, amount, self._times * there)
        if said:
            self._taken.add(uid)
        return said is not False

    def _all_fit(self, uid: str, owner: str, gives: Sequence[Give]) -> bool:
        said = self._sums.claim_all(
            uid, owner, [(token, amount, self._times * there) for token, amount, there in gives]
        )
        if said:
            self._taken.add(uid)
        return said is not False

    def check(self, uid: str, owner: str, gives: Sequence[Give]) -> None:
        """Claim all that an intent gives, looking twice. Raises :class:`Rejection` (``too_many_open``)."""
        if self._all_fit(uid, owner, gives):
            return
        self._sums.catch_up()  # something may have been filled or cancelled since
        if self._all_fit(uid, owner, gives):
            return
        for index, (token, amount, there) in enumerate(gives):
            total = self._sums.total(owner, token)
            if total + amount > self._times * there:
                raise Rejection(Reason.TOO_MANY_OPEN, f"gives[{index}]", self._sentence(token, total, amount, there))
        raise Rejection(Reason.TOO_MANY_OPEN, "gives", "the owner's open intents were not backed a moment ago")

    def _sentence(self, token: str, total: int, amount: int, there: int) -> str:
        return (
            f"open intents give up to {total} atoms of {token} and this one {amount} more;"
            f" the owner has {there}, and may give {self._times} times as much"
        )

    def keep(self, placed: Iterable[tuple[str, int]]) -> None:
        """Intents with these places are in the log."""
        kept = [(uid, sequence) for uid, sequence in placed if uid in self._taken]
        self._taken.difference_update([uid for uid, _ in kept])
        self._sums.keep(kept)

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self._sums.release(self._taken)
