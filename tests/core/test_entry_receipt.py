import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import entry_receipt
from vault.core.merkle import ProofError, inclusion_proof, leaf_hash, levels

WRITER = UUID("00010203-0405-4607-8809-0a0b0c0d0e0f")
LEAVES = [leaf_hash(letter) for letter in (b"a", b"b", b"c")]


def _base64(data):
    return base64.b64encode(data)


def text(leaves):
    return entry_receipt.promise(
        "example.org/log",
        log_id=0,
        writer=WRITER.bytes,
        seqs=(7, 9),
        size=len(leaves),
        root=levels(leaves)[-1][0],
        integrate_by=1_700_000_010_000,
    )


def test_the_promise_has_these_four_lines():
    assert text(LEAVES) == (
        b"example.org/log/receipts\n"
        b"receipt 0 00010203-0405-4607-8809-0a0b0c0d0e0f 7 9\n"
        b"root 3 NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n"
        b"integrate-by 1700000010000\n"
    )


def test_a_receipt_names_leaf_index_and_path_before_the_note():
    path = inclusion_proof(LEAVES, 2)
    receipt = entry_receipt.singles(levels(LEAVES), "NOTE\n")[2]
    assert receipt == (
        "ownship-receipt@v1\n"
        f"entry {_base64(LEAVES[2]).decode()}\n"
        "index 2\n"
        f"{_base64(path[0]).decode()}\n"
        "\n"
        "NOTE\n"
    )


def test_a_receipt_of_a_lone_entry_has_no_path():
    (receipt,) = entry_receipt.singles(levels(LEAVES[:1]), "NOTE\n")
    assert receipt.split("\n")[2:] == ["index 0", "", "NOTE", ""]


def test_a_receipt_of_a_batch_carries_all_leaves_and_the_note_once():
    receipt = entry_receipt.together(LEAVES, 1, 2, "NOTE\n")
    hashes = [_base64(leaf).decode() for leaf in LEAVES]
    assert receipt.split("\n") == ["ownship-receipt@v1", "entries 1 2", *hashes, "", "NOTE", ""]


@given(st.integers(1, 70))
def test_every_receipt_of_a_commit_has_the_path_of_its_own_leaf(count):
    leaves = [leaf_hash(bytes((number,))) for number in range(count)]
    for index, receipt in enumerate(entry_receipt.singles(levels(leaves), "NOTE\n")):
        path = [_base64(one).decode() for one in inclusion_proof(leaves, index)]
        text = ["ownship-receipt@v1", f"entry {_base64(leaves[index]).decode()}"]
        assert receipt.split("\n") == [*text, f"index {index}", *path, "", "NOTE", ""]


def test_nothing_is_promised_for_a_hash_that_is_none():
    with pytest.raises(ProofError):
        text([b"short"])
