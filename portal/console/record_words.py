"""Say the record of processing in words: as parts of a page, and as rows of a table.

Both are made of the same lines, so neither says what the other leaves out. The texts are the
publisher's own, of the code of ethics; the words around them are the portal's.
Source: GDPR 30(1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policies.model import Action, Basis, Purpose, Sensitivity, Source, StaffRole
from portal.console.app_words import ACTIONS, country
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import lasting
from vault.core.processing_record import Line
from vault.services.processing_record import Facts, Record

COLUMNS: Final = (
    "date",
    "code_version",
    "code_digest",
    "controller",
    "data_protection_officer",
    "purpose_id",
    "purpose",
    "description",
    "lawful_basis",
    "basis_in_words",
    "data_subjects",
    "detail_id",
    "detail",
    "category",
    "sensitivity",
    "special_category",
    "actions",
    "sources",
    "kept_for",
    "consent_lasts",
    "kept_by_law_after_erasure",
    "recipients",
    "named_and_not_registered",
    "staff",
    "third_countries",
    "inferred_how",
    "decides",
    "impact_assessment",
    "security_measures",
)
_BASES: Final = {
    Basis.CONSENT: N_("Consent"),
    Basis.CONTRACT: N_("Contract"),
    Basis.LEGAL_OBLIGATION: N_("Legal obligation"),
    Basis.VITAL_INTEREST: N_("Vital interest"),
    Basis.PUBLIC_TASK: N_("Public task"),
    Basis.LEGITIMATE_INTEREST: N_("Legitimate interest"),
}
_SENSITIVITY: Final = {
    Sensitivity.ORDINARY: N_("ordinary"),
    Sensitivity.SENSITIVE: N_("sensitive"),
    Sensitivity.SPECIAL: N_("specially protected by law"),
}
_SOURCES: Final = {
    Source.TOLD: N_("the customer tells us"),
    Source.OBSERVED: N_("we observe it"),
    Source.INFERRED: N_("we infer it"),
    Source.THIRD_PARTY: N_("somebody else tells us"),
}
ROLES: Final = {
    StaffRole.COMPLIANCE: N_("compliance staff"),
    StaffRole.STEWARD: N_("data stewards"),
    StaffRole.SUPPORT: N_("support staff"),
    StaffRole.ADMIN: N_("administrators"),
}
_ITSELF: Final = (
    N_("Each value is encrypted under a key of its customer, which an erasure destroys."),
    N_("Each look is decided by the code of ethics and recorded before anything is opened."),
    N_("The record of looks is a log that nobody can change without it being found."),
    N_(
        "Each app proves with every call that it holds its key, and may do only what it is approved for."
    ),
    N_("What customers allow is read anew at each look, so that a withdrawal works at once."),
)
_NO_SAFEGUARD: Final = N_("The code of ethics names no safeguard.")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Row:
    """One detail of one purpose, in words."""

    name: str
    label: str
    category: str
    sensitivity: str
    actions: str
    sources: str
    kept: str
    receivers: tuple[str, ...]
    named_alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One purpose, in words."""

    id: str
    label: str
    what: str
    basis: str
    basis_words: str
    lasts: str
    law: str  # how long the law keeps it after an erasure; "" where it does not
    staff: str
    assessment: str
    profiling: bool
    rows: tuple[Row, ...]


def parts(record: Record, labels: Labels) -> tuple[Part, ...]:
    """Return each purpose of the code in force, in its order."""
    processing = record.processing
    return tuple(
        Part(
            id=one.id,
            label=one.label.get(labels.lang),
            what=one.what.get(labels.lang),
            basis=translate(labels.lang, _BASES[one.basis]),
            basis_words=_basis_words(one, labels.lang),
            lasts=_lasts(one, labels.lang),
            law=lasting(one.keep, labels.lang) if one.keep else "",
            staff=_staff(one, labels.lang),
            assessment=one.assessment or "",
            profiling=one.profiling,
            rows=tuple(_row(line, labels) for line in processing.of(one.id)),
        )
        for one in processing.rulebook.code.purposes
    )


def cells(record: Record, labels: Labels) -> Iterator[tuple[str, ...]]:
    """Give a row of the table for each purpose and detail, in the order of `COLUMNS`."""
    lang, processing = labels.lang, record.processing
    code = processing.rulebook.code
    by, dpo = code.publisher, code.publisher.dpo
    found = {part.id: part for part in parts(record, labels)}
    whole = (
        record.at.date().isoformat(),
        code.version,
        processing.rulebook.digest,
        f"{by.name}, {by.address}, {country(by.country, lang)}",
        f"{dpo.name}, {dpo.email}",
    )
    protected = " ".join(measures(record, lang))
    subjects = " ".join(data_subjects(record, lang))
    for line in processing.lines:
        part, row, inferred = found[line.purpose.id], _row(line, labels), line.derivation
        yield (
            *whole,
            part.id,
            part.label,
            part.what,
            part.basis,
            part.basis_words,
            subjects,
            row.name,
            row.label,
            row.category,
            row.sensitivity,
            "yes" if line.special else "no",
            row.actions,
            row.sources,
            row.kept,
            part.lasts,
            part.law,
            "; ".join(row.receivers),
            "; ".join(row.named_alone),
            part.staff,
            "; ".join(_abroad(record, line, labels)),
            inferred.how.get(lang) if inferred else "",
            "yes" if inferred and inferred.decides else "no",
            part.assessment,
            protected,
        )


def data_subjects(record: Record, lang: str) -> tuple[str, ...]:
    """Say whose data it is."""
    children = record.processing.rulebook.code.children
    if children is None:
        return (translate(lang, N_("Customers, who are grown up.")),)
    words = N_("Customers, children too: below {age} years a parent agrees.")
    return (translate(lang, words, age=children.age),)


def measures(record: Record, lang: str) -> tuple[str, ...]:
    """Say how the data is protected: what the publisher says, then what the system itself does."""
    said = (one.get(lang) for one in record.processing.rulebook.code.measures)
    return (*said, *(translate(lang, one) for one in _ITSELF), *_facts(record.facts, lang))


def third_countries(record: Record, labels: Labels) -> tuple[tuple[str, str, str], ...]:
    """Return each recipient in a third country, with the country and what protects the data there."""
    missing = translate(labels.lang, _NO_SAFEGUARD)
    return tuple(
        (
            labels.app(one.id),
            country(one.country, labels.lang),
            one.safeguard.get(labels.lang) if one.safeguard else missing,
        )
        for one in record.processing.third_countries
    )


def _facts(facts: Facts, lang: str) -> Iterator[str]:
    yield translate(
        lang,
        N_(
            "Keys of keys are held by {providers} and replaced every {days} days; then no backup opens what was erased."
        ),
        providers=", ".join(facts.providers),
        days=facts.epoch_days,
    )
    yield translate(
        lang, N_("Values lie in a {database} database, encrypted."), database=facts.database
    )
    if facts.nonce:
        yield translate(lang, N_("A call that somebody copied cannot be made again."))
    if facts.encrypted_origin:
        yield translate(lang, N_("The way to the vault is encrypted (https)."))


def _row(line: Line, labels: Labels) -> Row:
    lang, about = labels.lang, line.about
    return Row(
        name=line.name,
        label=about.label.get(lang),
        category=_HUMP.sub(" ", about.category).lower(),
        sensitivity=translate(lang, _SENSITIVITY[about.sensitivity]),
        actions=_actions(line.actions, lang),
        sources=", ".join(translate(lang, _SOURCES[source]) for source in about.sources),
        kept=lasting(about.retention, lang),
        receivers=tuple(
            _receiver(
                f"{labels.app(one.app)}: {_actions(one.actions, lang)}", lang, frozen=one.frozen
            )
            for one in line.receivers
        ),
        named_alone=labels.apps(line.named_alone),
    )


def _receiver(words: str, lang: str, *, frozen: bool) -> str:
    return translate(lang, N_("{app} (frozen)"), app=words) if frozen else words


def _actions(actions: tuple[Action, ...], lang: str) -> str:
    return ", ".join(translate(lang, ACTIONS[action]) for action in actions)


def _abroad(record: Record, line: Line, labels: Labels) -> Iterator[str]:
    """Give the third countries to which a purpose's recipients belong."""
    missing = translate(labels.lang, _NO_SAFEGUARD)
    for one in record.processing.third_countries:
        if one.id in line.purpose.recipients:
            said = one.safeguard.get(labels.lang) if one.safeguard else missing
            yield f"{labels.app(one.id)}, {country(one.country, labels.lang)}: {said}"


def _basis_words(purpose: Purpose, lang: str) -> str:
    said = (purpose.law, purpose.balancing)
    return " ".join(one.get(lang) for one in said if one)


def _lasts(purpose: Purpose, lang: str) -> str:
    if purpose.expiry:
        return lasting(purpose.expiry, lang)
    return purpose.until.get(lang) if purpose.until else ""


def _staff(purpose: Purpose, lang: str) -> str:
    return ", ".join(translate(lang, ROLES[role]) for role in purpose.staff)
