"""`ownship log replay` and `export`, and where their notes are served."""

import pytest

from tests.cli.conftest import only_sqlite_made


def test_there_is_nothing_to_replay_before_a_checkpoint(made):
    done = made.run("log", "replay")
    assert (done.code, done.err) == (0, "")
    assert "There is nothing new to replay" in done.out


@only_sqlite_made
def test_an_export_needs_a_word_and_a_checkpoint(made, tmp_path):
    folder = tmp_path / "export"
    for words in ((), ("--confirm", "yes")):
        done = made.run("log", "export", str(folder), *words)
        assert done.code == 4
        assert 'add --confirm "open every log key"' in done.err
        assert not folder.exists()
    done = made.run("log", "export", str(folder), "--confirm", "open every log key")
    assert done.code != 0
    assert "not-published" in done.err
    assert not folder.exists()


@pytest.mark.parametrize("since", ["yesterday", "-1", "1_000", "", "9" * 30])
def test_an_export_begins_at_a_size_or_a_time(made, tmp_path, since):
    folder = tmp_path / "export"
    words = ("log", "export", str(folder), "--confirm", "open every log key", "--since", since)
    done = made.run(*words)
    assert done.code == 2
    assert "--since is neither a number of entries nor a time" in done.err
    assert not folder.exists()


def test_a_replay_begins_at_an_entry_not_before_the_first(made):
    assert made.run("log", "replay", "--from", "-1").code == 2
