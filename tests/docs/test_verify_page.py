"""Every command of docs/verify.md is run over a log that was made for it, and prints what it says."""

import base64
import re
import subprocess

import pytest

from tests.docs.console import commands
from tests.docs.test_commands import environment
from tests.rules.tree import REPOSITORY
from tests.verifier.loggen import (
    START,
    A,
    Written,
    checkpoint_text,
    cosignature,
    entry,
    honest,
    key_of,
    leaf_hash,
    note,
    proof,
    put,
    root,
)
from tests.verifier.served import served
from vault.verifier.commands import TABLE

PAGE = REPOSITORY / "docs" / "verify.md"
ORIGIN = "vault.example/log"
NAME = f"{ORIGIN}/receipts"
SECRET = bytes((9,)) * 32  # of the receipts' key and of the witness


@pytest.fixture
def desk(tmp_path):
    """A folder with what the page's reader has, and a server with the log."""
    log = Written(honest(299).entries, ORIGIN)
    log.entries.append(entry(A, 150, at=START + 20_000, seen=296))
    log.save(tmp_path / "there")
    text = checkpoint_text(300, root(log.leaves), ORIGIN)
    signed = log.checkpoint() + cosignature(text, "witness.example/w", SECRET)
    put(tmp_path, "there/checkpoint", signed)
    put(tmp_path, "last-month", log.checkpoint(200))
    put(tmp_path, "look.tlog-proof", proof(log, 7))
    put(tmp_path, "receipt", receipt(log.entries[6]))
    return tmp_path


def receipt(data):
    hash_ = base64.b64encode(leaf_hash(data)).decode()
    promise = (
        f"{NAME}\nreceipt 0 {'a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1'} 3 3\n"
        f"root 1 {hash_}\nintegrate-by {START + 10_000}\n"
    )
    head = f"ownship-receipt@v1\nentry {hash_}\nindex 0\n\n"
    return head.encode() + note(promise, NAME, SECRET)


def test_every_command_of_the_page_does_what_it_says(desk):
    shown = commands(re.sub("<!-- not run: .* -->\n", "", PAGE.read_text(encoding="utf-8")))
    env = environment(desk / "home") | {
        "KEY": key_of(ORIGIN),
        "RECEIPTS": key_of(NAME, SECRET),
        "WITNESS": key_of("witness.example/w", SECRET, 4),
    }
    with served(desk / "there") as (url, _, _):
        for one in shown:
            done = subprocess.run(
                ["/bin/bash", "-c", one.command.replace("https://vault.example/log", url)],
                cwd=desk,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
            )
            assert re.fullmatch(one.pattern, done.stdout.strip(), re.DOTALL), done.stdout
            assert done.returncode == 0
    run = {one.command.split()[1] for one in shown}
    assert run == {"fetch", "log", "checkpoint", "consistency", "proof", "entry-receipt"}


def test_the_page_names_every_command_about_logs():
    text = PAGE.read_text(encoding="utf-8")
    names = {add.__module__.rpartition(".")[2].replace("_", "-") for add in TABLE}
    assert {name for name in names if f"`{name}" not in text} == set()
