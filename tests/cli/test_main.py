"""What the program says about itself, quickly and in the same way everywhere."""

import subprocess
import sys

import pytest

from tests.cli.conftest import Home

COMMANDS = {
    (): {"init", "migrate", "serve", "jobs", "demo", "import", "customer", "app", "code"}
    | {"health", "doctor"},
    ("customer",): {"add", "link"},
    ("app",): {"add", "list", "show", "freeze", "thaw", "id"},
    ("code",): {"check", "show", "publish"},
}
HEAVY = ("sqlalchemy", "pydantic", "cryptography", "fastapi", "granian", "alembic", "structlog")


@pytest.fixture
def bare(tmp_path) -> Home:
    return Home(tmp_path)


@pytest.mark.parametrize("words", COMMANDS)
def test_help_lists_the_commands(bare, words):
    done = bare.run(*words, "--help")
    assert done.code == 0
    listed = {
        line.split()[0] for line in done.out.splitlines() if line.startswith("  ") and line.split()
    }
    assert COMMANDS[words] <= listed


@pytest.mark.parametrize(
    "words", [(*group, name) for group, names in COMMANDS.items() for name in sorted(names)]
)
def test_every_command_shows_an_example(bare, words):
    if words in COMMANDS:
        return
    done = bare.run(*words, "--help")
    assert done.code == 0
    assert "Example: ownship " in done.out


def test_help_loads_nothing_heavy():
    code = f"import sys, vault.cli.main; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_a_command_that_is_none_is_a_usage_error(bare):
    done = bare.run("fly")
    assert (done.code, done.out) == (2, "")
    assert "fly" in done.err


def test_debug_says_where_and_never_with_which_values(bare):
    done = bare.run("--debug", "init", OWNSHIP_DATABASE_URL="mysql://root:hunter2@db/x")
    assert done.code == 3
    assert "settings.py" in done.err
    assert "hunter2" not in done.err
