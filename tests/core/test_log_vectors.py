"""Proof files and checkpoints as the committed vectors have them."""

import pytest

from tests.crypto.vectors import load, raw
from vault.core import log_proof, merkle
from vault.core.checkpoint import Checkpoint
from vault.crypto import note
from vault.crypto.signing import SigningKey, sign_note, verifier_key
from vault.verifier.note import open_note

VECTORS = load("checkpoint")
LEAVES = [raw(leaf) for leaf in VECTORS["leaves"]]
KEY = SigningKey(raw(VECTORS["seed"]))


def test_the_checkpoint_is_that_of_the_vectors():
    found = Checkpoint(VECTORS["origin"], VECTORS["size"], merkle.root(LEAVES))
    assert (found.root.hex(), found.body().decode()) == (VECTORS["root"], VECTORS["body"])
    assert sign_note(KEY, VECTORS["origin"], found.body()) == VECTORS["checkpoint"]
    assert verifier_key(VECTORS["origin"], KEY.public) == VECTORS["key"]
    opened = note.open_(VECTORS["checkpoint"].encode(), note.known(VECTORS["origin"], KEY.public))
    assert opened == open_note(VECTORS["checkpoint"].encode(), [VECTORS["key"]])
    assert Checkpoint.parse(opened, VECTORS["origin"]) == found


@pytest.mark.parametrize("case", VECTORS["proofs"], ids=lambda case: case["index"])
def test_proof_files_are_those_of_the_vectors(case):
    entry = raw(VECTORS["entries"][case["index"]])
    assert merkle.leaf_hash(entry) == LEAVES[case["index"]]
    path = merkle.inclusion_proof(LEAVES, case["index"])
    assert log_proof.write(entry, case["index"], path, VECTORS["checkpoint"]) == case["proof"]


def test_a_log_of_one_entry_has_a_proof_without_hashes():
    text = log_proof.write(b"", 0, [], "origin\n1\n…\n\n— origin x\n")
    assert text == "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\norigin\n1\n…\n\n— origin x\n"
