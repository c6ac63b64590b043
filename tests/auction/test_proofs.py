"""The tree beside the log: in step with it, from many threads, refusing what the log never was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.merkle import heads, plain_root
from walras.merkle import EMPTY_ROOT, leaf_hash, leaf_index, verify_consistency, verify_inclusion
from walras.rejections import Reason, Rejection
from walras_auction import proofs as module
from walras_auction.proofs import LogProofs

HEADS = heads(120)


class Store:
    """Heads as a store gives them; counts how often it is asked."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.asked = 0

    def heads(self, start: int, limit: int) -> list[bytes]:
        self.asked += 1
        return HEADS[: self.size][start - 1 : start - 1 + limit]


def word(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def words(proof: tuple[str, ...]) -> list[bytes]:
    return [word(text) for text in proof]


def test_an_empty_log_has_the_empty_root() -> None:
    assert LogProofs(Store(0), 1).root() == (0, EMPTY_ROOT)


def test_the_tree_grows_with_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 10)
    store = Store(20)
    proofs = LogProofs(store, 1)
    assert proofs.root() == (20, plain_root(HEADS[:20]))
    store.size = 55
    assert proofs.root(20) == (20, plain_root(HEADS[:20]))
    assert proofs.root(33) == (33, plain_root(HEADS[:33]))
    assert proofs.root() == (55, plain_root(HEADS[:55]))


def test_an_old_size_is_told_without_asking_the_store() -> None:
    store = Store(50)
    proofs = LogProofs(store, 1)
    proofs.root()
    asked = store.asked
    proofs.root(49)
    proofs.consistency(3, 50)
    assert store.asked == asked


@given(st.integers(1, 120), st.data())
def test_every_proof_holds(size: int, data: st.DataObject) -> None:
    proofs = LogProofs(Store(120), 4)
    place = data.draw(st.integers(1, size))
    found = proofs.inclusion(place, size)
    assert (found.epoch, found.sequence, found.size, word(found.head)) == (4, place, size, HEADS[place - 1])
    root, leaf = plain_root(HEADS[:size]), leaf_hash(HEADS[place - 1])
    assert word(found.root) == root
    assert verify_inclusion(root, size, leaf_index(place), leaf, words(found.proof))
    grown = proofs.consistency(place, size)
    assert (word(grown.from_root), word(grown.root)) == (plain_root(HEADS[:place]), root)
    assert verify_consistency(word(grown.from_root), place, root, size, words(grown.proof))


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda proofs: proofs.root(6), "size"),
        (lambda proofs: proofs.inclusion(1, 6), "size"),
        (lambda proofs: proofs.inclusion(6), "sequence"),
        (lambda proofs: proofs.inclusion(4, 3), "sequence"),
        (lambda proofs: proofs.inclusion(0), "sequence"),
        (lambda proofs: proofs.consistency(1, 6), "size"),
        (lambda proofs: proofs.consistency(4, 3), "from"),
        (lambda proofs: proofs.consistency(0, 3), "from"),
    ],
)
def test_what_the_log_never_was_is_refused(act, field: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Rejection) as refusal:
        act(LogProofs(Store(5), 1))
    assert (refusal.value.reason, refusal.value.field) == (Reason.NOT_IN_LOG, field)


def test_many_threads_see_one_tree() -> None:
    """Readers at many sizes, while the log grows: every root is the one of its size."""
    store = Store(0)
    proofs = LogProofs(store, 1)

    def read(number: int) -> bool:
        store.size = max(store.size, number)
        size, root = proofs.root()
        return root == plain_root(HEADS[:size])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(1, 121)))
    assert proofs.root() == (120, plain_root(HEADS))
