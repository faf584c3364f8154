"""Read a code of ethics from YAML: which keys there are, and what stands under each.

It says whether the document is written as one; whether its clauses fit together is for
`policies/checks.py`. All mistakes of form are told at once, each with its line and what to write
instead.
Source: DESIGN 5.
"""

import re

from policies import clause, form, method, strict, survey
from policies.document import (
    Authority,
    Children,
    Choice,
    Code,
    Contact,
    Derivation,
    Duplicates,
    Field,
    FollowUp,
    Group,
    InteractionKind,
    Never,
    Publisher,
    Recipient,
    SourceRule,
)
from policies.errors import Mistakes, neighbour, quoted
from policies.names import (
    APP,
    FIELD,
    LANGUAGES,
    NAME,
    PURPOSE,
    VERSION,
    Automation,
    Basis,
    Channel,
    FieldType,
    Identifier,
    Sensitivity,
    Source,
    StaffRole,
    Term,
)
from policies.section import MAX_LINE, Entry, Section

_ONE = re.compile("1")
_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_URL = re.compile(r"https://\S+")
_SOURCE = re.compile("|".join(Source))
_EXTERNAL = re.compile("external")


def parse(data: bytes, mistakes: Mistakes) -> Code:
    """Read a code of ethics.

    Raises:
        CodeErrors: with every mistake of form; how its clauses fit is not looked at then.
    """
    root = strict.read(data, mistakes)
    mistakes.check()
    code = _code(Section(root, path=(), hints=form.DOCUMENT, mistakes=mistakes))
    mistakes.check()
    return code


def _code(root: Section) -> Code:
    root.line("format", pattern=_ONE)
    root.languages = root.words("languages")
    for language in root.languages:
        if language and language not in LANGUAGES:
            what = f"There are no words for the language {quoted(language)}."
            root.mistakes.at(("languages",), what, neighbour(language, LANGUAGES))
    return Code(
        version=root.line("version", pattern=VERSION),
        effective=root.date("effective"),
        title=root.texts("title", limit=MAX_LINE),
        languages=root.languages,
        publisher=_publisher(root.section("publisher", form.PUBLISHER)),
        promises=tuple(root.texts_of(node, "promises") for node in root.items("promises")),
        sources=tuple(
            SourceRule(_member(Source, entry.key), root.texts_of(entry.node, "sources"))
            for entry in root.entries("sources", _SOURCE, Source.TOLD)
        ),
        fields=tuple(
            _field(root, entry) for entry in root.entries("fields", FIELD, "contact.email")
        ),
        interactions=tuple(
            _interaction(root, entry)
            for entry in root.entries("interactions", NAME, "purchase", needed=False)
        ),
        recipients=tuple(
            _recipient(root, entry)
            for entry in root.entries("recipients", APP, "delivery", needed=False)
        ),
        purposes=tuple(
            clause.read(root, entry) for entry in root.entries("purposes", PURPOSE, "delivery")
        ),
        terms=root.picks("terms", Term) if root.has("terms") else (),
        children=_children(root) if root.has("children") else None,
        cooling_off=root.duration("cooling_off") if root.has("cooling_off") else None,
        groups=tuple(
            _group(root, entry) for entry in root.entries("groups", NAME, "contact", needed=False)
        ),
        never=tuple(
            _never(root, entry) for entry in root.entries("never", NAME, "no_selling", needed=False)
        ),
        derivations=tuple(
            _derivation(root, entry)
            for entry in root.entries("derivations", NAME, "frequency", needed=False)
        ),
        measures=(
            tuple(root.texts_of(node, "measures") for node in root.items("measures"))
            if root.has("measures")
            else ()
        ),
        surveys=tuple(
            survey.read(root, entry)
            for entry in root.entries("surveys", NAME, "visit", needed=False)
        ),
        duplicates=_duplicates(root) if root.has("duplicates") else None,
        minimum_group=root.number("minimum_group") if root.has("minimum_group") else None,
    )


def _children(root: Section) -> Children:
    return Children(root.section("children", form.CHILDREN).number("age"))


def _duplicates(root: Section) -> Duplicates:
    section = root.section("duplicates", form.DUPLICATES)
    return Duplicates(
        purpose=section.line("purpose"),
        same=tuple(section.words_of(node, "same") for node in section.items("same")),
    )


def _publisher(section: Section) -> Publisher:
    dpo = section.section("dpo", form.DPO)
    authority = section.section("authority", form.AUTHORITY)
    return Publisher(
        name=section.line("name"),
        address=section.line("address"),
        country=section.line("country", pattern=_COUNTRY),
        email=section.line("email", pattern=_EMAIL),
        url=section.line("url", pattern=_URL),
        dpo=Contact(name=dpo.line("name"), email=dpo.line("email", pattern=_EMAIL)),
        authority=Authority(name=authority.line("name"), url=authority.line("url", pattern=_URL)),
        phone=section.line("phone") if section.has("phone") else None,
    )


def _field(root: Section, entry: Entry) -> Field:
    section = root.under(entry, form.FIELD)
    return Field(
        name=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        why=section.texts("why"),
        type=section.pick("type", FieldType),
        category=section.line("category"),
        sensitivity=section.pick("sensitivity", Sensitivity),
        sources=section.picks("sources", Source),
        retention=section.duration("retention"),
        identifies=section.pick("identifies", Identifier) if section.has("identifies") else None,
        max_length=section.number("max_length") if section.has("max_length") else None,
        choices=tuple(
            Choice(choice.key, section.texts_of(choice.node, "choices", limit=MAX_LINE))
            for choice in section.entries("choices", NAME, "espresso", needed=False)
        ),
    )


def _interaction(root: Section, entry: Entry) -> InteractionKind:
    section = root.under(entry, form.INTERACTION)
    return InteractionKind(
        kind=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        why=section.texts("why"),
        category=section.line("category"),
        sensitivity=section.pick("sensitivity", Sensitivity),
        sources=section.picks("sources", Source),
        retention=section.duration("retention"),
        reaches=section.pick("reaches", Channel) if section.has("reaches") else None,
        portal=section.flag("portal"),
        follow_up=_follow_up(section) if section.has("follow_up") else None,
    )


def _follow_up(root: Section) -> FollowUp:
    section = root.section("follow_up", form.FOLLOW_UP)
    return FollowUp(within=section.duration("within"), owner=section.pick("owner", StaffRole))


def _recipient(root: Section, entry: Entry) -> Recipient:
    section = root.under(entry, form.RECIPIENT)
    return Recipient(
        id=entry.key,
        name=section.texts("name", limit=MAX_LINE),
        team=section.texts("team", limit=MAX_LINE),
        country=section.line("country", pattern=_COUNTRY),
        external=section.flag("external"),
        safeguard=section.texts("safeguard") if section.has("safeguard") else None,
    )


def _group(root: Section, entry: Entry) -> Group:
    section = root.under(entry, form.GROUP)
    return Group(
        id=entry.key, label=section.texts("label", limit=MAX_LINE), why=section.texts("why")
    )


def _never(root: Section, entry: Entry) -> Never:
    section = root.under(entry, form.NEVER)
    if section.has("recipients"):
        section.line("recipients", pattern=_EXTERNAL)
    return Never(
        id=entry.key,
        text=section.texts("text"),
        types=section.words("types") if section.has("types") else (),
        categories=section.words("categories") if section.has("categories") else (),
        sensitivity=(
            section.picks("sensitivity", Sensitivity) if section.has("sensitivity") else ()
        ),
        sources=section.picks("sources", Source) if section.has("sources") else (),
        external=section.has("recipients"),
        countries_outside=(
            section.words("countries_outside") if section.has("countries_outside") else ()
        ),
        profiling=section.flag("profiling"),
        bases=section.picks("bases", Basis) if section.has("bases") else (),
    )


def _derivation(root: Section, entry: Entry) -> Derivation:
    section = root.under(entry, form.DERIVATION)
    return Derivation(
        id=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        how=section.texts("how"),
        field=section.line("field", pattern=FIELD),
        inputs=section.words("from"),
        automation=section.pick("automation", Automation),
        purposes=section.words("purposes"),
        contest=section.texts("contest"),
        decides=section.flag("decides"),
        human=section.texts("human") if section.has("human") else None,
        method=(
            method.read(section.section("method", method.FORM)) if section.has("method") else None
        ),
    )


def _member(kind: type[Source], word: str) -> Source:
    """Return the source that a key names; a key that names none was noted as a mistake."""
    return kind(word) if word in set(kind) else kind.TOLD
