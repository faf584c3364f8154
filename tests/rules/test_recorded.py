"""No value without a record: only the log's appender makes the proof that the opener demands."""

import ast

import pytest

from tests.rules.tree import Source, planted, sources

PROOF = "Recorded"
MAKER = "vault/services/appender.py"
DEFINITION = "vault/core/recorded.py"


def violations(tree: list[Source]) -> list[str]:
    """Name each line that makes, copies or subclasses the proof outside of the appender."""
    found = []
    for source in tree:
        if source.path in {MAKER, DEFINITION} or PROOF not in source.text:
            continue
        for node in ast.walk(source.tree()):
            match node:
                case ast.Call(func=function) if _names_proof(function):
                    found.append(f"{source.path}:{node.lineno} makes it")
                case ast.Call(func=function, args=arguments) if _is_maker(function):
                    if any(map(_names_proof, arguments)):
                        found.append(f"{source.path}:{node.lineno} forges it")
                case ast.ClassDef(bases=bases) if any(map(_names_proof, bases)):
                    found.append(f"{source.path}:{node.lineno} derives from it")
                case ast.alias(name=name, asname=str()) if name == PROOF:
                    found.append(f"{source.path}:{node.lineno} renames it")
    return found


def _names_proof(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == PROOF) or (
        isinstance(node, ast.Attribute) and node.attr == PROOF
    )


def _is_maker(function: ast.expr) -> bool:
    # object.__new__(Recorded), typing.cast(Recorded, x), functools.partial(Recorded)
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"__new__", "cast", "partial"}


def test_only_the_appender_makes_the_proof_of_a_record():
    assert violations(sources()) == []


def test_the_appender_exists_to_make_it():
    (maker,) = (source for source in sources() if source.path == MAKER)
    assert PROOF in {call for _, call in maker.calls()}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("proof = Recorded()", "makes it"),
        ("proof = recorded.Recorded(1)", "makes it"),
        ("proof = object.__new__(Recorded)", "forges it"),
        ("proof = cast(Recorded, None)", "forges it"),
        ("class Forged(Recorded): pass", "derives from it"),
        ("from vault.core.recorded import Recorded as R", "renames it"),
    ],
)
def test_a_forged_proof_is_found(tmp_path, line, what):
    found = violations(planted(tmp_path, "vault/services/disclosure.py", f"{line}\n"))
    assert found == [f"vault/services/disclosure.py:1 {what}"]


def test_a_proof_may_be_asked_for(tmp_path):
    text = "from vault.core.recorded import Recorded\n\ndef open_(proof: Recorded): ...\n"
    assert violations(planted(tmp_path, "vault/crypto/field.py", text)) == []
