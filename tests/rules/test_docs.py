"""What the documents name exists: a page that points nowhere is worse than no page."""

import re
from pathlib import Path

import pytest

from tests.rules.tree import REPOSITORY

DOCUMENTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in [REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")]
    if path.exists()
)
QUOTED = re.compile(r"`([^`\s]+)`")
# Our own folders; `vault/store/*.py` and `policies/codes/` are looked up too.
PATH = re.compile(
    r"^(\.ci|bench|docker|docs|policies|portal|tests|vault)/[\w./*-]*$"
    r"|^(Dockerfile|Makefile|[\w-]+\.(md|lock|toml|yml))$"
)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")
# Decisions and the changelog speak of their day; the files may have moved since.
OF_THEIR_DAY = ("docs/decisions/", "docs/changelog.md")


def dead(document: Path, root: Path) -> list[str]:
    """Name each path in backticks, and each relative link, that leads to nothing."""
    text = re.sub(r"(?ms)^```.*?^```", "", document.read_text(encoding="utf-8"))
    paths = [] if _of_its_day(document, root) else QUOTED.findall(text)
    found = [path for path in paths if PATH.match(path) and not _exists(path, root)]
    return found + [link for link in LINK.findall(text) if not (document.parent / link).exists()]


def _exists(path: str, root: Path) -> bool:
    return any(root.glob(path.rstrip("/"))) if "*" in path else (root / path).exists()


def _of_its_day(document: Path, root: Path) -> bool:
    return document.relative_to(root).as_posix().startswith(OF_THEIR_DAY)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document):
    assert dead(REPOSITORY / document, REPOSITORY) == []


def test_the_path_of_a_request_is_written_down():
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    assert len([path for path in QUOTED.findall(text) if PATH.match(path)]) >= 5


def test_a_dead_path_is_found(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/page.md"
    page.write_text(
        "See `vault/core/gone.py`, `policies/*.py`, `GET /home` and [this](gone.md#a).\n"
    )
    assert dead(page, tmp_path) == ["vault/core/gone.py", "policies/*.py", "gone.md"]


def test_a_living_path_is_not_found(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/page.md"
    page.write_text("See `docs/page.md`, `docs/*.md`, `docs/` and [this](page.md).\n")
    assert dead(page, tmp_path) == []
