"""What anybody can find in a log without a key: L1, L2 and L3, each broken in its own way."""

import re
import struct

import pytest

from tests.verifier.loggen import (
    KEY,
    ORIGIN,
    SEED,
    START,
    A,
    B,
    C,
    Written,
    checkpoint,
    checkpoint_text,
    entry,
    honest,
    key_of,
    note,
    put,
    root,
)
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, EntryError, RollbackError, StaleError
from vault.verifier.folder import Folder
from vault.verifier.log import check

BOOT, FIN, CLOSE, PRUNE = 64, 65, 66, 73


def checked(path, **options):
    return check(Folder(path), key=KEY, origin=ORIGIN, **options)


def run(path, *words):
    return main(["log", str(path), "--key", KEY, "--origin", ORIGIN, *map(str, words)])


@pytest.fixture
def refused(tmp_path):
    """Save a log with these entries, and return what the checker has against it."""

    def save_and_check(*entries, origin=ORIGIN):
        Written(list(entries), origin).save(tmp_path)
        with pytest.raises(BadError) as found:
            check(Folder(tmp_path), key=KEY, origin=origin)
        return found.value

    return save_and_check


def boot(writer=A, **place):
    return entry(writer, 0, kind=BOOT, **place)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 600])
@pytest.mark.parametrize("batch", [None, 7])
def test_an_honest_log_holds(tmp_path, count, batch):
    log = honest(count, writers=(A, B, C), batch=batch)
    found = checked(log.save(tmp_path, seen={1, count // 2 or 1, count}))
    assert (found.newest.size, found.first, found.absent) == (count, 0, 0)
    assert found.writers == min(count, 3)
    assert found.checkpoints == len({1, count // 2 or 1, count})


def test_a_log_with_a_second_level_of_tiles_holds(tmp_path):
    assert checked(honest(65_800).save(tmp_path)).newest.size == 65_800


def test_an_empty_log_holds(tmp_path, capsys):
    put(tmp_path, "checkpoint", checkpoint([]))
    assert run(tmp_path) == 0
    assert "has 0 entries" in capsys.readouterr().out


def test_the_command_says_what_was_checked_and_what_it_means(tmp_path, capsys):
    honest(300).save(tmp_path, seen=(100,))
    assert run(tmp_path) == 0
    said = capsys.readouterr()
    assert "GOOD: the log of example.org/log has 300 entries" in said.out
    assert "entries 0 to 299 lead through every tile" in said.out
    assert "Their writers (2) left no record out" in said.out
    assert "agree: 1." in said.out
    assert "What was never recorded it cannot show." in said.out
    assert said.err == ""  # no bar where nobody watches


# L1


def test_a_changed_entry_is_named(tmp_path):
    log = honest(300)
    log.save(tmp_path)
    changed = log.entries[270][:-1] + b"q"
    bundle = [*log.entries[256:270], changed, *log.entries[271:]]
    framed = b"".join(struct.pack(">H", len(one)) + one for one in bundle)
    put(tmp_path, "tile/entries/001.p/44", framed)
    with pytest.raises(BadError, match=r"Entry 270 does not hash to what tile/0/001.p/44 has"):
        checked(tmp_path)


def test_another_log_under_the_signed_root_is_refused(tmp_path):
    log, other = honest(300), honest(299)
    other.entries.append(entry(B, 149, at=START + 400, seen=298, payload=b"other"))
    other.save(tmp_path)
    put(tmp_path, "checkpoint", log.checkpoint())
    with pytest.raises(BadError, match="do not lead to the root"):
        checked(tmp_path)


def test_a_truncated_log_is_refused(tmp_path):
    log = honest(300)
    Written(log.entries[:299]).save(tmp_path)
    put(tmp_path, "checkpoint", log.checkpoint())
    with pytest.raises(BadError, match=r"tile/entries/001.p/44 is missing"):
        checked(tmp_path)


def test_a_log_that_was_put_back_is_refused(tmp_path):
    log = honest(300)
    Written(log.entries[:200]).save(tmp_path)
    put(tmp_path, "checkpoints/300", log.checkpoint())
    with pytest.raises(RollbackError, match="of size 200, but one of size 300 was seen"):
        checked(tmp_path)


@pytest.mark.parametrize("size", [1, 200, 256, 299])
def test_a_checkpoint_that_shows_another_past_is_refused(tmp_path, size):
    log = honest(300)
    log.save(tmp_path, seen=(100, 280))
    other = Written([*log.entries[: size - 1], boot(C)])
    put(tmp_path, f"checkpoints/{size}", other.checkpoint())
    with pytest.raises(BadError, match=f"checkpoint of size {size} does not agree"):
        checked(tmp_path)


def test_a_checkpoint_that_was_seen_and_is_forged_is_refused(tmp_path):
    log = honest(300)
    log.save(tmp_path)
    put(tmp_path, "checkpoints/200", checkpoint(log.leaves[:200], seed=bytes(32)))
    with pytest.raises(BadError, match="checkpoints/200: None of the given keys has signed this"):
        checked(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (checkpoint([], origin="example.org/log2"), "None of the given keys"),
        (note(checkpoint_text(0, root([]), "example.org/log2")), "another origin"),
        (note(f"{ORIGIN}\n00\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n+1\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n1_0\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n١\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n{2**63}\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n{'9' * 500_000}\n{'A' * 43}=\n"), "no number in its one spelling"),
        (note(f"{ORIGIN}\n1\n{'A' * 42}B=\n"), "not base64 of 32 bytes"),
        (note(f"{ORIGIN}\n1\n{'A' * 44}\n"), "not base64 of 32 bytes"),
        (note(f"{ORIGIN}\n0\n{'A' * 43}=\n"), "a root that no empty log has"),
        (note(f"{ORIGIN}\n1\n{'A' * 43}=\nmore\n"), "three lines"),
        (note(f"{ORIGIN}\n1\n"), "three lines"),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(tmp_path, text, sentence):
    put(tmp_path, "checkpoint", text)
    with pytest.raises(BadError, match=sentence):
        checked(tmp_path)


def test_missing_bundles_are_refused_without_a_prune(tmp_path):
    log = honest(700)
    log.save(tmp_path)
    (tmp_path / "tile/entries/000").unlink()
    with pytest.raises(BadError, match=r"tile/entries/000 is missing, and no entry of the log"):
        checked(tmp_path)


def pruned(minimum, count=700):
    """A log whose last entry says that the bundles below an index were pruned."""
    log = honest(count - 1, writers=(A,))
    place = {"at": START + count, "seen": count - 4}
    log.entries.append(entry(A, count - 1, kind=PRUNE, members={"minimum": minimum}, **place))
    return log


def test_pruned_bundles_may_be_missing_and_their_hashes_are_checked(tmp_path, capsys):
    pruned(512).save(tmp_path)
    (tmp_path / "tile/entries/000").unlink()
    assert checked(tmp_path).absent == 256
    (tmp_path / "tile/entries/001").unlink()
    found = checked(tmp_path)
    assert (found.absent, found.pruned, found.first) == (512, True, 512)
    assert run(tmp_path) == 0
    assert "The entries before 512 were pruned" in capsys.readouterr().out
    tile = bytearray((tmp_path / "tile/0/001").read_bytes())
    tile[5] ^= 1
    put(tmp_path, "tile/0/001", tile)
    with pytest.raises(BadError, match=r"from 256 on do not hash to what tile/1/000.p/2"):
        checked(tmp_path)


def test_more_than_was_pruned_may_not_be_missing(tmp_path):
    pruned(256).save(tmp_path)
    (tmp_path / "tile/entries/001").unlink()
    with pytest.raises(BadError, match=r"tile/entries/001 is missing, and no entry"):
        checked(tmp_path)


@pytest.mark.parametrize("minimum", [-256, 100, 1024, "256", None, True])
def test_a_prune_of_no_whole_bundles_is_refused(tmp_path, minimum):
    pruned(minimum).save(tmp_path)
    with pytest.raises(EntryError, match="no number of whole bundles"):
        checked(tmp_path)


# L2: each row is a log whose last entry is wrong, and what is said of it.

L2 = {
    "no boot": ([entry(A, 0)], "does not begin with boot"),
    "fin first": ([entry(A, 0, kind=FIN)], "does not begin with boot"),
    "boot in the middle": ([boot(), entry(A, 1, kind=BOOT)], "begins a second time"),
    "two boots": ([boot(), boot()], "begins a second time"),
    "boot with parts": ([entry(A, 0, kind=BOOT, part=0, parts=2)], "begins no writer"),
    "boot late": ([entry(A, 3, kind=BOOT)], "begins no writer"),
    "beginning left out": ([boot(), entry(B, 4)], "earlier records are missing"),
    "gap": ([boot(), entry(A, 1), entry(A, 3)], "Record 2 of its writer is missing"),
    "doubled": ([boot(), entry(A, 1), entry(A, 1)], "doubled or moved"),
    "moved": ([boot(), entry(A, 2)], "Record 1 of its writer is missing"),
    "back": ([boot(), entry(A, 1), entry(A, 2), entry(A, 1)], "doubled or moved"),
    "part missing": ([boot(), entry(A, 1, part=0, parts=3), entry(A, 1, part=2, parts=3)], "lacks"),
    "part first": ([boot(), entry(A, 1, part=1, parts=2)], "lacks a part"),
    "part doubled": (
        [boot(), entry(A, 1, part=0, parts=2), entry(A, 1, part=0, parts=2)],
        "doubled or moved",
    ),
    "record cut by the next": ([boot(), entry(A, 1, parts=2), entry(A, 2)], "lacks a part"),
    "parts change": (
        [boot(), entry(A, 1, part=0, parts=2), entry(A, 1, part=1, parts=3)],
        "lacks a part",
    ),
    "record cut by the end": (
        [boot(), entry(A, 1, part=0, parts=2)],
        "log ends before this record",
    ),
    "time falls": ([boot(at=9), entry(A, 1, at=8)], "Its time is older"),
    "seen falls": (
        [boot(), boot(B), entry(A, 1, seen=2), entry(A, 2, seen=1)],
        "view of the log is older",
    ),
    "seen ahead": ([boot(), entry(A, 1, seen=2)], "seen more entries than there were"),
    "after fin": ([boot(), entry(A, 1, kind=FIN), entry(A, 2)], "had ended with fin"),
    "boot after fin": ([boot(), entry(A, 1, kind=FIN), boot()], "had ended with fin"),
    "after close": ([boot(), entry(A, 1, kind=CLOSE), entry(A, 2)], "had ended with close"),
    "after close by another": (
        [
            boot(),
            boot(B),
            entry(A, 1, kind=CLOSE, members={"writer": "b2" * 16}),
            entry(B, 1),
        ],
        "had ended with close",
    ),
    "closed in the middle of a record": (
        [
            boot(),
            boot(B),
            entry(B, 1, parts=2),
            entry(A, 1, kind=CLOSE, members={"writer": "b2" * 16}),
        ],
        "ends before its record does",
    ),
    "fin with parts": ([boot(), entry(A, 1, kind=FIN, parts=2)], "ends before its record does"),
    "closes nothing": ([boot(), entry(A, 1, kind=CLOSE, members={"writer": 7})], "no writer"),
    "other log": ([boot(), entry(A, 1, log_id=1)], "of another log"),
    "version": ([boot(), entry(A, 1, magic=b"OAL2")], "version"),
    "class": ([boot(), entry(A, 1, entry_class=0)], "class 0 is unknown"),
    "suite": ([boot(), entry(A, 1, suite=9)], "suite 9 is unknown"),
    "part of parts": ([boot(), entry(A, 1, part=2, parts=2)], "part 2 of 2"),
    "too many parts": ([boot(), entry(A, 1, part=0, parts=1001)], "part 0 of 1001"),
    "byte 77": ([boot(), entry(A, 1, zero=1)], "byte 77"),
    "length": ([boot(), entry(A, 1, payload=b"12", length=1)], "length does not end it"),
    "payload of the system": (
        [boot(), entry(A, 1, entry_class=2, suite=0, payload=b"{}")],
        "has a tag, a veil or facts",
    ),
    "kind of a customer": ([boot(), entry(A, 1, kind=1)], "none of the system's"),
    "version of a payload": ([boot(), entry(A, 1, kind=FIN, members={"v": 2})], "version"),
}


@pytest.mark.parametrize("name", L2)
def test_a_writer_that_does_what_none_may_is_named(refused, name):
    entries, sentence = L2[name]
    error = refused(*entries)
    assert isinstance(error, EntryError)
    assert sentence in str(error)
    assert error.index == len(entries) - 1
    assert str(error).startswith(f"Entry {len(entries) - 1}")


def test_the_entry_is_named_by_index_writer_seq_and_part(tmp_path, capsys):
    Written([boot(), entry(A, 1, parts=2), entry(A, 1, part=1, parts=2), entry(A, 7)]).save(
        tmp_path
    )
    assert run(tmp_path) == 1
    uuid = "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1"
    assert capsys.readouterr().err == (
        f"BAD: Entry 3 (writer {uuid}, seq 7, part 0): Record 2 of its writer is missing: "
        "it was left out of the log.\n"
    )


def test_a_reordered_log_is_refused_though_it_is_signed(refused):
    entries = honest(300).entries
    entries[100], entries[102] = entries[102], entries[100]
    assert "left out" in str(refused(*entries))


def test_a_deleted_entry_is_found_though_the_rest_is_signed_anew(refused):
    entries = honest(300).entries
    del entries[100]
    error = refused(*entries)
    assert isinstance(error, EntryError)
    assert re.search(r"Record \d+ of its writer is missing", str(error))


def test_the_entries_of_another_log_have_its_number(tmp_path):
    origin = f"{ORIGIN}/3"
    log = Written([entry(A, 0, kind=BOOT, log_id=3), entry(A, 1, log_id=3)], origin)
    log.save(tmp_path)
    put(tmp_path, "checkpoint", note(checkpoint_text(2, root(log.leaves), origin), origin, SEED))
    assert check(Folder(tmp_path), key=key_of(origin), origin=origin).newest.size == 2


def test_a_kind_that_is_newer_than_the_checker_cannot_be_told(tmp_path, capsys):
    Written([boot(), entry(A, 1, kind=99)]).save(tmp_path)
    assert run(tmp_path) == 2
    assert "Entry 1: Its kind 99 is newer than this checker" in capsys.readouterr().err


def test_a_writer_that_ended_is_counted_and_may_have_others_behind_it(tmp_path):
    entries = [boot(), boot(B), entry(A, 1, kind=FIN), entry(B, 1)]
    assert checked(Written(entries).save(tmp_path)).writers == 2


# L3


def looks(*places):
    """Two writers; each look has a time in seconds after the boots, and what it had seen."""
    entries, seqs = [boot(), boot(B)], [1, 1]
    for n, (seconds, seen) in enumerate(places):
        writer = n % 2
        at = START + int(seconds * 1000)
        entries.append(entry((A, B)[writer], seqs[writer], at=at, seen=seen))
        seqs[writer] += 1
    return entries


def test_a_view_of_the_log_that_is_70_seconds_old_is_fresh(tmp_path):
    assert checked(Written(looks((1, 2), (70, 0), (71, 2))).save(tmp_path)).newest.size == 5


def test_a_view_that_misses_older_entries_is_stale(refused):
    error = refused(*looks((1, 2), (70.001, 1), (71, 2)))
    assert isinstance(error, StaleError)
    assert "Entry 3 " in str(error)
    assert "without knowing entries over 70 s older" in str(error)
    assert "All else that was checked holds." in str(error)


def test_all_stale_entries_are_counted(refused):
    assert "So were 2 more." in str(refused(*looks((100, 0), (100, 0), (101, 0))))


def test_an_old_entry_that_was_integrated_late_is_what_the_newer_did_not_see(refused):
    # The look at 100 s had seen all before it; then comes one of 20 s that waited; then one that
    # did not know it and is 80 s younger.
    entries = [boot(), boot(B)]
    entries.append(entry(A, 1, at=START + 100_000, seen=2))
    entries.append(entry(B, 1, at=START + 20_000, seen=2))
    entries.append(entry(A, 2, at=START + 100_001, seen=3))
    assert "Entry 4 " in str(refused(*entries))


def test_a_stale_entry_does_not_hide_a_worse_one(refused):
    entries = [*looks((100, 0)), entry(B, 5, at=START + 100_000)]
    assert "is missing" in str(refused(*entries))


# --since


@pytest.mark.parametrize("size", [1, 3, 255, 256, 257, 600, 699, 700])
@pytest.mark.parametrize("batch", [None, 7])
def test_a_log_is_checked_on_from_an_older_checkpoint(tmp_path, size, batch, capsys):
    log = honest(700, writers=(A, B, C), batch=batch)
    log.save(tmp_path, seen=(100, 650))
    found = checked(tmp_path, old_text=log.checkpoint(size))
    assert found.old is not None
    assert found.old.size == size
    assert found.first <= size
    old = tmp_path / "old"
    old.write_bytes(log.checkpoint(size))
    assert run(tmp_path, "--since", old) == 0
    assert f"continues the checkpoint of size {size}" in capsys.readouterr().out


def test_only_newer_entries_are_read_where_writers_go_on(tmp_path):
    log = honest(2_000)
    log.save(tmp_path)
    (tmp_path / "tile/entries/000").write_bytes(b"")
    (tmp_path / "tile/0/000").write_bytes(b"")
    assert checked(tmp_path, old_text=log.checkpoint(1_800)).first == 1_792
    with pytest.raises(BadError):
        checked(tmp_path)


def test_a_writer_that_goes_on_is_sought_as_far_back_as_it_wrote(tmp_path):
    log = honest(1_000)
    log.entries.insert(2, boot(C, at=START))
    log.entries.append(entry(C, 1, at=START + 2_000, seen=999))
    log.save(tmp_path)
    assert checked(tmp_path, old_text=log.checkpoint(1_000)).first == 0


def test_a_writer_that_leaves_a_record_out_is_found_across_the_older_checkpoint(tmp_path):
    log = honest(700)
    log.entries.append(entry(A, 352, at=START + 2_000, seen=690))
    log.save(tmp_path)
    with pytest.raises(EntryError, match="is missing"):
        checked(tmp_path, old_text=log.checkpoint(700))


@pytest.mark.parametrize("size", [200, 256, 500])
def test_a_log_that_does_not_continue_the_older_checkpoint_is_refused(tmp_path, size):
    log = honest(700)
    other = Written([boot(C), *log.entries[1:size]])
    log.save(tmp_path)
    with pytest.raises(BadError, match="does not continue the older one"):
        checked(tmp_path, old_text=other.checkpoint())


def test_a_log_shorter_than_the_older_checkpoint_is_refused(tmp_path):
    log = honest(700)
    Written(log.entries[:600]).save(tmp_path)
    with pytest.raises(RollbackError, match="has 600 entries; when it was seen before it had 700"):
        checked(tmp_path, old_text=log.checkpoint())


def test_nothing_is_shown_from_an_empty_log(tmp_path):
    honest(10).save(tmp_path)
    with pytest.raises(BadError, match="from which nothing is shown"):
        checked(tmp_path, old_text=checkpoint([]))


def test_a_stale_entry_of_the_older_part_is_not_said_again(tmp_path):
    log = Written([*looks((100, 0)), entry(B, 1, at=START + 100_000, seen=3)])
    log.save(tmp_path)
    with pytest.raises(StaleError):
        checked(tmp_path)
    assert checked(tmp_path, old_text=log.checkpoint(3)).newest.size == 4


def test_a_pruned_log_is_checked_on_from_an_older_checkpoint(tmp_path):
    log = pruned(512)
    log.save(tmp_path)
    for n in (0, 1):
        (tmp_path / f"tile/entries/00{n}").unlink()
    for size in (100, 512, 600, 700):
        assert checked(tmp_path, old_text=log.checkpoint(size)).first == 512
