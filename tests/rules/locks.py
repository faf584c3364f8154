"""Read the locks and what pyproject.toml asks of them."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.rules.tree import REPOSITORY

RUN = "requirements.lock"
DEV = "requirements-dev.lock"
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]+\])?==([^ ;\\]+)")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock."""

    version: Version
    hashes: int


def read(name: str, root: Path = REPOSITORY) -> str:
    return (root / name).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, list[Pin]]:
    """Return each package of a lock's text with its pins: one for each environment marker."""
    found: dict[str, list[Pin]] = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if match := PIN.match(block):
            pin = Pin(Version(match[2]), block.count("--hash=sha256:"))
            found.setdefault(canonicalize_name(match[1]), []).append(pin)
    return found


def direct(lock: str) -> list[Requirement]:
    """Return what pyproject.toml asks of a lock."""
    project = tomllib.loads(read("pyproject.toml"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    if lock == DEV:
        asked += project["project"]["optional-dependencies"]["dev"]
    return [Requirement(line) for line in asked]
