"""A promised entry is in the first checkpoint from after the promised time (L4)."""

import base64

import pytest

from tests.verifier.loggen import (
    KEY,
    ORIGIN,
    START,
    A,
    B,
    Written,
    entry,
    key_of,
    leaf_hash,
    note,
    put,
    root,
)
from vault.verifier.__main__ import main

RECEIPTS = key_of(f"{ORIGIN}/receipts", bytes((9,)) * 32)
UUID_A = "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1"
PROMISED = START + 10_000


def log(*, late=True, without=(), moved=()):
    """Looks of A, and one of B that was made after the promised time."""
    entries = [entry(A, 0, kind=64), entry(B, 0, kind=64)]
    entries += [entry(A, seq, at=START + seq, payload=b"p") for seq in range(1, 6)]
    if late:
        entries.append(entry(B, 1, at=PROMISED + 1))
    entries = [one for n, one in enumerate(entries) if n not in without]
    return Written([*entries, *moved])


def receipt(*entries):
    """The receipt of entries that were committed together."""
    leaves = [leaf_hash(one) for one in entries]
    text = (
        f"{ORIGIN}/receipts\nreceipt 0 {UUID_A} 1 {len(leaves)}\n"
        f"root {len(leaves)} {base64.b64encode(root(leaves)).decode()}\nintegrate-by {PROMISED}\n"
    )
    head = ["ownship-receipt@v1", f"entries 0 {len(leaves)}"]
    head += [base64.b64encode(one).decode() for one in leaves]
    return "\n".join([*head, "", ""]).encode() + note(text, f"{ORIGIN}/receipts", bytes((9,)) * 32)


ENTRIES = log().entries


@pytest.fixture
def run(tmp_path, capsys):
    def command(written, *entries, seen=(), log_key=KEY):
        file = tmp_path / "receipt"
        file.write_bytes(receipt(*entries))
        folder = written.save(tmp_path / "log", seen=seen)
        words = ["entry-receipt", str(file), str(folder), "--key", RECEIPTS, "--origin", ORIGIN]
        code = main([*words, *(("--log-key", log_key) if log_key else ())])
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def test_a_promise_is_kept_by_the_first_checkpoint_after_its_time(run):
    code, said = run(log(), ENTRIES[2], ENTRIES[3], seen=(4, 8))
    assert code == 0
    assert "the first checkpoint from after that time, of size 8, holds it" in said
    assert "In the log at: 2, 3." in said


def test_a_promise_may_be_kept_before_its_time(run):
    code, said = run(log(late=False), ENTRIES[4])
    assert code == 0
    assert "that time is still to come" in said


def test_an_entry_that_is_left_out_breaks_the_promise(run):
    code, said = run(log(without=(4,)), ENTRIES[3], ENTRIES[4])
    assert code == 1
    assert "A promised entry is not in the log, but the checkpoint of size 7" in said
    assert "you can show that the promise was broken" in said


def test_an_entry_that_came_too_late_breaks_the_promise(run):
    late = log(without=(4,), moved=(ENTRIES[4],))
    code, said = run(late, ENTRIES[4], seen=(7,))
    assert code == 1
    assert "A promised entry stands at 7, but the checkpoint of size 7" in said
    assert run(late, ENTRIES[2], seen=(7,))[0] == 0


def test_a_missing_entry_cannot_be_told_before_the_promised_time(run):
    code, said = run(log(late=False, without=(4,)), ENTRIES[4])
    assert code == 2
    assert "ends at 6 entries, before the promised time: fetch it again later" in said


def test_an_entry_of_the_promised_time_itself_is_not_after_it(run):
    written = log(late=False, without=(4,))
    written.entries.append(entry(B, 1, at=PROMISED))
    assert run(written, ENTRIES[4])[0] == 2


def test_the_log_is_hashed_up_to_the_signed_root(run, tmp_path, capsys):
    written = log()
    assert run(written, ENTRIES[2])[0] == 0
    # The same number of entries, of which one is another: all fits but the checkpoint.
    other = Written([*written.entries[:3], entry(A, 2, at=START + 2), *written.entries[4:]])
    other.save(tmp_path / "log")
    put(tmp_path, "log/checkpoint", written.checkpoint())
    words = ["entry-receipt", str(tmp_path / "receipt"), str(tmp_path / "log")]
    assert main([*words, "--key", RECEIPTS, "--origin", ORIGIN, "--log-key", KEY]) == 1
    assert "do not lead to the root" in capsys.readouterr().err


def test_the_folder_needs_the_key_of_the_log(run):
    assert run(log(), ENTRIES[2], log_key=None)[0] == 2
    assert run(log(), ENTRIES[2], log_key=RECEIPTS)[0] == 2


def test_a_pruned_entry_is_found_by_its_hash(run, tmp_path):
    many = [entry(A, seq, at=START + seq) for seq in range(1, 600)]
    written = Written([entry(A, 0, kind=64), *many, entry(A, 600, at=PROMISED + 1)])
    assert run(written, many[0])[0] == 0
    (tmp_path / "log/tile/entries/000").unlink()
    words = ["entry-receipt", str(tmp_path / "receipt"), str(tmp_path / "log")]
    assert main([*words, "--key", RECEIPTS, "--origin", ORIGIN, "--log-key", KEY]) == 0
