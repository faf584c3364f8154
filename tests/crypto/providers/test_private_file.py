import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vault.core.errors import ProviderDownError, UnwrapFailedError
from vault.crypto.providers.private_file import MAX_BYTES, PrivateFile


@pytest.fixture
def path(tmp_path):
    """The path of a file that stands in a folder of its own."""
    path = tmp_path / "keys" / "ring.json"
    PrivateFile(path).change(lambda _: b"first", make_folder=True)
    return path


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def untouched(content: bytes | None) -> bytes:
    raise AssertionError


def test_folder_and_file_are_the_owners_alone(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert PrivateFile(path).read() == b"first"


def test_the_mask_of_the_process_does_not_widen_them(tmp_path):
    before = os.umask(0)
    try:
        PrivateFile(tmp_path / "a" / "b" / "ring").change(lambda _: b"x", make_folder=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "ring").stat().st_mode) == 0o600


def test_a_change_gets_the_old_content_and_returns_when_it_stood(path):
    when = PrivateFile(path).change(lambda content: (content or b"") + b", second")
    assert PrivateFile(path).read() == b"first, second"
    assert when == datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert names(path.parent) == ["ring.json"]


def test_a_missing_file_is_none_to_a_change_and_down_to_a_reader(path):
    path.unlink()
    with pytest.raises(ProviderDownError):
        PrivateFile(path).read()
    PrivateFile(path).change(lambda content: b"" if content is None else b"wrong")
    assert PrivateFile(path).read() == b""


def test_a_missing_folder_is_down(tmp_path):
    file = PrivateFile(tmp_path / "none" / "ring")
    with pytest.raises(ProviderDownError):
        file.read()
    with pytest.raises(ProviderDownError):
        file.change(untouched)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o400, 0o700, 0o4600])
def test_a_file_of_another_mode_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(UnwrapFailedError, match="0600"):
        PrivateFile(path).read()
    with pytest.raises(UnwrapFailedError, match="0600"):
        PrivateFile(path).change(untouched)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o1700])
def test_a_folder_of_another_mode_is_refused(path, mode):
    path.parent.chmod(mode)
    with pytest.raises(UnwrapFailedError, match="0700"):
        PrivateFile(path).read()
    with pytest.raises(UnwrapFailedError, match="0700"):
        PrivateFile(path).change(untouched, make_folder=True)


def test_a_linked_file_is_refused(path):
    path.rename(path.parent / "elsewhere")
    path.symlink_to(path.parent / "elsewhere")
    with pytest.raises(UnwrapFailedError, match="no link"):
        PrivateFile(path).read()
    with pytest.raises(UnwrapFailedError, match="no link"):
        PrivateFile(path).change(untouched)


def test_a_linked_folder_is_refused(path, tmp_path):
    (tmp_path / "link").symlink_to(path.parent)
    with pytest.raises(UnwrapFailedError, match="0700"):
        PrivateFile(tmp_path / "link" / "ring.json").read()
    with pytest.raises(UnwrapFailedError, match="0700"):
        PrivateFile(tmp_path / "link" / "ring.json").change(untouched, make_folder=True)


def test_a_folder_a_pipe_or_too_much_in_the_files_place_is_refused(path):
    path.unlink()
    path.mkdir(mode=0o600)
    with pytest.raises(UnwrapFailedError):
        PrivateFile(path).read()
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(UnwrapFailedError):
        PrivateFile(path).read()
    path.unlink()
    path.write_bytes(bytes(MAX_BYTES + 1))
    path.chmod(0o600)
    with pytest.raises(UnwrapFailedError):
        PrivateFile(path).read()


@pytest.mark.parametrize(("before", "text"), [(0, "0700"), (1, "0600")], ids=["folder", "file"])
def test_what_belongs_to_someone_else_is_refused(path, monkeypatch, before, text):
    # Giving a file away takes root, so the process takes itself for another user instead.
    owner = path.stat().st_uid
    users = iter([owner] * before + [owner + 1])
    monkeypatch.setattr(os, "geteuid", lambda: next(users))
    with pytest.raises(UnwrapFailedError, match=text):
        PrivateFile(path).read()


def test_an_unreadable_disk_is_down_and_names_no_path(path, monkeypatch):
    opened = os.open

    def broken(name, *args, **options):
        if name == "ring.json":
            raise OSError(errno.EIO, "Input/output error", str(path))
        return opened(name, *args, **options)

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(ProviderDownError) as caught:
        PrivateFile(path).read()
    assert str(path) not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_change_that_cannot_be_written_leaves_the_old_content(path, monkeypatch, call):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(ProviderDownError):
        PrivateFile(path).change(lambda _: b"second")
    monkeypatch.undo()
    assert PrivateFile(path).read() == b"first"
    assert names(path.parent) == ["ring.json"]


def test_what_a_killed_change_left_is_not_followed_and_goes(path, tmp_path):
    aside = path.parent / ".ring.json.new"
    target = tmp_path / "target"
    aside.symlink_to(target)
    PrivateFile(path).change(lambda _: b"second")
    assert not target.exists()
    assert names(path.parent) == ["ring.json"]
    aside.write_bytes(b"half a ring")
    PrivateFile(path).change(lambda _: b"third")
    assert names(path.parent) == ["ring.json"]
    assert PrivateFile(path).read() == b"third"


def test_the_old_content_is_replaced_and_never_written_over(path):
    before = path.stat().st_ino
    with path.open("rb") as reader:
        PrivateFile(path).change(lambda _: b"second")
        assert reader.read() == b"first"
    assert path.stat().st_ino != before


def test_two_changes_at_once_lose_nothing(path):
    def add(number):
        PrivateFile(path).change(lambda content: (content or b"") + bytes((number,)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    assert sorted(PrivateFile(path).read().removeprefix(b"first")) == list(range(100))
