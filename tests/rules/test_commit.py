"""One request, one transaction, one commit, and that made in vault/store/commit.py alone."""

import ast

import pytest

from tests.rules.tree import Source, planted, sources

HOME = "vault/store/commit.py"
CALLS = {"begin", "begin_nested", "commit", "prepare", "rollback", "two_phase"}
STATEMENTS = ("begin", "commit", "end transaction", "prepare transaction", "start transaction")

# SQLite begins late by itself: its BEGIN IMMEDIATE is sent by the engine's event listener.
BEGINS = {"vault/store/engine.py"}
# Alembic runs each migration in a transaction of its own, which is begun in its env.py.
MIGRATES = "vault/migrations/"

# A vCard begins with the word too; what these files call is looked at as everywhere.
VCARDS = {"vault/core/vcard.py", "vault/services/import_vcard.py"}


def violations(tree: list[Source]) -> list[str]:
    """Name each line that begins or ends a transaction outside of its home."""
    found = []
    for source in tree:
        if source.path == HOME or source.path.startswith(MIGRATES):
            continue
        begins = source.path in BEGINS
        for line, call in source.calls():
            if call in CALLS and not (begins and call == "begin"):
                found.append(f"{source.path}:{line} calls {call}")
        for node in ast.walk(source.tree()):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            words = " ".join(node.value.lower().split()).rstrip(";")
            said = words.startswith(STATEMENTS) and node.value.isupper()
            if said and not ((begins or source.path in VCARDS) and words.startswith("begin")):
                found.append(f"{source.path}:{node.lineno} says {words!r}")
    return found


def test_only_the_commit_module_ends_a_transaction():
    assert violations(sources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "async def give(conn):\n    await conn.commit()\n",
        "async def give(engine):\n    async with engine.begin() as conn:\n        pass\n",
        "async def give(conn):\n    await conn.exec_driver_sql('COMMIT')\n",
        "async def give(conn):\n    await conn.exec_driver_sql('BEGIN IMMEDIATE')\n",
        "async def give(conn):\n    await conn.rollback()\n",
    ],
)
def test_a_commit_anywhere_else_is_found(tmp_path, text):
    found = violations(planted(tmp_path, "vault/services/consent.py", text))
    assert len(found) == 1
    assert found[0].startswith("vault/services/consent.py:2 ")


def test_a_commit_in_its_home_is_allowed(tmp_path):
    text = "async def request(conn):\n    await conn.commit()\n"
    assert violations(planted(tmp_path, HOME, text)) == []
