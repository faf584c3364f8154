"""An outsider fetches the log of a running vault and checks it, with nothing but its address and key."""

import json
import subprocess
import sys

import pytest

from tests.cli.test_serve import eventually, get, port, server

__all__ = ["port", "server"]  # fixtures


def verify(*words):
    """Run the checker as a process of its own; return its exit code and what it said."""
    command = [sys.executable, "-m", "vault.verifier", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def ask(port, path):
    return get(port, path, host=f"localhost:{port}")


def size(port):
    code, text = ask(port, "/log/checkpoint")
    return int(text.split(b"\n")[1]) if code == 200 else 0


def add(home, number):
    """A customer more, recorded by a process of its own: boot, entries, fin."""
    done = home.run("customer", "add", "--email", f"v{number}@example.org", "--source", "told")
    assert done.code == 0, done.err


@pytest.mark.slow
def test_an_outsider_fetches_and_checks_the_log_of_a_running_vault(server, port, home, tmp_path):
    keys = json.loads(ask(port, "/log/keys")[1])
    key = next(one["verifier_key"] for one in keys["keys"] if one["use"] == "log")
    names = ("--key", key, "--origin", keys["origin"])
    log, old = tmp_path / "log", tmp_path / "old"

    add(home, 0)
    assert eventually(lambda: size(port) > 5, 60)
    code, said = verify("fetch", f"http://localhost:{port}/log", log, *names)
    assert code == 0, said
    code, said = verify("log", log, *names)
    assert code == 0, said
    assert f"GOOD: the log of localhost:{port}/log has " in said
    old.write_bytes((log / "checkpoint").read_bytes())

    before = size(port)
    add(home, 1)
    assert eventually(lambda: size(port) > before + 2, 60)
    assert verify("fetch", f"http://localhost:{port}/log", log, *names)[0] == 0
    code, said = verify("log", log, *names)
    assert code == 0, said
    code, said = verify("log", log, "--since", old, *names)
    assert code == 0, said
    code, said = verify("consistency", old, log / "checkpoint", log, *names)
    assert code == 0, said
    code, said = verify("checkpoint", log / "checkpoint", *names, "--state", log)
    assert code == 0, said

    # The copy that the vault keeps outside of its database is the same log.
    mirror = home.path / "mirror"
    assert eventually((mirror / "checkpoints" / str(size(port))).exists, 60)
    code, said = verify("log", mirror, "--since", old, *names)
    assert code == 0, said
    assert verify("log", mirror, *names)[0] == 0
