"""The wheel holds all that runs: code, templates, static files, codes of ethics, migrations."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.rules.tree import PACKAGES, REPOSITORY

CACHES = {"__pycache__"}
# What is not Python and so is forgotten most easily.
WANTED = (
    r"policies/codes/.+\.ya?ml",
    r"portal/locale/portal\.pot",
    r"portal/static/.+\.css",
    r"portal/templates/.+\.html",
    r"vault/migrations/versions/.+\.py",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel, offline, with what the lock has installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(REPOSITORY)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def forgotten(names: set[str]) -> list[str]:
    """Name each file of the packages that is not among the wheel's names."""
    files = {
        path.relative_to(REPOSITORY).as_posix()
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file() and not CACHES & set(path.parts)
    }
    return sorted(files - names)


def absent(names: set[str]) -> list[str]:
    """Name each kind of file that the wheel has none of."""
    return [kind for kind in WANTED if not any(re.fullmatch(kind, name) for name in names)]


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages(wheel):
    assert forgotten(set(wheel.namelist())) == []


@pytest.mark.slow
def test_the_wheel_holds_each_kind_of_file(wheel):
    assert absent(set(wheel.namelist())) == []


@pytest.mark.slow
def test_the_wheel_holds_nothing_else(wheel):
    folders = {Path(name).parts[0] for name in wheel.namelist()}
    assert folders == {*PACKAGES, "ownship-0.1.0.dist-info"}


@pytest.mark.slow
def test_the_wheel_offers_both_commands(wheel):
    text = wheel.read("ownship-0.1.0.dist-info/entry_points.txt").decode()
    assert "ownship = vault.cli.main:main" in text
    assert "ownship-verify = vault.verifier.__main__:main" in text


@pytest.mark.slow
def test_the_wheel_carries_its_licence(wheel):
    assert b"Apache License" in wheel.read("ownship-0.1.0.dist-info/licenses/LICENSE")


def test_a_forgotten_file_is_found():
    assert "vault/__init__.py" in forgotten(set())
    assert absent({"portal/templates/home.html"}) == [kind for kind in WANTED if "html" not in kind]
