"""Check that a method fits the field and the inputs of its derivation.

Each function asks for some members and has no use for the others; what it yields must be a value of
the field, so that the job that works it out can never be refused for the form.
Source: consent-standards note, 8.
"""

from policies.document import Code, Derivation, Field, Method
from policies.errors import Mistakes, Path, neighbour, quoted
from policies.method import Function
from policies.names import INTERACTION, Automation, FieldType

_MEMBERS = ("period", "fact", "least", "bands", "segments", "ways")
_WANTS = {
    Function.RECENCY: frozenset[str](),
    Function.FREQUENCY: frozenset({"period"}),
    Function.VALUE: frozenset({"period", "fact"}),
    Function.NEEDS: frozenset({"segments"}),
    Function.CHANNEL: frozenset({"period", "ways"}),
}
_TAKES = {
    Function.RECENCY: frozenset({"bands"}),
    Function.FREQUENCY: frozenset({"bands", "least"}),
    Function.VALUE: frozenset({"bands", "least"}),
    Function.NEEDS: frozenset[str](),
    Function.CHANNEL: frozenset({"least"}),
}


def check(path: Path, one: Derivation, method: Method, code: Code, mistakes: Mistakes) -> None:
    """Note what does not fit; the caller looks at the derivation itself."""
    there = {key for key in _MEMBERS if getattr(method, key) not in (None, (), 1)}
    wanted = _WANTS[method.function]
    for key in sorted(wanted - there):
        what = f"The function {method.function} lacks `{key}`."
        mistakes.at(path, what, f"Add `{key}: …`.")
    for key in sorted(there - wanted - _TAKES[method.function]):
        what = f"The function {method.function} has no use for `{key}`."
        mistakes.at((*path, key), what, "Delete it.")
    if one.automation is not Automation.FULL:
        what = "What the vault works out is made by a machine alone."
        mistakes.at(path, what, f"Write `automation: {Automation.FULL}`.")
    _inputs(path, one, method, code, mistakes)
    field = next((field for field in code.fields if field.name == one.field), None)
    if field is not None:
        _yields(path, field, method, mistakes)


def _inputs(path: Path, one: Derivation, method: Method, code: Code, mistakes: Mistakes) -> None:
    """Note inputs that the function cannot read, and what it names that is no input."""
    of_events = method.function is not Function.NEEDS
    for name in one.inputs:
        if name.startswith(f"{INTERACTION}.") is not of_events:
            kind = "contact events" if of_events else "details"
            what = f"The function {method.function} works with {kind}, and {quoted(name)} is none."
            mistakes.at((*path[:-1], "from"), what, "Take it out of this list.")
    fields = {field.name: field for field in code.fields}
    for segment in method.segments:
        for condition in segment.when:
            where = (*path, "segments", segment.id, condition.field)
            _named(where, condition.field, one.inputs, mistakes)
            known = fields.get(condition.field)
            for value in condition.values:
                _value(where, known, value, mistakes)
    for way in method.ways:
        for kind in way.kinds:
            _named((*path, "ways", way.id), f"{INTERACTION}.{kind}", one.inputs, mistakes)


def _named(where: Path, name: str, inputs: tuple[str, ...], mistakes: Mistakes) -> None:
    if name not in inputs:
        what = f"{quoted(name)} is not in the list `from`."
        mistakes.at(where, what, neighbour(name, inputs))


def _value(where: Path, field: Field | None, value: str, mistakes: Mistakes) -> None:
    if field is None:
        return
    if field.type is FieldType.FLAG:
        known = ["yes", "no"]
    elif field.type in {FieldType.CHOICE, FieldType.LIST}:
        known = [choice.id for choice in field.choices]
    else:
        what = f"`{field.name}` is neither a choice, a list nor a yes or no."
        mistakes.at(where, what, "Take it out of the conditions.")
        return
    if value not in known:
        what = f"`{field.name}` has no choice {quoted(value)}."
        mistakes.at(where, what, neighbour(value, known))


def _yields(path: Path, field: Field, method: Method, mistakes: Mistakes) -> None:
    """Note where the field cannot hold what the function yields."""
    named = [
        *(("bands", band.id) for band in method.bands),
        *(("segments", segment.id) for segment in method.segments),
        *(("ways", way.id) for way in method.ways),
    ]
    kind = FieldType.CHOICE if named else FieldType.NUMBER
    if field.type is not kind:
        what = f"This yields a {kind}, and `{field.name}` is a {field.type}."
        mistakes.at(path, what, f"Write `type: {kind}` there.")
        return
    known = [choice.id for choice in field.choices]
    for key, choice in named:
        if choice not in known:
            what = f"`{field.name}` has no choice {quoted(choice)}."
            mistakes.at((*path, key, choice), what, neighbour(choice, known))
    starts = [band.start for band in method.bands]
    if starts != sorted(set(starts)):
        what = "The bands do not begin at ever higher numbers."
        mistakes.at((*path, "bands"), what, "Write them from the lowest to the highest.")
