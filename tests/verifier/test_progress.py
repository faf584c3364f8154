"""A bar on a terminal, and not a byte elsewhere."""

import io
import os
import pty
import subprocess
import sys

from tests.verifier.loggen import KEY, ORIGIN, honest
from vault.verifier.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_fills_and_goes_away():
    terminal = Terminal()
    with Progress("checking", 4, terminal) as progress:
        for done in range(5):
            progress.at(done)
    drawn = terminal.getvalue().split("\r")
    assert "checking [" + "." * 30 + "]   0.0 % 0 of 4" in drawn[1]
    assert "checking [" + "#" * 15 + "." * 15 + "]  50.0 % 2 of 4" in drawn[3]
    assert "checking [" + "#" * 30 + "] 100.0 % 4 of 4" in drawn[5]
    assert drawn[-1] == "\x1b[K"


def test_a_bar_is_drawn_only_where_it_moves():
    terminal = Terminal()
    with Progress("checking", 1_000_000, terminal) as progress:
        for done in range(0, 1_000_001, 100):
            progress.at(done)
    assert terminal.getvalue().count("checking") == 1_001


def test_nothing_to_do_is_all_done():
    terminal = Terminal()
    with Progress("checking", 0, terminal) as progress:
        progress.at(0)
    assert "100.0 %" in terminal.getvalue()


def test_the_bar_goes_away_when_something_is_found():
    terminal = Terminal()
    try:
        with Progress("checking", 4, terminal) as progress:
            progress.at(1)
            raise ValueError
    except ValueError:
        pass
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_pipe_gets_no_bar(capsys):
    with Progress("checking", 4) as progress:
        progress.at(2)
    assert capsys.readouterr().err == ""


def test_the_command_shows_its_bar_on_stderr_of_a_terminal_alone(tmp_path):
    honest(300).save(tmp_path)
    command = [sys.executable, "-m", "vault.verifier", "log", str(tmp_path)]
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [*command, "--key", KEY, "--origin", ORIGIN], stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "checking entries [" in shown
    assert done.stdout.startswith(b"GOOD: the log of example.org/log has 300 entries")
    assert b"\r" not in done.stdout
