"""After a restore every command is refused until the log was asked."""

import shutil


def test_where_nothing_was_lost_there_is_nothing_to_do(made):
    done = made.run("log", "recover")
    assert (done.code, done.out) == (
        0,
        "The log is not behind its anchor: there is nothing to recover.\n",
    )


def test_a_mirror_can_be_lost_and_begun_anew(made):
    assert made.run("log", "mirror").out == "The mirror holds 0 entries.\n"
    assert made.run("log", "mirror", "--anew").out == "The mirror holds 0 entries.\n"


def test_a_mirror_that_is_not_ours_keeps_every_command_from_opening(made, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "checkpoint").write_text("example.org/log\n1\nAAAA\n\n— example.org/log AAAA\n")
    done = made.run("keys", "list", OWNSHIP_MIRROR=str(folder))
    assert done.code == 3
    assert "another vault" in done.err
    shutil.rmtree(folder)
    assert made.run("keys", "list", OWNSHIP_MIRROR=str(folder)).code == 0
