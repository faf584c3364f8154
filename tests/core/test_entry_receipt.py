import base64
from uuid import UUID

import pytest

from vault.core import entry_receipt
from vault.core.merkle import ProofError, inclusion_proofs, leaf_hash

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
        leaf_hashes=leaves,
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
    paths = inclusion_proofs(LEAVES)
    receipt = entry_receipt.single(LEAVES[2], 2, paths[2], "NOTE\n")
    assert receipt == (
        "ownship-receipt@v1\n"
        f"entry {_base64(LEAVES[2]).decode()}\n"
        "index 2\n"
        f"{_base64(paths[2][0]).decode()}\n"
        "\n"
        "NOTE\n"
    )


def test_a_receipt_of_a_lone_entry_has_no_path():
    receipt = entry_receipt.single(LEAVES[0], 0, [], "NOTE\n")
    assert receipt.split("\n")[2:] == ["index 0", "", "NOTE", ""]


def test_a_receipt_of_a_batch_carries_all_leaves_and_the_note_once():
    receipt = entry_receipt.together(LEAVES, 1, 2, "NOTE\n")
    hashes = [_base64(leaf).decode() for leaf in LEAVES]
    assert receipt.split("\n") == ["ownship-receipt@v1", "entries 1 2", *hashes, "", "NOTE", ""]


def test_nothing_is_promised_for_a_hash_that_is_none():
    with pytest.raises(ProofError):
        text([b"short"])
