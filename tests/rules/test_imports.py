"""Who may import whom, by import-linter, and proof that each of its contracts bites."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.tree import REPOSITORY

RINGS = ("api", "cli", "core", "crypto", "migrations", "services", "store", "verifier")

# Contract (its section in .importlinter) -> a file and the line that breaks that contract alone.
PLANTED = {
    "rings": ("vault/core/consent.py", "import vault.services"),
    "verifier": ("vault/verifier/proof.py", "import vault.core"),
    "verified": ("vault/services/receipt.py", "import vault.verifier"),
    "migrations": ("vault/migrations/env.py", "import vault.crypto"),
    "pure": ("policies/decide.py", "import os"),
    "sql": ("vault/services/profile.py", "import sqlalchemy.ext.asyncio"),
    "cryptography": ("vault/api/dpop.py", "from cryptography.hazmat.primitives import hashes"),
    "oauth": ("vault/services/token.py", "import authlib.oauth2"),
    "web": ("vault/services/profile.py", "from starlette.responses import Response"),
    "server": ("vault/api/routes.py", "import granian"),
    "outgoing": ("portal/mail.py", "import aiosmtplib"),
    "pydantic": ("vault/services/profile.py", "import pydantic"),
    "terminal": ("portal/pages.py", "from rich.console import Console"),
    "cycles": ("vault/core/first.py", "import vault.core.second"),
}
# More ways to break the rings than the one above.
RINGS_TOO = [
    ("policies/decide.py", "import vault.core"),
    ("vault/store/profile.py", "import vault.crypto"),
    ("vault/crypto/sealed.py", "import vault.store"),
    ("vault/services/consent.py", "import vault.api"),
    ("portal/pages.py", "import vault.api"),
    ("vault/api/routes.py", "import portal"),
    ("vault/services/consent.py", "import vault.settings"),
]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree at `root`, not on the installed packages."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def contracts() -> dict[str, str]:
    """Read the contracts: section -> the sentence that import-linter prints."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / ".importlinter")
    return {
        section.rpartition(":")[2]: parser[section]["name"]
        for section in parser.sections()
        if ":contract:" in section
    }


def broken(output: str) -> set[str]:
    """Name the contracts that import-linter reports as broken."""
    return {name for section, name in contracts().items() if re.search(f"{name} BROKEN", output)}


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """Make the rings, empty, with our contracts."""
    packages = ["policies", "portal", "vault", *(f"vault/{ring}" for ring in RINGS)]
    for package in [*packages, "tests", "tests/rules"]:
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "vault/settings.py").touch()
    shutil.copy(REPOSITORY / ".importlinter", tmp_path)
    shutil.copy(REPOSITORY / "tests/rules/only.py", tmp_path / "tests/rules")
    return tmp_path


def test_every_import_is_allowed():
    done = lint(REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr


def test_empty_rings_keep_every_contract(skeleton):
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", sorted(contracts()))
def test_each_contract_is_broken_by_a_planted_import(skeleton, contract):
    path, line = PLANTED[contract]
    (skeleton / path).write_text(f"{line}\n")
    if contract == "cycles":
        (skeleton / "vault/core/second.py").write_text("import vault.core.first\n")
    done = lint(skeleton)
    assert done.returncode == 1
    assert broken(done.stdout) == {contracts()[contract]}


@pytest.mark.parametrize(("path", "line"), RINGS_TOO)
def test_an_import_against_the_rings_is_found(skeleton, path, line):
    (skeleton / path).write_text(f"{line}\n")
    assert contracts()["rings"] in broken(lint(skeleton).stdout)


def test_everything_in_the_vault_has_its_ring():
    layers = (REPOSITORY / ".importlinter").read_text(encoding="utf-8")
    modules = {path.stem for path in (REPOSITORY / "vault").glob("*.py")} - {"__init__"}
    folders = {path.parent.name for path in (REPOSITORY / "vault").glob("*/__init__.py")}
    without = [
        name
        for name in sorted(modules | folders - {"verifier"})
        if not re.search(rf"^    .*\bvault\.{name}\b", layers, re.MULTILINE)
    ]
    assert without == [], "add it to the contract of the rings in .importlinter"
