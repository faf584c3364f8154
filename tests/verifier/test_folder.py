"""The folder of a log is read in one spelling, and never beyond what a checkpoint names."""

import pytest

from tests.verifier.loggen import KEY, ORIGIN, Written, entry, honest, put, tile_path
from vault.verifier import tile
from vault.verifier.entry import parse
from vault.verifier.errors import BadError, CannotTellError, MissingError, RollbackError
from vault.verifier.folder import Folder


@pytest.fixture
def log():
    return honest(600)


@pytest.fixture
def folder(log, tmp_path):
    return Folder(log.save(tmp_path, seen=(300, 600)))


@pytest.mark.parametrize("n", [0, 5, 999, 1000, 1234067, 999_999_999])
@pytest.mark.parametrize("width", [1, 255, 256])
def test_paths_are_those_of_the_standard(n, width):
    assert tile.path(3, n, width) == tile_path(3, n, width)


def test_the_checkpoint_and_the_entries_are_read(folder, log):
    found = folder.checkpoint(KEY, ORIGIN)
    assert (found.size, found.text) == (600, log.checkpoint())
    given = list(folder.bundles(0, 600))
    assert [(first, len(entries)) for first, entries in given] == [(0, 256), (256, 256), (512, 88)]
    assert [one for _, entries in given for one in entries] == log.entries


@pytest.mark.parametrize(("start", "size"), [(0, 0), (1, 2), (255, 257), (300, 600), (512, 512)])
def test_entries_are_given_from_an_index_up_to_a_size(folder, log, start, size):
    # At another size than the newest the longer bundle serves, where it is full.
    if size in {0, 2, 512, 600}:
        given = list(folder.bundles(start, size))
        assert [one for _, entries in given for one in entries] == log.entries[start:size]
        assert [first for first, _ in given][:1] == ([start] if start < size else [])


def test_a_folder_without_a_checkpoint_tells_nothing(tmp_path):
    with pytest.raises(CannotTellError, match="no file `checkpoint`"):
        Folder(tmp_path).checkpoint(KEY, ORIGIN)


def test_a_checkpoint_smaller_than_one_that_was_seen_is_refused(folder, log):
    put(folder.path, "checkpoint", log.checkpoint(400))
    with pytest.raises(RollbackError, match="of size 400, but one of size 600"):
        folder.checkpoint(KEY, ORIGIN)


def test_two_checkpoints_of_one_size_that_differ_are_refused(folder, log):
    other = Written([*log.entries[:-1], entry(b"x" * 16)])
    put(folder.path, "checkpoint", other.checkpoint())
    with pytest.raises(BadError, match="different roots"):
        folder.checkpoint(KEY, ORIGIN)


def test_a_seen_checkpoint_under_another_size_is_refused(folder, log):
    put(folder.path, "checkpoints/601", log.checkpoint())
    with pytest.raises(BadError, match="checkpoints/601 is a checkpoint of size 600"):
        folder.checkpoint(KEY, ORIGIN)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0"])
@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_a_tile_of_another_width_is_refused(folder, name, change):
    (folder.path / name).write_bytes(change((folder.path / name).read_bytes()))
    level, n = int(name.split("/")[1]), int(name.split("/")[2][:3])
    with pytest.raises(BadError, match=r"does not hold|is larger"):
        folder.hashes(level, n, tile.width_of(level, n, 600))


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0"])
@pytest.mark.parametrize("name", ["000", "002.p/88"])
def test_a_bundle_with_trailing_or_missing_bytes_is_refused(folder, name, change):
    file = folder.path / "tile/entries" / name
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(BadError, match="does not fit"):
        list(folder.bundles(0, 600))


def test_a_bundle_with_an_entry_more_or_less_is_refused(folder, log):
    file = folder.path / "tile/entries/000"
    first = 2 + len(log.entries[0])
    file.write_bytes(file.read_bytes()[first:])
    with pytest.raises(BadError, match="255 entries in place of 256"):
        list(folder.bundles(0, 600))


def test_a_missing_file_is_named(folder):
    (folder.path / "tile/entries/001").unlink()
    with pytest.raises(MissingError, match="tile/entries/001 is missing"):
        list(folder.bundles(0, 600))


def test_the_first_bundle_that_is_there_is_found(folder):
    assert folder.first_bundle(600) == 0
    (folder.path / "tile/entries/000").unlink()
    assert folder.first_bundle(600) == 1
    (folder.path / "tile/entries/001").unlink()
    assert folder.first_bundle(600) == 2


ODD: dict[str, tuple[dict, str]] = {
    "version": ({"magic": b"OAL2"}, "version"),
    "class": ({"entry_class": 3}, "class 3 is unknown"),
    "suite": ({"suite": 2}, "suite 2 is unknown"),
    "clear customer": ({"suite": 0}, "sealed"),
    "part": ({"part": 2, "parts": 2}, "part 2 of 2"),
    "no parts": ({"part": 0, "parts": 0}, "part 0 of 0"),
    "parts": ({"part": 0, "parts": 1001}, "part 0 of 1001"),
    "byte 77": ({"zero": 1}, "byte 77"),
    "short": ({"length": 4}, "does not end it"),
    "long": ({"length": 6}, "does not end it"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_entry_that_the_format_does_not_know_is_refused(name):
    members, sentence = ODD[name]
    with pytest.raises(BadError, match=sentence):
        parse(entry(payload=b"12345", **members))


def test_a_header_says_what_was_written():
    header = parse(entry(b"w" * 16, 7, at=5, seen=3, part=1, parts=2, payload=b"123"))
    assert (header.writer, header.seq, header.at, header.seen) == (b"w" * 16, 7, 5, 3)
    assert (header.part, header.parts, header.length) == (1, 2, 3)


@pytest.mark.parametrize("place", [52, 70, 80])
def test_a_system_entry_with_tag_veil_or_facts_is_refused(place):
    data = bytearray(entry(kind=64))
    data[place] = 1
    with pytest.raises(BadError, match="a tag, a veil or facts"):
        parse(bytes(data))
