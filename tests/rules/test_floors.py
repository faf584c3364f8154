"""Known holes stay closed: no lock may fall below the release that fixed them."""

import re

import pytest
from packaging.version import Version

from tests.rules.locks import DEV, RUN, pins, read

# package -> the first release to use, and what was fixed up to it
FLOORS = {
    "authlib": (
        "1.9.9",
        "CVE-2024-37568, -2025-61920, -2026-27962, -28802, -41425, -41479, -44681",
    ),
    "cryptography": ("50.0.0", "CVE-2026-26007, -34073, -69247"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "joserfc": ("1.8.0", "CVE-2026-27932, -48990"),
    "orjson": ("3.11.6", "CVE-2024-27454, -2025-67221"),
    "starlette": ("1.3.1", "CVE-2024-47874, -2025-54121, -62727, -2026-48710, -54282, -54283"),
}
# Many advisories, and nothing of ours needs it: forms are urlencoded, imports are a command.
REFUSED = {"python-multipart", "multipart"}


def faults(lock: str) -> list[str]:
    """Name each package of a lock's text that is refused, or older than its floor."""
    found = pins(lock)
    old = [
        f"{name} {pin.version} is below {floor}: {holes}"
        for name, (floor, holes) in FLOORS.items()
        for pin in found.get(name, [])
        if pin.version < Version(floor)
    ]
    return old + sorted(REFUSED & set(found))


@pytest.mark.parametrize("name", [RUN, DEV])
def test_no_lock_falls_below_a_floor(name):
    assert faults(read(name)) == []


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_every_package_with_a_floor_is_in_use(package):
    assert package in pins(read(RUN)), "the floor guards nothing any more: remove it"


@pytest.mark.parametrize("package", sorted(FLOORS))
def test_a_pin_below_its_floor_is_found(package):
    lock = re.sub(rf"(?m)^{package}==\S+", f"{package}==0.1", read(RUN))
    assert [fault.partition(" ")[0] for fault in faults(lock)] == [package]


def test_a_refused_package_is_found():
    assert faults("python-multipart==0.0.31 \\\n    --hash=sha256:00\n") == ["python-multipart"]
