import subprocess
import sys
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.vectors import load
from vault.core import entry_receipt as written
from vault.core.merkle import leaf_hash, levels
from vault.crypto.signing import SigningKey, sign_note, verifier_key
from vault.verifier import entry_receipt
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, KeyFormatError

ORIGIN = "example.org/log"
SIGNER = SigningKey(bytes(range(32)))
KEY = verifier_key(f"{ORIGIN}/receipts", SIGNER.public)
LOG_KEY = verifier_key(ORIGIN, SIGNER.public)
WRITER = UUID("00010203-0405-4607-8809-0a0b0c0d0e0f")


def leaves(count):
    return [leaf_hash(b"%d" % number) for number in range(count)]


def note(hashes, *, name=f"{ORIGIN}/receipts", change=lambda text: text):
    text = written.promise(
        ORIGIN,
        log_id=0,
        writer=WRITER.bytes,
        seqs=(7, 7 + len(hashes) - 1),
        size=len(hashes),
        root=levels(hashes)[-1][0],
        integrate_by=1_700_000_010_000,
    )
    return sign_note(SIGNER, name, change(text))


def single(hashes, index):
    return written.singles(levels(hashes), note(hashes))[index].encode()


SAMPLE = single(leaves(5), 3)
BATCH = written.together(leaves(5), 1, 3, note(leaves(5))).encode()


def test_receipts_have_exactly_these_bytes():
    known = load("entry_receipt")
    assert (known["origin"], known["key"]) == (ORIGIN, KEY)
    assert known["leaves"] == [one.hex() for one in leaves(5)]
    assert known["single"] == {"index": 3, "receipt": SAMPLE.decode()}
    assert known["together"] == {"first": 1, "count": 3, "receipt": BATCH.decode()}


@given(st.integers(1, 40), st.data())
def test_every_receipt_of_a_commit_holds(count, data):
    index = data.draw(st.integers(0, count - 1))
    receipt = entry_receipt.check(single(leaves(count), index), key=KEY, origin=ORIGIN)
    assert receipt.leaves == (leaves(count)[index],)
    assert receipt.promise == entry_receipt.Promise(
        log_id=0,
        writer=WRITER,
        first_seq=7,
        last_seq=6 + count,
        entries=count,
        root=receipt.promise.root,
        integrate_by=1_700_000_010_000,
    )


def test_a_receipt_of_a_batch_holds_for_its_entries():
    receipt = entry_receipt.check(BATCH, key=KEY, origin=ORIGIN)
    assert receipt.leaves == tuple(leaves(5)[1:4])


@pytest.mark.parametrize("sample", [SAMPLE, BATCH], ids=["single", "batch"])
def test_no_bit_of_a_receipt_can_be_flipped(sample):
    # A batch says which of its neighbouring leaves it is about, and their number: bare digits,
    # which another receipt of the same commit may rightly have.
    free = range(sample.index(b"entries"), sample.index(b"\n", 20)) if sample is BATCH else ()
    for bit in range(8 * len(sample)):
        if bit // 8 in free:
            continue
        changed = bytearray(sample)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadError):
            entry_receipt.check(bytes(changed), key=KEY, origin=ORIGIN)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: b"", "nothing"),
        (lambda text: text[:-1], "cut"),
        (lambda text: text + b"\n", "a line more"),
        (lambda text: b"\n" + text, "a line before"),
        (lambda text: text.replace(b"@v1", b"@v2"), "another version"),
        (lambda text: text.replace(b"index 3", b"index 03"), "a leading zero"),
        (lambda text: text.replace(b"index 3", b"index +3"), "a sign"),
        (lambda text: text.replace(b"index 3", "index ٣".encode()), "digits of another script"),
        (lambda text: text.replace(b"index 3", b"index 2"), "another place"),
        (lambda text: text.replace(b"index 3", b"index 5"), "a place outside"),
        (lambda text: text.replace(b"index 3\n", b""), "no index"),
        (lambda text: text.replace(b"entry ", b"leaf "), "an unknown line"),
        (lambda text: b"x" * 1_000_001 + text, "over 1 MB"),
        (lambda text: text.replace(b"\n\n", b"\n"), "no signed part"),
        (lambda text: b"ownship-receipt@v1" + text[text.index(b"\n\n") :], "no entry"),
        (lambda text: text.replace(b"index 3\n", b"index 3\n" + b"A" * 43 + b"=\n"), "a hash more"),
        (lambda text: text.replace(b"index 3\n", b"index 3\nshort\n"), "a hash that is none"),
    ],
)
def test_a_changed_receipt_is_refused(change, why):
    with pytest.raises(BadError):
        entry_receipt.check(change(SAMPLE), key=KEY, origin=ORIGIN)


@pytest.mark.parametrize("range_", ["entries 1 0", "entries 5 1", "entries 3 3", "entries 01 3"])
def test_a_batch_cannot_be_about_entries_that_it_does_not_list(range_):
    with pytest.raises(BadError):
        entry_receipt.check(BATCH.replace(b"entries 1 3", range_.encode()), key=KEY, origin=ORIGIN)


def test_a_batch_lists_every_entry_of_its_commit():
    cut = written.together(leaves(4), 1, 3, note(leaves(5))).encode()
    with pytest.raises(BadError):
        entry_receipt.check(cut, key=KEY, origin=ORIGIN)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace(b"example.org", b"example.net"), "another origin"),
        (lambda text: text.replace(b"/receipts\n", b"\n"), "the log's own name"),
        (lambda text: text + b"extra 1\n", "a line more"),
        (lambda text: text.replace(b"receipt 0", b"receipt 00"), "a leading zero"),
        (lambda text: text.replace(b" 7 11", b" 11 7"), "a run that ends before it begins"),
        (lambda text: text.replace(b"-4607-", b"-46-07"), "a writer that is no UUID"),
        (lambda text: text.replace(b"0a0b0c0d0e0f", b"0a0b0c0d0e--"), "a writer that is no UUID"),
        (lambda text: text.replace(b"integrate-by", b"integrated-by"), "an unknown line"),
        (lambda text: text.replace(b"root 5", b"root 4"), "another size"),
    ],
)
def test_a_signed_promise_that_says_something_else_is_refused(change, why):
    hashes = leaves(5)
    receipt = written.singles(levels(hashes), note(hashes, change=change))[3]
    with pytest.raises(BadError):
        entry_receipt.check(receipt.encode(), key=KEY, origin=ORIGIN)


def test_a_checkpoint_does_not_pass_for_a_promise():
    hashes = leaves(5)
    signed = sign_note(SIGNER, f"{ORIGIN}/receipts", f"{ORIGIN}\n5\nAAAA\n".encode())
    receipt = written.singles(levels(hashes), signed)[3]
    with pytest.raises(BadError):
        entry_receipt.check(receipt.encode(), key=KEY, origin=ORIGIN)


@pytest.mark.parametrize("key", [LOG_KEY, "", KEY[:-1]])
def test_only_the_key_of_receipts_can_check_receipts(key):
    with pytest.raises(KeyFormatError):
        entry_receipt.check(SAMPLE, key=key, origin=ORIGIN)


def test_a_receipt_signed_by_somebody_else_is_refused():
    stranger = verifier_key(f"{ORIGIN}/receipts", SigningKey(bytes(32)).public)
    with pytest.raises(BadError):
        entry_receipt.check(SAMPLE, key=stranger, origin=ORIGIN)


def run(path, *arguments):
    return main(["entry-receipt", str(path), "--key", KEY, "--origin", ORIGIN, *arguments])


@pytest.mark.parametrize(
    ("sample", "sentence"),
    [
        (SAMPLE, "1 entry of writer 00010203-0405-4607-8809-0a0b0c0d0e0f to log 0"),
        (BATCH, "3 entries of writer 00010203-0405-4607-8809-0a0b0c0d0e0f to log 0"),
    ],
)
def test_the_command_says_what_was_promised(tmp_path, capsys, sample, sentence):
    path = tmp_path / "receipt"
    path.write_bytes(sample)
    assert run(path) == 0
    said = capsys.readouterr()
    assert sentence in said.out
    assert "2023-11-14T22:13:30+00:00" in said.out
    assert said.err == ""


def test_the_command_tells_a_forgery_in_a_sentence(tmp_path, capsys):
    path = tmp_path / "receipt"
    path.write_bytes(SAMPLE.replace(b"index 3", b"index 2"))
    assert run(path) == 1
    assert capsys.readouterr().err == "BAD: The path does not lead to the root.\n"


def test_the_command_cannot_tell_without_a_file_or_a_usable_key(tmp_path, capsys):
    assert run(tmp_path / "missing") == 2
    assert capsys.readouterr().err == "CANNOT TELL: The file cannot be read.\n"
    path = tmp_path / "receipt"
    path.write_bytes(SAMPLE)
    assert run(path, "--key", LOG_KEY) == 2
    assert "CANNOT TELL" in capsys.readouterr().err


def test_the_command_runs_as_a_module_and_reads_its_input(tmp_path):
    command = [sys.executable, "-m", "vault.verifier", "entry-receipt", "-"]
    done = subprocess.run(
        [*command, "--key", KEY, "--origin", ORIGIN], input=SAMPLE, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"GOOD: example.org/log promised 1 entry")
    assert subprocess.run([*command[:-1]], capture_output=True).returncode == 2
