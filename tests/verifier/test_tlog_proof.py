"""A proof file shows that one entry is in the log, or it shows nothing."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.loggen import KEY, ORIGIN, A, Written, entry, honest, key_of, proof
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, CannotTellError, KeyFormatError
from vault.verifier.tlog_proof import check

LOG = honest(300)


def checked(data, key=KEY, origin=ORIGIN):
    return check(data, key=key, origin=origin)


@given(st.data())
def test_the_proof_of_every_entry_at_every_size_holds(data):
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    found = checked(proof(LOG, index, size))
    assert (found.index, found.entry, found.checkpoint.size) == (index, LOG.entries[index], size)


def test_the_proof_of_the_only_entry_has_no_hash():
    assert checked(proof(LOG, 0, 1)).index == 0
    with pytest.raises(BadError, match="a hash too many"):
        checked(proof(LOG, 0, 1, path=[LOG.leaves[0]]))


def test_an_index_equal_to_the_size_is_refused():
    with pytest.raises(BadError, match="outside of the tree"):
        checked(proof(LOG, 5, 6).replace(b"index 5\n", b"index 6\n"))


def test_a_short_hash_is_refused():
    path = [LOG.leaves[0][:31], *[LOG.leaves[1]] * 2]
    with pytest.raises(BadError, match="not base64 of 32 bytes"):
        checked(proof(LOG, 5, 6, path=path))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"proof@v1", b"proof@v2", "does not begin with"),
        (b"c2sp", b" c2sp", "does not begin with"),
        (b"extra T", b"extra  T", "extra is not base64"),
        (b"index 5\n", b"", "index is malformed"),
        (b"index 5\n", b"index 05\n", "index is malformed"),
        (b"index 5\n", b"index +5\n", "index is malformed"),
        (b"index 5\n", b"index 5\nnote 1\n", "not base64 of 32 bytes"),
        (b"index 5\n", b"index 5\r\n", "index is malformed"),
        (b"index 5\n", b"index 5\n\n", "The signature of example.org/log is wrong"),
        (b"index 5\n", b"index 4\n", "does not lead to the root"),
        (b"index 5\n", "index 5\u00a0\n".encode(), "not ASCII"),
    ],
)
def test_a_line_that_the_format_does_not_know_is_refused(old, new, sentence):
    data = proof(LOG, 5, 6)
    assert old in data
    with pytest.raises(BadError, match=sentence):
        checked(data.replace(old, new, 1))


def test_hashes_that_are_missing_doubled_or_swapped_are_refused():
    lines = proof(LOG, 100).split(b"\n")
    for change in (
        [*lines[:3], *lines[4:]],
        [*lines[:4], lines[3], *lines[4:]],
        [*lines[:3], lines[4], lines[3], *lines[5:]],
    ):
        with pytest.raises(BadError):
            checked(b"\n".join(change))


def test_more_hashes_than_a_tree_is_high_are_refused():
    with pytest.raises(BadError, match="more hashes than any tree"):
        checked(proof(LOG, 5, path=[LOG.leaves[0]] * 64))


def test_another_entry_under_the_same_path_is_refused():
    with pytest.raises(BadError, match="does not lead to the root"):
        checked(proof(LOG, 5, extra=LOG.entries[6]))


def test_an_extra_that_is_no_entry_is_refused_though_it_is_in_the_tree():
    log = Written([LOG.entries[0], entry(A, 1, zero=1)])
    with pytest.raises(BadError, match="byte 77"):
        checked(proof(log, 1))


def test_a_proof_without_the_entry_cannot_be_told():
    lines = proof(LOG, 5).split(b"\n")
    with pytest.raises(CannotTellError, match="does not hold the entry"):
        checked(b"\n".join([lines[0], *lines[2:]]))


def test_a_proof_of_another_log_or_by_another_key_is_refused():
    other = key_of(ORIGIN, bytes(32))
    with pytest.raises(BadError, match="None of the given keys"):
        checked(proof(LOG, 5), key=other)
    with pytest.raises(KeyFormatError):
        checked(proof(LOG, 5), origin="example.org/log2")


@pytest.mark.parametrize("data", [b"", b"c2sp.org/tlog-proof@v1", b"x" * 1_000_001, b"\xff\n\n"])
def test_what_is_no_proof_is_refused(data):
    with pytest.raises(BadError):
        checked(data)


def test_spare_bits_of_the_entry_are_refused():
    data = proof(LOG, 12)
    text = base64.b64encode(LOG.entries[12]).decode()
    assert text.endswith("=")  # so there are spare bits
    bare = text.rstrip("=")
    other = bare[:-1] + chr(ord(bare[-1]) + 1) + "=" * (len(text) - len(bare))
    assert base64.b64decode(other) == base64.b64decode(text)
    with pytest.raises(BadError, match="one spelling"):
        checked(data.replace(text.encode(), other.encode()))


def test_the_command_says_what_the_proof_means(tmp_path, capsys):
    file = tmp_path / "look.tlog-proof"
    file.write_bytes(proof(LOG, 5))
    assert main(["proof", str(file), "--key", KEY, "--origin", ORIGIN]) == 0
    said = capsys.readouterr().out
    assert "GOOD: this entry is number 5 of the 300" in said
    assert "about a customer, was made at 2025-11-24T" in said
    file.write_bytes(proof(LOG, 5).replace(b"index 5", b"index 7"))
    assert main(["proof", str(file), "--key", KEY, "--origin", ORIGIN]) == 1
    assert capsys.readouterr().err == "BAD: The path does not lead to the root.\n"
