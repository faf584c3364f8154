"""Whichever single byte of a log, a proof or a checkpoint is changed: it is found."""

import pytest

from tests.verifier.loggen import KEY, ORIGIN, START, A, B, Written, entry, honest, proof
from vault.verifier import checkpoint, tlog_proof
from vault.verifier.errors import BadError
from vault.verifier.folder import Folder
from vault.verifier.log import check

CHANGES = (0x01, 0x20, 0x80)  # the last bit, the case of a letter, what is no ASCII


def small():
    """A log with every sort of entry: boot, looks, a batch record, fin."""
    place = {"at": START, "seen": 1}
    return Written(
        [
            entry(A, 0, kind=64, members={"version": "test"}, at=START),
            entry(B, 0, kind=64, **place),
            entry(A, 1, payload=b"a look", **place),
            *(entry(B, 1, part=part, parts=3, payload=b"of a batch", **place) for part in range(3)),
            entry(A, 2, kind=65, **place),
        ]
    )


def unfound(data, is_found, step=1):
    """The places and changes that nobody finds."""
    missed = []
    for at in range(0, len(data), step):
        for bits in CHANGES:
            changed = bytearray(data)
            changed[at] ^= bits
            if not is_found(bytes(changed)):
                missed.append((at, bits))
    return missed


def is_refused(check_, *args, **options):
    try:
        check_(*args, **options)
    except BadError:
        return True
    return False


def found_in(folder, name, step=1):
    """Change each byte of a file in turn, and put it back."""
    file = folder / name
    data = file.read_bytes()

    def is_found(changed):
        file.write_bytes(changed)
        return is_refused(check, Folder(folder), key=KEY, origin=ORIGIN)

    missed = unfound(data, is_found, step)
    file.write_bytes(data)
    check(Folder(folder), key=KEY, origin=ORIGIN)  # else everything would be found
    return missed


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["checkpoint", "checkpoints/3", "tile/0/000.p/7", "tile/entries/000.p/7"]
)
def test_every_byte_of_a_small_log_is_found(tmp_path, name):
    assert found_in(small().save(tmp_path, seen=(3,)), name) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("checkpoint", 1),
        ("checkpoints/256", 1),
        ("tile/0/001.p/4", 1),
        ("tile/1/000.p/1", 1),
        ("tile/entries/001.p/4", 1),
        # Full tiles are long: every hash and every entry is hit, each at another place.
        ("tile/0/000", 31),
        ("tile/entries/000", 107),
    ],
)
def test_every_byte_of_a_log_with_two_levels_is_found(tmp_path, name, step):
    assert found_in(honest(260, batch=3).save(tmp_path, seen=(256,)), name, step) == []


@pytest.mark.parametrize("index", range(7))
def test_every_byte_of_a_proof_is_found(index):
    data = proof(small(), index)
    tlog_proof.check(data, key=KEY, origin=ORIGIN)
    assert (
        unfound(data, lambda changed: is_refused(tlog_proof.check, changed, key=KEY, origin=ORIGIN))
        == []
    )


def test_every_byte_of_a_checkpoint_is_found():
    data = small().checkpoint()
    checkpoint.open_(data, key=KEY, origin=ORIGIN)
    assert (
        unfound(data, lambda changed: is_refused(checkpoint.open_, changed, key=KEY, origin=ORIGIN))
        == []
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tile/0/000.p/7", "tile/entries/000.p/7", "checkpoint"])
def test_every_byte_that_is_missing_or_too_many_is_found(tmp_path, name):
    folder = small().save(tmp_path)
    file = folder / name
    data = file.read_bytes()
    for at in range(len(data)):
        for changed in (data[:at], data[:at] + data[at + 1 :], data[:at] + b"\0" + data[at:]):
            file.write_bytes(changed)
            assert is_refused(check, Folder(folder), key=KEY, origin=ORIGIN), at
    file.write_bytes(data + b"\0")
    assert is_refused(check, Folder(folder), key=KEY, origin=ORIGIN)
