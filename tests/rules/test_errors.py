"""Every error code is documented, and every documented code exists with the status it names."""

import re
from collections.abc import Iterator
from pathlib import Path

from vault.api.problems import status_of
from vault.core import log_errors
from vault.core.errors import VaultError

ROOT = Path(__file__).parents[2]
# The tree, and the errors that stand beside what they are about.
MODULES = {"vault.core.errors", "vault.core.checkpoint", log_errors.__name__}
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d*) ?\| \S", re.MULTILINE)


def tree(root: type[VaultError] = VaultError) -> Iterator[type[VaultError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def documented() -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs" / "errors.md").read_text()))


def test_every_code_is_documented_with_its_status() -> None:
    rows = documented()
    errors = {one.code: one for one in tree() if one.__module__ in MODULES}
    assert rows.keys() == errors.keys()
    for code, status in rows.items():
        if status:
            assert status_of(errors[code]()) == int(status), code


def test_codes_are_used_once() -> None:
    codes = [one.code for one in tree() if one.__module__ in MODULES]
    assert len(codes) == len(set(codes))


def test_no_sentence_is_without_advice_or_holds_a_placeholder() -> None:
    for one in tree():
        assert one.sentence.endswith("."), one
        assert "{" not in one.sentence, one
