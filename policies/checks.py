"""Check that the clauses of a code of ethics fit together and may stand before a customer.

Each rule is a duty that the law or the design puts on the publisher; a code that breaks one does
not compile. Nothing is changed here, and nothing is known of any customer.
Source: GDPR 5(1)(c), 6(1), 9, 13; consent-standards note, 1 and 3; crypto note, 6.
"""

from policies import derivations, never, surveys, vocabulary
from policies.document import Code, Field, InteractionKind, Purpose, Recipient, Use
from policies.durations import Duration
from policies.errors import Mistakes, Path, neighbour, quoted
from policies.names import (
    AUDIT,
    ERASURE,
    HOLD,
    INTERACTION,
    NOTICE,
    OWN,
    PAGES,
    REQUEST,
    Action,
    Basis,
    FieldType,
    Identifier,
    Sensitivity,
)
from policies.texts import texts
from policies.tone import guilt

MAX_FIELDS = 200  # fields that a customer's profile may hold
MAX_USES = 64  # names that one ask may hold, so that a purpose can be asked for at once
MAX_CONSENT = Duration(months=12, days=0)  # then a consent must be renewed
MAX_VALUE = 8_192  # characters; a value has at most as many bytes
MAX_DELAY = Duration(months=0, days=30)  # then a sealed look must open
MAX_COOLING = Duration(months=0, days=30)  # GDPR 12(3): an erasure is done within a month
CHILDREN_FROM, CHILDREN_TO = 13, 16  # years; GDPR 8(1)

# What finds a customer, and the one type that its field must have.
_IDENTIFYING = {
    Identifier.EMAIL: FieldType.EMAIL,
    Identifier.PHONE: FieldType.PHONE,
    Identifier.CARD: FieldType.CARD,
    Identifier.EXTERNAL: FieldType.TEXT,
}
_WITH_LAW = frozenset({Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK})
_OF_FIELDS = (Action.READ, Action.WRITE)
_OF_EVENTS = (Action.READ, Action.APPEND)


def check(code: Code, mistakes: Mistakes) -> None:
    """Note every clause that does not fit; the caller asks `mistakes.check()`."""
    if len(code.fields) > MAX_FIELDS:
        what = f"There are more than {MAX_FIELDS} fields."
        mistakes.at(("fields",), what, "Ask for less.")
    _country(("publisher", "country"), code.publisher.country, mistakes)
    if code.children and not CHILDREN_FROM <= code.children.age <= CHILDREN_TO:
        what = f"The age from which a person decides alone is {CHILDREN_FROM} to {CHILDREN_TO}."
        mistakes.at(("children", "age"), what, "Write what the law of your country says.")
    _at_most(("cooling_off",), code.cooling_off, MAX_COOLING, mistakes)
    for app in code.recipients:
        _recipient(("recipients", app.id), app, code, mistakes)
    for one in code.fields:
        _kept(("fields", one.name), one, code, mistakes)
        _field(("fields", one.name), one, mistakes)
    for kind in code.interactions:
        _kept(("interactions", kind.kind), kind, code, mistakes)
    for purpose in code.purposes:
        _purpose(("purposes", purpose.id), purpose, code, mistakes)
    _unused(code, mistakes)
    _groups(code, mistakes)
    derivations.check(code, mistakes)
    surveys.check(code, mistakes)
    never.check(code, mistakes)
    for path, said in texts(code):
        for language, text in said.entries:
            if word := guilt(text, language):
                what = f"{quoted(word)} presses the customer."
                mistakes.at(path, what, "Say plainly what happens, without regret.")


def _country(path: Path, country: str, mistakes: Mistakes) -> None:
    if country not in vocabulary.COUNTRIES:
        advice = "Write its two letters of ISO 3166, such as IE, BR or GB."
        mistakes.at(path, f"{quoted(country)} is no country.", advice)


def _recipient(path: Path, app: Recipient, code: Code, mistakes: Mistakes) -> None:
    _country((*path, "country"), app.country, mistakes)
    near = vocabulary.REGIONS["EEA"] | {code.publisher.country}
    if app.country in vocabulary.COUNTRIES - near and app.safeguard is None:
        what = f"`{app.id}` runs in a third country ({app.country}) and lacks `safeguard`."
        advice = "Add `safeguard: …`: what protects the data there, such as standard clauses."
        mistakes.at((*path, "country"), what, advice)


def _groups(code: Code, mistakes: Mistakes) -> None:
    """Note groups without a field, and, where groups are named at all, fields without one."""
    named = [one.id for one in code.groups]
    held = [one.group for one in code.fields]
    for group in named:
        if group not in held:
            what = f"The group `{group}` has no field."
            mistakes.at(("groups", group), what, "Delete it, or declare a field in it.")
    for field in code.fields:
        if named and field.group not in named:
            what = f"The group `{field.group}` has no name."
            advice = f"Add `{field.group}: {{label: …, why: …}}` under `groups`."
            mistakes.at(("fields", field.name), what, advice)
            named.append(field.group)  # told once


def _kept(path: Path, one: Field | InteractionKind, code: Code, mistakes: Mistakes) -> None:
    if one.category not in vocabulary.CATEGORIES:
        what = f"{quoted(one.category)} is no category of personal data."
        mistakes.at((*path, "category"), what, neighbour(one.category, vocabulary.CATEGORIES))
    declared = [rule.source for rule in code.sources]
    for source in one.sources:
        if source not in declared:
            what = f"The source '{source}' is not explained under `sources`."
            advice = f"Add `{source}: …` there, and say how it gathers."
            mistakes.at((*path, "sources"), what, advice)


def _field(path: Path, field: Field, mistakes: Mistakes) -> None:
    if field.group == INTERACTION:
        what = f"The group `{INTERACTION}` is kept for contact events."
        mistakes.at(path, what, "Declare it under `interactions`, or choose another group.")
    if field.type is FieldType.CHOICE and not field.choices:
        what, advice = "A choice needs choices.", "Add `choices: {espresso: Espresso, tea: Tea}`."
        mistakes.at(path, what, advice)
    if field.choices and field.type not in {FieldType.CHOICE, FieldType.LIST}:
        what = f"A field of the type {field.type} has no choices."
        mistakes.at((*path, "choices"), what, "Write `type: choice`, or delete the choices.")
    if field.max_length is not None:
        if field.type not in {FieldType.TEXT, FieldType.ADDRESS}:
            what = f"A field of the type {field.type} has no length."
            mistakes.at((*path, "max_length"), what, "Delete this line.")
        elif field.max_length > MAX_VALUE:
            what = f"A value has at most {MAX_VALUE} characters."
            mistakes.at((*path, "max_length"), what, "Write a smaller number.")
    if field.identifies is not None:
        _identifier((*path, "identifies"), field, field.identifies, mistakes)


def _identifier(path: Path, field: Field, kind: Identifier, mistakes: Mistakes) -> None:
    if field.category in vocabulary.FEW_VALUED:
        what = f"Many people share a value of the category {field.category}."
        mistakes.at(path, what, "Delete this line: it does not find one customer.")
    elif field.type is not _IDENTIFYING[kind]:
        what = f"A field of the type {field.type} does not identify by {kind}."
        mistakes.at(path, what, f"Write `type: {_IDENTIFYING[kind]}`, or delete this line.")


def _purpose(path: Path, purpose: Purpose, code: Code, mistakes: Mistakes) -> None:
    own = {AUDIT, ERASURE, HOLD, NOTICE, OWN, REQUEST}
    if purpose.id in own or purpose.id.startswith(f"{AUDIT}."):
        what = f"`{purpose.id}` is a clause of the vault itself."
        mistakes.at(path, what, "Choose another name.")
    if purpose.id in PAGES:
        what = f"`{purpose.id}` is a page of the portal itself."
        mistakes.at(path, what, "Choose another name.")
    for name in purpose.types:
        if name in vocabulary.NEVER:
            what, advice = "No code of ethics sells what it knows.", "Delete this purpose."
            mistakes.at((*path, "types"), what, advice)
        elif name not in vocabulary.PURPOSES:
            what = f"{quoted(name)} is no type of purpose."
            mistakes.at((*path, "types"), what, neighbour(name, vocabulary.PURPOSES))
    apps = [one.id for one in code.recipients]
    for app in purpose.recipients:
        if app not in apps:
            what = f"{quoted(app)} is not declared under `recipients`."
            mistakes.at((*path, "recipients"), what, neighbour(app, apps))
    if not purpose.recipients and not purpose.staff:
        what, advice = "Nobody may do this.", "Add `recipients: [delivery]` or `staff: [support]`."
        mistakes.at(path, what, advice)
    _uses(path, purpose, code, mistakes)
    _basis(path, purpose, mistakes)


def _uses(path: Path, purpose: Purpose, code: Code, mistakes: Mistakes) -> None:
    fields = {one.name: one.sensitivity for one in code.fields}
    events = {one.name: one.sensitivity for one in code.interactions}
    sensitivities = fields | events
    if not purpose.uses:
        what, advice = "The purpose uses nothing.", "Add `required: {contact.email: [read]}`."
        mistakes.at(path, what, advice)
    if len(purpose.uses) > MAX_USES:
        what = f"A purpose uses at most {MAX_USES} fields."
        mistakes.at(path, what, "Make two purposes of it.")
    seen: set[str] = set()
    for use in purpose.uses:
        where = _where(path, use)
        if use.name in seen:
            what = f"`{use.name}` is both required and optional."
            mistakes.at(where, what, "Keep one of the two.")
        seen.add(use.name)
        if use.name not in sensitivities:
            what = f"{quoted(use.name)} is not declared."
            mistakes.at(where, what, neighbour(use.name, sensitivities))
            continue
        actions = _OF_FIELDS if use.name in fields else _OF_EVENTS
        for action in use.actions:
            if action not in actions:
                what = f"`{use.name}` has no action '{action}'."
                mistakes.at(where, what, f"Write one of: {', '.join(actions)}.")
        special = sensitivities[use.name] is Sensitivity.SPECIAL
        if special and not (purpose.basis is Basis.CONSENT and purpose.explicit):
            what = f"`{use.name}` is of a special category, which needs explicit consent."
            mistakes.at(where, what, "Write `basis: consent` and `explicit: yes`.")


def _where(path: Path, use: Use) -> Path:
    return (*path, "required" if use.required else "optional", use.name)


def _basis(path: Path, purpose: Purpose, mistakes: Mistakes) -> None:
    """Check what each lawful basis must say, and that it says nothing of another one."""
    basis = purpose.basis
    consent = basis is Basis.CONSENT
    wanted = {
        "expiry": (purpose.expiry is not None, consent),
        "until": (purpose.until is not None, not consent),
        "law": (purpose.law is not None, basis in _WITH_LAW),
        "balancing": (purpose.balancing is not None, basis is Basis.LEGITIMATE_INTEREST),
    }
    for key, (there, needed) in wanted.items():
        if needed and not there:
            what = f"A purpose whose basis is {basis} lacks `{key}`."
            mistakes.at((*path, "basis"), what, _ADVICE[key])
        elif there and not needed:
            what = f"A purpose whose basis is {basis} has no `{key}`."
            mistakes.at((*path, key), what, "Delete it, or write the basis that it belongs to.")
    if purpose.explicit and not consent:
        what = f"A purpose whose basis is {basis} is never explicit."
        mistakes.at((*path, "explicit"), what, "Delete this line, or write `basis: consent`.")
    lasts = Duration.parse(purpose.expiry or "")
    if purpose.delay and basis in {Basis.CONSENT, Basis.CONTRACT}:
        what = f"A look whose basis is {basis} is shown at once."
        mistakes.at((*path, "delay"), what, "Delete this line.")
    _at_most((*path, "delay"), purpose.delay, MAX_DELAY, mistakes)
    if purpose.keep and basis is not Basis.LEGAL_OBLIGATION:
        what = "Only a law keeps something after an erasure."
        mistakes.at((*path, "keep"), what, "Delete this line, or write `basis: legal-obligation`.")
    if lasts is not None and not lasts.within(MAX_CONSENT):
        what = "A consent lasts at most 12 months."
        mistakes.at((*path, "expiry"), what, "Write `expiry: P12M` or less.")


def _at_most(path: Path, written: str | None, most: Duration, mistakes: Mistakes) -> None:
    lasts = Duration.parse(written or "")
    if lasts is not None and not lasts.within(most):
        what = f"`{path[-1]}` is longer than {most.days} days."
        mistakes.at(path, what, f"Write P{most.days}D or less.")


_ADVICE = {
    "expiry": "Add `expiry: P12M`: how long a consent lasts, at most 12 months.",
    "until": "Add `until: …`: when this ends, in words.",
    "law": "Add `law: …`: which law and article oblige you.",
    "balancing": "Add `balancing: …`: why the customer's interests do not outweigh yours.",
}


def _unused(code: Code, mistakes: Mistakes) -> None:
    """Note what is declared and serves nothing: what has no use must not be gathered."""
    used = {use.name for purpose in code.purposes for use in purpose.uses}
    apps = {app for purpose in code.purposes for app in purpose.recipients}
    kept: tuple[Field | InteractionKind, ...] = (*code.fields, *code.interactions)
    sources = {source for one in kept for source in one.sources}
    advice = "Delete it, or name it in the purpose that needs it."
    for field in code.fields:
        if field.name not in used:
            mistakes.at(("fields", field.name), f"No purpose uses `{field.name}`.", advice)
    for kind in code.interactions:
        if kind.name not in used:
            mistakes.at(("interactions", kind.kind), f"No purpose uses `{kind.name}`.", advice)
    for app in code.recipients:
        if app.id not in apps:
            mistakes.at(("recipients", app.id), f"No purpose names `{app.id}`.", advice)
    for rule in code.sources:
        if rule.source not in sources:
            what = f"Nothing is gathered from the source `{rule.source}`."
            mistakes.at(("sources", rule.source), what, "Delete it.")
