"""One machine can become many: nothing in the source works on a single server only.

Triggers, sequences and advisory locks are a node's own: a cluster refuses or splits them. Names of
constraints differ on its shards, so errors are told apart by SQLSTATE. A listener hears one node;
it may hint that there is work, in the module of the hint.
"""

import ast
import re

import pytest

from tests.rules.tree import Source, planted, sources

REFUSED_TEXT = re.compile(
    r"advisory|\b(next|set)val\b|\bGENERATED\s+(ALWAYS|BY\s+DEFAULT)\b|\b(BIG|SMALL)SERIAL\b"
    r"|\bCREATE\s+(OR\s+REPLACE\s+)?(TRIGGER|RULE|FUNCTION|PROCEDURE|SEQUENCE)\b|^\s*LISTEN\s+\w",
    re.IGNORECASE,
)
REFUSED_NAMES = {
    f"sqlalchemy.{name}" for name in ("Computed", "FetchedValue", "Identity", "Sequence")
}
REFUSED_ATTRIBUTES = {"add_listener", "constraint_name"}
HINT = "vault/store/hint.py"


def violations(tree: list[Source]) -> list[str]:
    """Name each line that ties the vault to one server."""
    found = set()
    for source in tree:
        if source.path == HINT:
            continue
        parsed = source.tree()
        docstrings = _docstrings(parsed)
        for node in ast.walk(parsed):
            match node:
                case ast.Constant(value=str(text)) if node not in docstrings:
                    if said := REFUSED_TEXT.search(text):
                        found.add(f"{source.path}:{node.lineno} says {said.group().strip()!r}")
                case ast.Attribute(attr=name) if name in REFUSED_ATTRIBUTES:
                    found.add(f"{source.path}:{node.lineno} uses {name}")
        for line, name in source.names():
            if name in REFUSED_NAMES:
                found.add(f"{source.path}:{line} uses {name}")
    return sorted(found)


def _docstrings(module: ast.Module) -> set[ast.expr]:
    # Prose may say why there is no advisory lock.
    owners = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {
        node.body[0].value
        for node in ast.walk(module)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def test_nothing_works_on_one_server_only():
    assert violations(sources()) == []


@pytest.mark.parametrize(
    "line",
    [
        "x = 'SELECT pg_advisory_xact_lock(1)'",
        "x = \"SELECT nextval('ids')\"",
        "x = 'CREATE TRIGGER t AFTER INSERT ON c'",
        "x = 'create or replace function f() returns int'",
        "x = 'LISTEN work'",
        "x = 'id BIGSERIAL PRIMARY KEY'",
        "def f(error):\n    return error.constraint_name",
        "from sqlalchemy import Sequence",
        "import sqlalchemy as sa\nx = sa.Identity()",
    ],
)
def test_what_works_on_one_server_only_is_found(tmp_path, line):
    assert len(violations(planted(tmp_path, "vault/store/profile.py", f"{line}\n"))) >= 1


def test_prose_may_name_what_is_refused(tmp_path):
    text = '"""Lead by a lease row: an advisory lock is a node\'s own."""\n'
    assert violations(planted(tmp_path, "vault/store/lease.py", text)) == []


def test_a_docstring_is_told_from_a_statement(tmp_path):
    text = "def f(conn):\n    'CREATE TRIGGER is not here.'\n    conn.run('CREATE TRIGGER t')\n"
    assert violations(planted(tmp_path, "vault/store/lease.py", text)) == [
        "vault/store/lease.py:3 says 'CREATE TRIGGER'"
    ]
