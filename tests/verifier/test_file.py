"""Nothing but a regular file is read: a pipe or a device would be waited for, or never end."""

import os
import signal

import pytest

from tests.verifier.loggen import KEY, ORIGIN, honest, put
from vault.verifier import file
from vault.verifier.__main__ import main
from vault.verifier.errors import BadError, CannotTellError

NAMES = ("--key", KEY, "--origin", ORIGIN)


@pytest.fixture(autouse=True)
def impatient():
    """Interrupt a read that waits; the test would never come to its end."""
    signal.signal(signal.SIGALRM, _waited)
    signal.alarm(20)
    yield
    signal.alarm(0)


def _waited(*_):
    pytest.fail("it waits for what is no file")


def pipe(path):
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def device(path):
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


PLACES = [
    "checkpoint",
    "checkpoints/300",
    "tile/0/000",
    "tile/0/001.p/44",
    "tile/1/000.p/1",
    "tile/entries/000",
    "tile/entries/001.p/44",
]


@pytest.mark.parametrize("place", [pipe, device])
@pytest.mark.parametrize("name", PLACES)
def test_a_log_with_something_else_in_the_place_of_a_file_is_not_read(
    tmp_path, capsys, name, place
):
    honest(300).save(tmp_path, seen=(300,))
    place(tmp_path / name)
    assert main(["log", str(tmp_path), *NAMES]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"CANNOT TELL: {name} is no regular file")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("place", [pipe, device])
@pytest.mark.parametrize("command", ["replay", "store"])
def test_an_export_with_something_else_in_the_place_of_a_file_is_not_read(
    tmp_path, capsys, command, place
):
    honest(300).save(tmp_path)
    put(tmp_path, "keys.ndjson", b"")
    place(tmp_path / "keys.ndjson")
    put(tmp_path, "owners.ndjson", b"")
    assert main([command, str(tmp_path), *NAMES]) == 2
    assert "keys.ndjson is no regular file" in capsys.readouterr().err
    put(tmp_path, f"codes/{'0' * 64}.json", b"")
    place(tmp_path / f"codes/{'0' * 64}.json")
    assert main([command, str(tmp_path), *NAMES]) == 2
    assert f"codes/{'0' * 64}.json is no regular file" in capsys.readouterr().err


def test_a_link_to_a_file_is_a_file(tmp_path):
    honest(300).save(tmp_path)
    (tmp_path / "checkpoint").rename(tmp_path / "elsewhere")
    (tmp_path / "checkpoint").symlink_to(tmp_path / "elsewhere")
    assert main(["log", str(tmp_path), *NAMES]) == 0


def test_a_pipe_in_the_place_of_what_is_written_is_taken_away(tmp_path):
    os.mkfifo(tmp_path / "checkpoint.part")
    file.write(tmp_path / "checkpoint", b"text")
    assert (tmp_path / "checkpoint").read_bytes() == b"text"
    assert [one.name for one in tmp_path.iterdir()] == ["checkpoint"]


def test_a_file_is_read_whole_up_to_its_limit_and_no_further(tmp_path):
    (tmp_path / "one").write_bytes(b"1234")
    assert file.read(tmp_path / "one", 4, "one") == b"1234"
    assert file.read(tmp_path / "none", 4, "none") is None
    with pytest.raises(BadError, match="one is larger"):
        file.read(tmp_path / "one", 3, "one")
    (tmp_path / "one").chmod(0)
    if os.geteuid():
        with pytest.raises(CannotTellError, match="one cannot be read"):
            file.read(tmp_path / "one", 4, "one")
