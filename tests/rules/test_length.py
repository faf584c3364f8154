"""No file is a god file: 300 lines at the most, and one noun a file."""

from pathlib import Path

from tests.rules.tree import REPOSITORY, Source, planted, sources

LONGEST = 300  # lines
EXEMPT = "vault/migrations/versions/"  # a table's birth is told once and never edited
TEMPLATES = "portal/templates"


def too_long(tree: list[Source]) -> list[str]:
    """Name each source file over the limit."""
    return [
        f"{source.path}: {lines} lines"
        for source in tree
        if (lines := len(source.text.splitlines())) > LONGEST and not source.path.startswith(EXEMPT)
    ]


def templates(root: Path) -> list[Source]:
    """Read the portal's templates: they follow the same rule."""
    return [
        Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted((root / TEMPLATES).rglob("*"))
        if path.is_file()
    ]


def test_no_source_file_is_too_long():
    assert too_long(sources()) == []


def test_no_template_is_too_long():
    assert too_long(templates(REPOSITORY)) == []


def test_a_long_file_is_found(tmp_path):
    assert too_long(planted(tmp_path, "vault/core/consent.py", "x = 1\n" * 301)) == [
        "vault/core/consent.py: 301 lines"
    ]


def test_a_file_at_the_limit_is_allowed(tmp_path):
    assert too_long(planted(tmp_path, "vault/core/consent.py", "x = 1\n" * 300)) == []


def test_a_long_template_is_found(tmp_path):
    planted(tmp_path, "portal/templates/home.html", "<p>\n" * 301)
    assert too_long(templates(tmp_path)) == ["portal/templates/home.html: 301 lines"]
