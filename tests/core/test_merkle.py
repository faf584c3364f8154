import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import merkle
from vault.core.errors import FormatError
from vault.core.merkle import Frontier, ProofError, leaf_hash, node_hash
from vault.verifier import merkle as independent
from vault.verifier.errors import ProofError as IndependentProofError

ABC = "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


def leaves(count):
    return [leaf_hash(b"%d" % number) for number in range(count)]


SIZES = st.integers(min_value=1, max_value=70)


def test_the_known_answers_of_rfc_6962_and_of_the_formats():
    assert leaf_hash(b"").hex() == hashlib.sha256(b"\0").hexdigest()
    assert leaf_hash(b"").hex().startswith("6e34")
    assert leaf_hash(b"").hex().endswith("a01d")
    assert merkle.root([]).hex() == hashlib.sha256(b"").hexdigest()
    assert merkle.root([leaf_hash(b"a")]) == leaf_hash(b"a")
    assert merkle.root([leaf_hash(letter) for letter in (b"a", b"b", b"c")]).hex() == ABC


def test_the_roots_of_certificate_transparency():
    # The eight inputs and roots of the reference implementation of RFC 6962.
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    inputs.append("606162636465666768696a6b6c6d6e6f")
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    hashes = [leaf_hash(bytes.fromhex(one)) for one in inputs]
    assert [merkle.root(hashes[: size + 1]).hex() for size in range(8)] == roots


@given(SIZES, st.data())
def test_a_proof_of_inclusion_holds_for_its_leaf_alone(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root = merkle.root(hashes)
    proof = merkle.inclusion_proof(hashes, index)
    merkle.verify_inclusion(hashes[index], index, size, proof, root)
    independent.check_inclusion(hashes[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index or size == 1))
    if other != index:
        with pytest.raises(ProofError):
            merkle.verify_inclusion(hashes[other], index, size, proof, root)
        with pytest.raises(ProofError):
            merkle.verify_inclusion(hashes[index], other, size, proof, root)


@given(SIZES, st.data())
def test_both_implementations_judge_a_changed_proof_alike(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    proof = merkle.inclusion_proof(hashes, index)
    claimed_size = data.draw(st.integers(0, size + 3))
    claimed_index = data.draw(st.integers(-1, size + 3))
    changed = data.draw(
        st.sampled_from(
            [proof, proof[:-1], proof[1:], [*proof, hashes[0]], proof[::-1], [b"x", *proof]]
        )
    )
    arguments = (hashes[index], claimed_index, claimed_size, changed, merkle.root(hashes))
    outcomes = []
    for check, error in (
        (merkle.verify_inclusion, ProofError),
        (independent.check_inclusion, IndependentProofError),
    ):
        try:
            check(*arguments)
        except error:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes[0] == outcomes[1]
    if (claimed_index, claimed_size, changed) == (index, size, proof):
        assert outcomes[0]


@given(st.integers(min_value=0, max_value=70))
def test_both_implementations_give_one_root_and_its_tree_begins_with_the_leaves(size):
    hashes = leaves(size)
    assert merkle.root(hashes) == independent.tree_hash(hashes)
    if hashes:
        tree = merkle.levels(hashes)
        assert (tree[0], tree[-1]) == (hashes, [merkle.root(hashes)])


def test_no_tree_stands_over_no_leaf():
    with pytest.raises(ProofError):
        merkle.levels([])


@given(SIZES, st.data())
def test_a_proof_of_consistency_holds_for_its_two_trees_alone(size, data):
    old = data.draw(st.integers(1, size))
    hashes = leaves(size)
    old_root, new_root = merkle.root(hashes[:old]), merkle.root(hashes)
    proof = merkle.consistency_proof(hashes, old)
    merkle.verify_consistency(old, size, old_root, new_root, proof)
    forked = merkle.root([*hashes[: old - 1], leaf_hash(b"forged")])
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, size, forked, new_root, proof)
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, size, old_root, leaf_hash(b"forged"), proof)
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, size, old_root, new_root, [*proof, hashes[0]])
    if proof:
        with pytest.raises(ProofError):
            merkle.verify_consistency(old, size, old_root, new_root, proof[:-1])


@given(st.integers(2, 40), st.data())
def test_a_proof_of_consistency_does_not_serve_other_sizes(size, data):
    old = data.draw(st.integers(1, size - 1))
    hashes = leaves(size)
    proof = merkle.consistency_proof(hashes, old)
    other = data.draw(st.integers(1, size - 1).filter(lambda one: one != old))
    with pytest.raises(ProofError):
        merkle.verify_consistency(
            other, size, merkle.root(hashes[:old]), merkle.root(hashes), proof
        )


def test_proofs_of_one_leaf_and_of_equal_trees_are_empty():
    (one,) = leaves(1)
    assert merkle.inclusion_proof([one], 0) == []
    merkle.verify_inclusion(one, 0, 1, [], one)
    assert merkle.consistency_proof(leaves(5), 5) == []
    root = merkle.root(leaves(5))
    merkle.verify_consistency(5, 5, root, root, [])


@pytest.mark.parametrize(("count", "index"), [(0, 0), (0, -1), (3, 3), (3, -1)])
def test_there_is_no_proof_of_a_leaf_outside_of_the_tree(count, index):
    with pytest.raises(ProofError):
        merkle.inclusion_proof(leaves(count), index)


@pytest.mark.parametrize(("count", "old"), [(0, 0), (3, 0), (3, 4), (3, -1)])
def test_there_is_no_proof_from_a_tree_that_never_was(count, old):
    with pytest.raises(ProofError):
        merkle.consistency_proof(leaves(count), old)


@pytest.mark.parametrize(
    ("old", "new", "proof", "why"),
    [
        (0, 0, [], "the empty tree proves nothing"),
        (0, 3, [], "the empty tree proves nothing"),
        (4, 3, [], "a log never shrinks"),
        (2, 3, [], "unequal sizes need a proof"),
        (3, 3, [leaf_hash(b"")], "equal sizes need none"),
    ],
)
def test_a_consistency_that_proves_nothing_is_refused(old, new, proof, why):
    old_root, new_root = merkle.root(leaves(old)), merkle.root(leaves(new))
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, new, old_root, new_root, proof)


def test_equal_sizes_with_two_roots_are_a_fork():
    with pytest.raises(ProofError):
        merkle.verify_consistency(3, 3, merkle.root(leaves(3)), merkle.root(leaves(4)), [])


@pytest.mark.parametrize("size", [0, -1])
def test_nothing_is_included_in_an_empty_tree(size):
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaf_hash(b""), 0, size, [], merkle.root([]))


@pytest.mark.parametrize("bad", [b"", b"x" * 31, b"x" * 33, b"x" * 64])
def test_a_hash_that_is_not_32_bytes_is_refused_everywhere(bad):
    good = leaf_hash(b"")
    for call in (
        lambda: node_hash(bad, good),
        lambda: node_hash(good, bad),
        lambda: merkle.root([good, bad]),
        lambda: merkle.inclusion_proof([good, bad], 0),
        lambda: merkle.levels([good, bad]),
        lambda: merkle.consistency_proof([good, bad], 1),
        lambda: merkle.verify_inclusion(bad, 0, 1, [], bad),
        lambda: merkle.verify_inclusion(good, 0, 2, [bad], good),
        lambda: merkle.verify_consistency(1, 1, bad, bad, []),
        lambda: merkle.verify_consistency(1, 2, good, good, [bad]),
        lambda: Frontier().append(bad),
        lambda: Frontier().extend([good, bad]),
    ):
        with pytest.raises(ProofError):
            call()
    with pytest.raises(IndependentProofError):
        independent.tree_hash([bad])
    with pytest.raises(IndependentProofError):
        independent.check_inclusion(bad, 0, 1, [], bad)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_frontier_taken_up_anywhere_grows_to_the_same_root(first, second):
    hashes = leaves(first + second)
    begun = Frontier()
    begun.extend(hashes[:first])
    taken_up = Frontier(begun.size, begun.edge)
    taken_up.extend(hashes[first:])
    assert taken_up.size == len(hashes)
    assert taken_up.root() == merkle.root(hashes)


@pytest.mark.parametrize(("size", "edge"), [(0, b"x" * 32), (1, b""), (3, b"x" * 32), (1, b"x")])
def test_an_edge_that_does_not_fit_its_size_is_refused(size, edge):
    with pytest.raises(FormatError):
        Frontier(size, edge)
