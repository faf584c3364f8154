"""Every command that README and docs show is run, and prints what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.console import commands
from tests.keeper import free_port
from tests.rules.tree import REPOSITORY

DOCUMENTS = [
    path
    for path in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md")))
    if commands(path.read_text(encoding="utf-8"))
]


def environment(home: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("OWNSHIP_")}
    scripts = str(Path(sys.executable).parent)
    return kept | {
        "PATH": f"{scripts}:{kept['PATH']}",
        "OWNSHIP_HOME": str(home),
        "OWNSHIP_ISSUER": f"http://localhost:{free_port()}",
    }


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_does_what_the_document_says(document, tmp_path):
    env = environment(tmp_path / "home")
    values: dict[str, str] = {}
    for one in commands(document.read_text(encoding="utf-8")):
        command = one.command
        for name, value in values.items():
            command = command.replace(name, value)
        done = subprocess.run(
            ["/bin/bash", "-c", command],
            cwd=REPOSITORY,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        said = done.stdout.strip()
        assert re.fullmatch(one.pattern, said, re.DOTALL), f"{command}\n{said}"
        if re.fullmatch(r"[0-9a-f-]{36}", said):
            values["CUSTOMER"] = said


def test_the_readme_and_the_page_of_commands_show_some():
    assert {path.name for path in DOCUMENTS} >= {"README.md", "cli.md"}


def test_a_block_is_left_out_only_with_a_reason():
    text = "<!-- not run: it waits -->\n```console\n$ sleep 9\n```\n\n```console\n$ echo \\\n  a\na…\n```\n"
    (one,) = commands(text)
    assert (one.command, one.output) == ("echo a", "a…")
    assert re.fullmatch(one.pattern, "a b c", re.DOTALL)
    assert not re.fullmatch(one.pattern, "b", re.DOTALL)
