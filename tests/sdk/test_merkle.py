"""Merkle trees: against the RFC's recursion, against known roots, and against proofs that were tampered with."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.merkle import VECTORS, heads, plain_path, plain_proof, plain_root, spoiled, text
from walras.merkle import (
    EMPTY_ROOT,
    MerkleTree,
    leaf_hash,
    leaf_index,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

HEADS = heads(300)
TREE = MerkleTree(HEADS)

#: Leaves and roots that implementations of Certificate Transparency have long shared.
SHARED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
SHARED_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_that_everybody_knows(size: int) -> None:
    tree = MerkleTree(bytes.fromhex(leaf) for leaf in SHARED_LEAVES[:size])
    assert tree.root().hex() == SHARED_ROOTS[size]


def test_the_tree_is_the_rfcs() -> None:
    """Every size, every leaf, every older size, up to 40 leaves."""
    for size in range(1, 41):
        data = HEADS[:size]
        assert TREE.root(size) == plain_root(data)
        for index in range(size):
            assert TREE.inclusion_proof(index, size) == tuple(plain_path(index, data))
            assert TREE.consistency_proof(index + 1, size) == tuple(plain_proof(index + 1, data))


@given(st.integers(1, 300), st.data())
def test_what_a_tree_proves_is_accepted(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = TREE.inclusion_proof(index, size)
    assert verify_inclusion(TREE.root(size), size, index, leaf_hash(HEADS[index]), proof)
    old = TREE.consistency_proof(index + 1, size)
    assert verify_consistency(TREE.root(index + 1), index + 1, TREE.root(size), size, old)


@given(st.integers(1, 300), st.integers(0, 299), st.randoms(use_true_random=False))
def test_what_was_tampered_with_is_refused(size: int, index: int, rng: random.Random) -> None:
    index %= size
    root, leaf = TREE.root(size), leaf_hash(HEADS[index])
    proof = TREE.inclusion_proof(index, size)
    assert not verify_inclusion(root, size, index, leaf, spoiled(proof, rng))
    assert not verify_inclusion(root, size, index, leaf_hash(b"another"), proof)
    assert not verify_inclusion(root, size, (index + 1) % size, leaf, proof) or size == 1
    assert not verify_inclusion(leaf_hash(b"another"), size, index, leaf, proof)
    old, old_root = index + 1, TREE.root(index + 1)
    proof = TREE.consistency_proof(old, size)
    assert not verify_consistency(old_root, old, root, size, spoiled(proof, rng))
    assert not verify_consistency(leaf, old, root, size, proof) or old == 1
    assert not verify_consistency(old_root, old, leaf, size, proof) or size == 1


def test_places_outside_the_tree_are_refused() -> None:
    root, leaf = TREE.root(5), leaf_hash(HEADS[4])
    proof = TREE.inclusion_proof(4, 5)
    assert not verify_inclusion(root, 5, 5, leaf, proof)
    assert not verify_inclusion(root, 5, -1, leaf, proof)
    assert not verify_inclusion(root, 0, 0, leaf, ())
    assert not verify_consistency(EMPTY_ROOT, 0, root, 5, ())
    assert not verify_consistency(root, 5, TREE.root(4), 4, ())
    assert not verify_consistency(TREE.root(3), 3, root, 5, ())
    assert verify_consistency(root, 5, root, 5, ())
    assert not verify_consistency(root, 5, TREE.root(6), 5, ())


def test_a_node_can_not_pose_as_a_leaf() -> None:
    """Otherwise two heads beside each other would be one leaf of a smaller tree."""
    inner = node_hash(leaf_hash(HEADS[0]), leaf_hash(HEADS[1]))
    assert MerkleTree(HEADS[:2]).root() == inner
    assert leaf_hash(leaf_hash(HEADS[0]) + leaf_hash(HEADS[1])) != inner


def test_a_tree_says_what_it_can_not_tell() -> None:
    tree = MerkleTree(HEADS[:5])
    with pytest.raises(ValueError, match="has 5 leaves, not 6"):
        tree.root(6)
    with pytest.raises(ValueError, match="leaf 3 is not among the first 3"):
        tree.inclusion_proof(3, 3)
    with pytest.raises(ValueError, match="no proof leads from 0 leaves to 5"):
        tree.consistency_proof(0)
    with pytest.raises(ValueError, match="no proof leads from 4 leaves to 3"):
        tree.consistency_proof(4, 3)


def test_a_tree_grows_without_forgetting() -> None:
    tree = MerkleTree()
    assert (len(tree), tree.root()) == (0, EMPTY_ROOT)
    roots = []
    for head in HEADS[:20]:
        tree.append(head)
        roots.append(tree.root())
    assert len(tree) == 20
    assert [tree.root(size) for size in range(1, 21)] == roots


@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_by_many_is_growing_one_by_one(steps: list[int]) -> None:
    tree, size = MerkleTree(), 0
    for step in steps:
        tree.extend(iter(HEADS[size : size + step]))
        size = min(size + step, len(HEADS))
        assert (len(tree), tree.root()) == (size, TREE.root(size))


def test_more_leaves_than_a_chunk() -> None:
    data = heads(2_500)
    one_by_one = MerkleTree()
    for head in data:
        one_by_one.append(head)
    assert MerkleTree(data).root() == one_by_one.root() == plain_root(data)


def test_heads_that_stop_coming_leave_a_whole_tree() -> None:
    def cut() -> Iterator[bytes]:
        yield from HEADS[:5]
        raise ConnectionError

    tree = MerkleTree(HEADS[:2])
    with pytest.raises(ConnectionError):
        tree.extend(cut())
    tree.extend(HEADS[2:9])
    assert tree.root() == TREE.root(9)


def test_a_tree_of_many_leaves_is_two_hashes_a_leaf() -> None:
    """A million leaves in less than 80 MB: 64 MB of hashes and what bytearrays keep in reserve."""
    count = 100_000
    tracemalloc.start()
    try:
        tree = MerkleTree(number.to_bytes(32, "big") for number in range(count))
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(tree) == count
    assert held < 80 * count


def test_sequence_numbers_start_at_one() -> None:
    assert [leaf_index(sequence) for sequence in (1, 2, 300)] == [0, 1, 299]
    with pytest.raises(ValueError, match="the first entry of a log has sequence 1"):
        leaf_index(0)


# ------------------------------------------------------------------ the vectors that Solidity checks, too


def test_the_vector_file_is_the_one_that_is_made() -> None:
    assert VECTORS.read_text(encoding="utf-8") == text()


def test_the_vectors_hold() -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    data = [bytes.fromhex(head[2:]) for head in vectors["heads"]]
    roots = [bytes.fromhex(root[2:]) for root in vectors["roots"]]
    tree = MerkleTree(data)
    assert [tree.root(size) for size in range(len(roots))] == roots
    assert roots[0] == sha256(b"").digest()
    for vector in vectors["inclusion"]:
        proof = [bytes.fromhex(node[2:]) for node in vector["proof"]]
        index, size = vector["index"], vector["size"]
        assert verify_inclusion(roots[size], size, index, leaf_hash(data[index]), proof) is vector["valid"]
    for vector in vectors["consistency"]:
        proof = [bytes.fromhex(node[2:]) for node in vector["proof"]]
        old, size = vector["oldSize"], vector["size"]
        assert verify_consistency(roots[old], old, roots[size], size, proof) is vector["valid"]
