"""The formats are written down: every label, every first byte and every vector."""

import re

import pytest

from tests.crypto.vectors import FOLDER
from tests.rules.tree import REPOSITORY

DOCUMENT = (REPOSITORY / "docs/formats.md").read_text(encoding="utf-8")
VAULT = sorted((REPOSITORY / "vault").rglob("*.py"))
LABELS = sorted(
    {
        label
        for path in VAULT
        for label in re.findall(r'b"(ownship/[a-z0-9-]+/v\d+)\\0', path.read_text(encoding="utf-8"))
    }
)


def test_labels_are_found():
    assert len(LABELS) > 20


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_written_down(label):
    assert f"{label}\\0" in DOCUMENT


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_vector_is_written_down_and_used(path):
    assert f"`tests/vectors/{path.name}`" in DOCUMENT
    tests = (REPOSITORY / "tests").rglob("test_*.py")
    used = re.compile(rf'load\("{path.stem}"\)')
    assert any(used.search(test.read_text(encoding="utf-8")) for test in tests)


@pytest.mark.parametrize("module", ["attachment", "field", "keys", "mail", "receipt"])
def test_every_first_byte_is_written_down(module):
    source = (REPOSITORY / f"vault/crypto/{module}.py").read_text(encoding="utf-8")
    first = re.search(r'FORMAT = b"\\x(f\d)\\x01"', source)
    assert first is not None
    assert f"0x{first[1].upper()}" in DOCUMENT
