"""Turn a code of ethics into the rulebook that decides: canonical bytes, digest, tables.

The tables hold exactly what the document says, so the page that shows the document and the
function that looks tables up speak of the same set. Compiling decides nothing about a customer.
Source: DESIGN 5.
"""

import hashlib
from types import MappingProxyType

from policies import checks, reveals, stored
from policies.document import Code, Field, InteractionKind
from policies.errors import CodeError, Mistakes
from policies.model import Action, Channel, Clause, FieldType, Rulebook
from policies.parse import parse

_CHANNELS = {
    FieldType.PHONE: Channel.PHONE,
    FieldType.EMAIL: Channel.EMAIL,
    FieldType.ADDRESS: Channel.POST,
}


def compile_(text: bytes, *, name: str) -> Rulebook:
    """Compile a code of ethics from its YAML; `name` is the file that errors speak of.

    Raises:
        CodeErrors: with all mistakes of form, or with all clauses that do not fit.
    """
    mistakes = Mistakes(name)
    code = parse(text, mistakes)
    checks.check(code, mistakes)
    mistakes.check()
    return _rulebook(code, stored.dumps(code))


def warnings(text: bytes, *, name: str) -> tuple[CodeError, ...]:
    """Return what the publisher of a code that compiles should look at again, by line.

    Raises:
        CodeErrors: with all mistakes of form.
    """
    mistakes = Mistakes(name)
    reveals.check(parse(text, mistakes), mistakes)
    return mistakes.warnings


def load(document: bytes) -> Rulebook:
    """Compile a published code from its canonical JSON; `compile_(…).document` is such a one.

    Raises:
        CodeErrors: for bytes that no publication stored.
    """
    return _rulebook(stored.loads(document, name="the stored code"), document)


def _rulebook(code: Code, document: bytes) -> Rulebook:
    kept: tuple[Field | InteractionKind, ...] = (*code.fields, *code.interactions)
    return Rulebook(
        code=code,
        document=document,
        digest=hashlib.sha256(document).hexdigest(),
        clauses=MappingProxyType(_clauses(code)),
        sources=MappingProxyType({one.name: frozenset(one.sources) for one in kept}),
        fields=MappingProxyType({one.name: one for one in code.fields}),
        interactions=MappingProxyType({one.name: one for one in code.interactions}),
        purposes=MappingProxyType({one.id: one for one in code.purposes}),
        recipients=MappingProxyType({one.id: one for one in code.recipients}),
        channels=MappingProxyType(
            {one.name: _CHANNELS[one.type] for one in code.fields if one.type in _CHANNELS}
        ),
    )


def _clauses(code: Code) -> dict[tuple[str, Action], Clause]:
    external = frozenset(one.id for one in code.recipients if one.external)
    return {
        (purpose.id, action): Clause(
            names=frozenset(use.name for use in purpose.uses if action in use.actions),
            apps=frozenset(purpose.recipients),
            staff=frozenset(purpose.staff),
            basis=purpose.basis,
            profiling=purpose.profiling,
            external=external,
        )
        for purpose in code.purposes
        for action in Action
        if any(action in use.actions for use in purpose.uses)
    }
