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


def test_the_architecture_is_read_in_one_sitting():
    assert (
        len((REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8").splitlines()) <= 140
    )


def test_decisions_are_numbered_without_gap_and_have_one_form():
    pages = sorted((REPOSITORY / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for number, page in enumerate(pages, 1):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {number}. "), page.name
        parts = re.findall(r"(?m)^\*\*(Context|Decision|Consequences|Alternatives)\.\*\*", text)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], page.name


def test_sections_of_the_formats_are_numbered_once_and_in_order():
    text = (REPOSITORY / "docs/formats.md").read_text(encoding="utf-8")
    numbers = [int(one) for one in re.findall(r"(?m)^## (\d+)\. ", text)]
    assert numbers == list(range(1, len(numbers) + 1))
