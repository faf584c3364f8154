"""Vendored files are the bytes that the lock names, each with its package's licence."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.rules.tree import REPOSITORY

LOCKS = [path for path in REPOSITORY.glob("*/**/vendor.lock.toml") if ".venv" not in path.parts]


def strangers(lock: Path) -> list[str]:
    """Name what is missing, changed or not named by the lock."""
    wanted: dict[str, str | None] = {lock.name: None}
    for one in tomllib.loads(lock.read_text())["package"]:
        folder = f"{one['name']}@{one['version']}"
        wanted |= {f"{folder}/{name}": digest for name, digest in one["files"].items()}
        if not any(name.startswith("LICENSE") for name in one["files"]):
            wanted[f"{folder}/LICENSE"] = "missing"
    there = {
        path.relative_to(lock.parent).as_posix(): path
        for path in lock.parent.rglob("*")
        if path.is_file()
    }
    return sorted(
        name
        for name in wanted.keys() | there.keys()
        if name not in wanted
        or name not in there
        or wanted[name] not in {None, hashlib.sha256(there[name].read_bytes()).hexdigest()}
    )


def test_there_is_a_lock():
    assert LOCKS


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.parent.name)
def test_every_vendored_file_is_what_the_lock_says(lock):
    assert strangers(lock) == []


def test_every_integrity_is_a_sha512():
    for lock in LOCKS:
        for one in tomllib.loads(lock.read_text())["package"]:
            assert one["integrity"].startswith("sha512-")


def test_a_changed_a_missing_and_a_strange_file_are_found(tmp_path):
    lock = tmp_path / "vendor.lock.toml"
    digest = hashlib.sha256(b"one").hexdigest()
    lock.write_text(
        '[[package]]\nname = "a"\nversion = "1"\nintegrity = "sha512-"\n[package.files]\n'
        f'"LICENSE" = "{digest}"\n"a.js" = "{digest}"\n"b.js" = "{digest}"\n'
    )
    folder = tmp_path / "a@1"
    folder.mkdir()
    for name, content in (("LICENSE", b"one"), ("a.js", b"two"), ("c.js", b"one")):
        (folder / name).write_bytes(content)
    assert strangers(lock) == ["a@1/a.js", "a@1/b.js", "a@1/c.js"]
