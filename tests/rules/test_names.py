"""A file is named for its noun; a name that means nothing hides a file that means everything."""

import ast
import re

import pytest

from tests.rules.tree import Source, planted, sources

NAMES_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc|base|lib|stuff)(_|$)")
MANAGER = re.compile(r"(Manager|Helper|Utils?)$")


def violations(tree: list[Source]) -> list[str]:
    """Name each file, folder and class whose name says nothing."""
    found = []
    for source in tree:
        parts = source.path.removesuffix(".py").split("/")
        found += [source.path for part in parts if NAMES_NOTHING.search(part)]
        found += [
            f"{source.path}:{node.lineno} class {node.name}"
            for node in ast.walk(source.tree())
            if isinstance(node, ast.ClassDef) and MANAGER.search(node.name)
        ]
    return found


def test_every_file_is_named_for_its_noun():
    assert violations(sources()) == []


@pytest.mark.parametrize(
    "path", ["vault/core/utils.py", "vault/helpers/time.py", "portal/form_helpers.py"]
)
def test_a_name_that_says_nothing_is_found(tmp_path, path):
    assert violations(planted(tmp_path, path, "")) == [path]


def test_a_manager_is_found(tmp_path):
    text = "class KeyManager:\n    pass\n"
    assert violations(planted(tmp_path, "vault/crypto/keys.py", text)) == [
        "vault/crypto/keys.py:1 class KeyManager"
    ]
