"""The tree over tiles is the one of RFC 6962, at every size, and so are its proofs."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.loggen import Written, checkpoint_text, entry, leaf_hash, root
from vault.core import merkle as core
from vault.verifier import merkle
from vault.verifier.errors import BadError, ProofError
from vault.verifier.folder import Folder
from vault.verifier.tree import Tree, consistency_path

SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 700)
LEAVES = [leaf_hash(b"%d" % n) for n in range(700)]


@pytest.fixture(scope="module")
def log():
    return Written([entry(b"w" * 16, n) for n in range(70_000)])


@pytest.fixture(scope="module")
def folder(log, tmp_path_factory):
    return Folder(log.save(tmp_path_factory.mktemp("log")))


@pytest.fixture(scope="module")
def leaves(log):
    return log.leaves


def test_the_known_answer_of_the_note():
    leaves = [merkle.leaf(one) for one in (b"a", b"b", b"c")]
    known = "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"
    assert merkle.tree_hash(leaves).hex() == known
    assert merkle.tree_hash([]).hex().startswith("e3b0")
    assert merkle.leaf(b"").hex().startswith("6e34")
    assert base64.b64encode(bytes.fromhex(known)).decode() in checkpoint_text(3, root(leaves))


@given(st.data())
def test_both_implementations_take_the_same_consistency_proofs(data):
    new = data.draw(st.integers(1, 130))
    old = data.draw(st.integers(1, new))
    path = core.consistency_proof(LEAVES[:new], old)
    roots = root(LEAVES[:old]), root(LEAVES[:new])
    merkle.check_consistency(old, new, *roots, path)
    core.verify_consistency(old, new, *roots, path)


@given(st.data())
def test_both_implementations_refuse_the_same_consistency_proofs(data):
    new = data.draw(st.integers(0, 40))
    old = data.draw(st.integers(-1, new + 1))
    path = core.consistency_proof(LEAVES[: max(new, 1)], max(1, min(old, new)))
    roots = [root(LEAVES[: max(old, 0)]), root(LEAVES[:new])]
    match data.draw(st.sampled_from(["none", "drop", "add", "flip", "short", "root", "swap"])):
        case "drop" if path:
            path.pop(data.draw(st.integers(0, len(path) - 1)))
        case "add":
            path.insert(data.draw(st.integers(0, len(path))), LEAVES[0])
        case "flip" if path:
            at = data.draw(st.integers(0, len(path) - 1))
            path[at] = bytes((path[at][0] ^ 1,)) + path[at][1:]
        case "short" if path:
            path[-1] = path[-1][:31]
        case "root":
            roots[data.draw(st.integers(0, 1))] = LEAVES[-1]
        case "swap":
            roots.reverse()
        case _:
            pass
    outcomes = []
    for check, error in (
        (merkle.check_consistency, ProofError),
        (core.verify_consistency, core.ProofError),
    ):
        try:
            check(old, new, roots[0], roots[1], path)
            outcomes.append(True)
        except error:
            outcomes.append(False)
    assert outcomes[0] is outcomes[1]


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_nothing_is_shown_from_no_tree_or_from_a_larger_one(old, new):
    with pytest.raises(ProofError, match="nothing is shown"):
        merkle.check_consistency(old, new, LEAVES[0], LEAVES[0], [])


@pytest.mark.parametrize("at", range(3))
def test_a_hash_that_is_not_32_bytes_is_refused(at):
    hashes = [root(LEAVES[:5]), root(LEAVES[:5]), b""]
    hashes[at] = hashes[at][:31] or b"x" * 33
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.check_consistency(5, 5, hashes[0], hashes[1], [hashes[2]] if at == 2 else [])


@given(st.data())
def test_a_proof_among_the_tiles_is_the_one_of_the_definition(folder, leaves, data):
    size = len(leaves)
    old = data.draw(st.one_of(st.integers(1, size), st.sampled_from([1, 256, 65_536, size])))
    assert consistency_path(folder, old, size) == core.consistency_proof(leaves, old)


@pytest.mark.parametrize("start", [0, 256, 512, 65_280, 65_536, 65_792, 69_888])
def test_the_tree_has_the_root_of_the_definition_wherever_it_begins(folder, leaves, start):
    tree = Tree(folder, start)
    for at in range(start, len(leaves), 256):
        tree.add(b"".join(leaves[at : at + 256]))
    tree.finish()
    assert tree.root() == core.root(leaves)


@pytest.mark.parametrize("size", SIZES)
def test_the_root_at_a_size_in_between_is_that_of_the_definition(folder, leaves, size):
    tree = Tree(folder)
    for at in range(0, size - size % 256, 256):
        tree.add(b"".join(leaves[at : at + 256]))
    assert tree.root(b"".join(leaves[size - size % 256 : size])) == root(leaves[:size])


def test_a_tile_in_the_middle_that_the_leaves_do_not_say_is_named(log, tmp_path):
    short = Written(log.entries[:600])
    folder = Folder(short.save(tmp_path))
    file = tmp_path / "tile/1/000.p/2"
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.write_bytes(data)
    tree = Tree(folder)
    for at in range(0, 600, 256):
        tree.add(b"".join(short.leaves[at : at + 256]))
    with pytest.raises(BadError, match=r"from 256 on do not hash to what tile/1/000.p/2 has"):
        tree.finish()
