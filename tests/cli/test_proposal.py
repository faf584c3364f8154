"""After the first enrolment the shell proposes, and says so; before, it decides."""

import re
import subprocess
import sys

from tests.cli.conftest import SAMPLE

NEXT = SAMPLE.with_name("sample-2026-12.yaml")
ENROL = """
import asyncio, sys
from vault.cli.opening import vault
from vault.services import staff_enrol

async def enrol():
    async with vault() as deps:
        secret = sys.argv[1].rpartition("/")[2]
        await staff_enrol.enrol(deps, secret, name="Kim", browser="b" * 43, address="127.0.0.1")

asyncio.run(enrol())
"""


def enrol(home, email="kim@example.org"):
    link = home.run("staff", "invite", email, "--role", "compliance").out.strip()
    done = subprocess.run(
        [sys.executable, "-c", ENROL, link], env=home.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_shell_decides_until_somebody_is_enrolled_and_proposes_then(made, tmp_path):
    home = made
    home.run("staff", "invite", "left@example.org", "--role", "support")
    handle = home.run("staff", "list").out.split("\n")[1].split()[0]
    assert home.run("staff", "end", handle).out.strip() == f"{handle} has ended."
    enrol(home)
    # A day that has come, whenever this runs, may be no day to publish for: so one far ahead.
    later = tmp_path / "later.yaml"
    later.write_text(re.sub(r"effective: \S+", "effective: 2126-01-01", NEXT.read_text("utf-8")))
    dry = home.run("code", "publish", str(later), "--dry-run")
    assert "Nothing was published. Version 2026-12" in dry.out
    assert "get a letter" in dry.out
    assert home.run("proposal", "list").out.count("P") < 1
    done = home.run("code", "publish", str(later))
    assert done.code == 0
    number = re.search(
        r"Proposal (P\d{8}) waits for a second person: \S+/console/proposals/\1", done.out
    )
    assert number, done.out
    assert "2026-12" not in home.run("code", "history").out
    again = home.run("code", "publish", str(later))
    assert number[1] in again.out
    shown = home.run("proposal", "show", number[1])
    assert "operator" in shown.out
    assert "marketing" in shown.out
    assert home.run("proposal", "withdraw", number[1]).out.strip() == f"{number[1]} is withdrawn."
    assert home.run("proposal", "withdraw", number[1]).code != 0
    assert home.run("proposal", "show", "P00000000").code != 0
    kim = next(one for one in home.run("staff", "list").out.split("\n") if "compliance" in one)
    assert "waits for a second person" in home.run("staff", "end", kim.split()[0]).out
