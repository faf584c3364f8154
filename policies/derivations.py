"""Check how traits are inferred: from what, by how much of a machine, and with which way out.

What is specially protected is asked, never inferred, and nothing is inferred from it. A derivation
runs under purposes that may read all its inputs and write what it infers. Whatever a machine infers
about a person by any degree evaluates that person (GDPR 4(4)), so these purposes say `profiling`;
only a derivation that is not automated at all need not. One that decides, or is strongly relied on,
needs explicit consent, a contract or a law, and a way to a person (GDPR 22; C-634/21 SCHUFA).
Source: consent-standards note, 1.
"""

from policies import methods
from policies.document import Code, Derivation, Field, InteractionKind, Purpose
from policies.errors import Mistakes, Path, neighbour, quoted
from policies.names import Action, Automation, Basis, Sensitivity, Source

# GDPR 22(2): a consent must be explicit besides.
_MAY_DECIDE = frozenset({Basis.CONSENT, Basis.CONTRACT, Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK})


def check(code: Code, mistakes: Mistakes) -> None:
    """Note every derivation that does not fit, and every inferred field without one."""
    kept: tuple[Field | InteractionKind, ...] = (*code.fields, *code.interactions)
    known = {one.name: one for one in kept}
    for one in code.derivations:
        path = ("derivations", one.id)
        _target(path, one, code, mistakes)
        _inputs(path, one, known, mistakes)
        _purposes(path, one, code, mistakes)
        if one.method is not None:
            methods.check((*path, "method"), one, one.method, code, mistakes)
        if one.decides and one.human is None:
            what = "What is decided by an inference lacks `human`."
            advice = "Add `human: …`: how to reach a person who looks at it again."
            mistakes.at(path, what, advice)
    _complete(code, mistakes)
    _circular(code, mistakes)


def _target(path: Path, one: Derivation, code: Code, mistakes: Mistakes) -> None:
    fields = {field.name: field for field in code.fields}
    field, where = fields.get(one.field), (*path, "field")
    if field is None:
        mistakes.at(where, f"{quoted(one.field)} is not declared.", neighbour(one.field, fields))
        return
    if Source.INFERRED not in field.sources:
        what = f"`{one.field}` is not gathered by inference."
        mistakes.at(where, what, "Add `inferred` to its sources, or delete this derivation.")
    if field.sensitivity is Sensitivity.SPECIAL:
        what = f"`{one.field}` is of a special category, which is never inferred."
        mistakes.at(where, what, "Ask the customer, or infer something else.")


def _inputs(
    path: Path,
    one: Derivation,
    known: dict[str, Field | InteractionKind],
    mistakes: Mistakes,
) -> None:
    where = (*path, "from")
    for name in one.inputs:
        if name not in known:
            mistakes.at(where, f"{quoted(name)} is not declared.", neighbour(name, known))
        elif known[name].sensitivity is Sensitivity.SPECIAL:
            what = f"`{name}` is of a special category, from which nothing is inferred."
            mistakes.at(where, what, "Take it out of this list.")


def _purposes(path: Path, one: Derivation, code: Code, mistakes: Mistakes) -> None:
    purposes = {purpose.id: purpose for purpose in code.purposes}
    where = (*path, "purposes")
    for name in one.purposes:
        purpose = purposes.get(name)
        if purpose is None:
            mistakes.at(where, f"{quoted(name)} is no purpose.", neighbour(name, purposes))
            continue
        _uses(where, one, purpose, mistakes)
        if one.automation is not Automation.NOT_AUTOMATED and not purpose.profiling:
            what = f"`{name}` lets a machine evaluate a person and does not say so."
            mistakes.at(where, what, "Write `profiling: yes` in this purpose.")
        if one.decides and not _may_decide(purpose):
            what = f"`{name}` has no basis on which an inference may decide."
            advice = (
                "Write a consent that is `explicit: yes`, a contract or a law, or `decides: no`."
            )
            mistakes.at(where, what, advice)


def _uses(where: Path, one: Derivation, purpose: Purpose, mistakes: Mistakes) -> None:
    actions = {use.name: use.actions for use in purpose.uses}
    if Action.WRITE not in actions.get(one.field, ()):
        what = f"`{purpose.id}` may not write `{one.field}`."
        mistakes.at(where, what, f"Add `{one.field}: [read, write]` to what it uses.")
    for name in one.inputs:
        if Action.READ not in actions.get(name, ()):
            what = f"`{purpose.id}` may not read `{name}`."
            mistakes.at(where, what, f"Add `{name}: [read]` to what it uses.")


def _may_decide(purpose: Purpose) -> bool:
    return purpose.basis in _MAY_DECIDE and (purpose.basis is not Basis.CONSENT or purpose.explicit)


def _complete(code: Code, mistakes: Mistakes) -> None:
    """Note what is inferred without a derivation, or by two of them."""
    found: dict[str, str] = {}
    for one in code.derivations:
        if one.field in found:
            what = f"`{one.field}` is inferred by `{found[one.field]}` already."
            mistakes.at(("derivations", one.id, "field"), what, "Keep one of the two.")
        found.setdefault(one.field, one.id)
    for field in code.fields:
        if Source.INFERRED in field.sources and field.name not in found:
            what = f"Nothing says how `{field.name}` is inferred."
            advice = "Add it under `derivations`, or take `inferred` out of its sources."
            mistakes.at(("fields", field.name, "sources"), what, advice)
    for kind in code.interactions:
        if Source.INFERRED in kind.sources:
            what = "A contact event is never inferred."
            advice = "Take `inferred` out of its sources."
            mistakes.at(("interactions", kind.kind, "sources"), what, advice)


def _circular(code: Code, mistakes: Mistakes) -> None:
    """Note each circle of derivations once, where it is first met."""
    inputs = {one.field: one.inputs for one in code.derivations}
    told: set[str] = set()
    for one in code.derivations:
        circle = _way_back(one.field, inputs)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            what = f"`{one.field}` is inferred from itself: {' from '.join(circle)}."
            advice = "Take one of them out of a list `from`."
            mistakes.at(("derivations", one.id, "from"), what, advice)


def _way_back(start: str, inputs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the shortest way from a field through its inputs back to it; nothing for none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # it grows while it is read: breadth first
        for name in inputs.get(way[-1], ()):
            if name == start:
                return (*way, start)
            if name not in seen:
                seen.add(name)
                ways.append((*way, name))
    return ()
