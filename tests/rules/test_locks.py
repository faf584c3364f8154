"""The locks pin every dependency by hash, and say nothing of where they were made.

An address in a lock would override the mirror that an operator has chosen.
"""

import re

import pytest
from packaging.utils import canonicalize_name

from tests.rules.locks import DEV, RUN, direct, pins, read

ADDRESS = re.compile(
    r"://|--(extra-)?index-url|--find-links|(^|\s)-e\s|\s@\s|(^|\s)/\w", re.MULTILINE
)


def faults(lock: str) -> list[str]:
    """Name what a lock's text must not hold, and each package without a hash."""
    found = [f"address: {match.group()!r}" for match in ADDRESS.finditer(lock)]
    found += [name for name, all_ in pins(lock).items() if not all(pin.hashes for pin in all_)]
    return found


def missing(lock: str, name: str) -> list[str]:
    """Name each direct dependency that the lock's text leaves out or pins outside of its range."""
    found = pins(lock)
    return [
        str(asked)
        for asked in direct(name)
        if not any(
            pin.version in asked.specifier for pin in found.get(canonicalize_name(asked.name), [])
        )
    ]


@pytest.mark.parametrize("name", [RUN, DEV])
def test_every_direct_dependency_is_pinned_in_its_range(name):
    assert missing(read(name), name) == []


@pytest.mark.parametrize("name", [RUN, DEV])
def test_a_lock_has_hashes_and_no_address(name):
    assert faults(read(name)) == []


def test_both_locks_agree():
    development = pins(read(DEV))
    assert {
        name: pin for name, pin in pins(read(RUN)).items() if development.get(name) != pin
    } == {}


def test_a_run_time_lock_holds_no_tools():
    tools = {"pytest", "ruff", "mypy", "uv", "pip", "playwright", "python-multipart"}
    assert tools & set(pins(read(RUN))) == set()


def test_a_missing_pin_is_found():
    lock = re.sub(r"(?m)^fastapi==", "slowapi==", read(RUN))
    assert [line.partition(">")[0] for line in missing(lock, RUN)] == ["fastapi"]


def test_a_pin_below_the_range_is_found():
    lock = re.sub(r"(?m)^authlib==\S+", "authlib==1.9.8", read(RUN))
    assert missing(lock, RUN) == ["authlib>=1.9.9"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--find-links /srv/wheels",
        "idna @ file:///tmp/idna.whl",
        "-e .",
    ],
)
def test_an_address_is_found(line):
    assert faults(f"{line}\n{read(RUN)}") != []


def test_a_pin_without_a_hash_is_found():
    assert faults("idna==3.11\n") == ["idna"]
