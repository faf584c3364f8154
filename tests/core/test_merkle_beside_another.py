"""The tree beside a library that others wrote from RFC 9162: the same roots, the same paths.

Its consistency proofs are of a form of its own, so ours are held against its roots.
"""

from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from vault.core import merkle
from vault.core.merkle import leaf_hash
from vault.verifier import merkle as independent

SIZES = st.integers(min_value=1, max_value=300)


def grown(size):
    entries = [b"entry %d" % number for number in range(size)]
    theirs = InmemoryTree(algorithm="sha256")
    theirs.append_entries(entries)
    return theirs, [leaf_hash(entry) for entry in entries]


@given(SIZES)
def test_roots_are_the_same(size):
    theirs, ours = grown(size)
    assert merkle.root(ours) == independent.tree_hash(ours) == theirs.get_root()


@given(SIZES, st.data())
def test_inclusion_proofs_are_the_same(size, data):
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    theirs, ours = grown(size)
    leaf, *siblings = theirs.prove_inclusion(index + 1).path  # it counts from 1
    assert leaf == ours[index]
    assert merkle.inclusion_proof(ours, index) == siblings
    independent.check_inclusion(leaf, index, size, siblings, theirs.get_root())


@given(SIZES, st.data())
def test_consistency_proofs_lead_from_root_to_root(size, data):
    old = data.draw(st.integers(min_value=1, max_value=size))
    theirs, ours = grown(size)
    roots = theirs.get_root(old), theirs.get_root()
    proof = merkle.consistency_proof(ours, old)
    merkle.verify_consistency(old, size, *roots, proof)
    independent.check_consistency(old, size, *roots, proof)
