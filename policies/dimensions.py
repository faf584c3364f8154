"""Name the respects in which a clause may ask more or less, and read each from a code of ethics.

A reading is a mapping from what is spoken of (a field, a kind, or "" for the whole clause) to a set
of words; which order these words have is in `policies/orders.py`. A clause answers for everything
that it uses: a field's category, its retention, and how it is inferred are the clause's own.
There are no renames: the name of a field is part of what its values are sealed with, of consents,
tokens and registrations, so a value cannot follow, and a field with another name is another field.
Source: consent-standards note, 5; crypto note, 6.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from policies import orders, readings
from policies.document import Derivation, Field, InteractionKind, Purpose
from policies.model import Rulebook
from policies.orders import NOTHING, Said
from policies.readings import Read, Reading, flag, of_survey, whole


class Dimension(StrEnum):
    """In which respect a clause may ask more or less."""

    BASIS = "basis"
    FIELDS = "fields"
    NEEDED = "needed"  # fields without which the purpose does not work
    ACTIONS = "actions"
    SOURCES = "sources"
    DERIVED = "derived"  # what is inferred under it, and each inferred field from what
    AUTOMATION = "automation"  # how much of an inference a machine makes
    DECIDES = "decides"  # inferred fields on which something is decided
    RECIPIENTS = "recipients"
    STAFF = "staff"
    EXTERNAL = "external"  # recipients that are another business
    COUNTRIES = "countries"
    TYPES = "types"  # of the purpose
    CATEGORY = "category"
    FORM = "form"  # the type of a field's values
    IDENTIFIES = "identifies"
    SENSITIVITY = "sensitivity"
    EXPLICIT = "explicit"
    PROFILING = "profiling"
    RETENTION = "retention"
    EXPIRY = "expiry"
    DELAY = "delay"
    KEEP = "keep"
    BENEFIT = "benefit"  # what the customer gets, in words
    METHOD = "method"  # how the vault works a field out
    REACHES = "reaches"  # by which channel a kind of contact reaches the customer
    PORTAL = "portal"  # kinds of contact that customers write themselves
    FOLLOW_UP = "follow-up"  # within which time, and by whom
    BENEFITS = "benefits"  # what is given for what is shared
    SHARED = "shared"  # what a benefit needs
    SURVEYS = "surveys"
    ASKED_AFTER = "asked-after"  # a survey after which kinds of contact
    ASKED_BY = "asked-by"  # by which channel
    ASKED_WHAT = "asked-what"  # questions and what may be answered
    ASKED_AS = "asked-as"  # the kind of contact that an answer is
    ASKED_SOON = "asked-soon"  # after which time
    ASKED_OFTEN = "asked-often"  # once in which time
    ASKED_LONG = "asked-long"  # how long a link works
    DUPLICATES = "duplicates"  # details that are compared together
    MINIMUM_GROUP = "minimum-group"  # customers without whom no result is shown


class Rule(NamedTuple):
    """How one dimension is read, and when a reading of it asks no more than another."""

    read: Read
    within: Callable[[Said, Said], bool]


def kept(rulebook: Rulebook, purpose: Purpose) -> dict[str, Field | InteractionKind]:
    """Return what a purpose uses; a use of what is not declared (no such code compiles) is none."""
    known: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return {use.name: known[use.name] for use in purpose.uses if use.name in known}


def derived(rulebook: Rulebook, purpose: Purpose) -> dict[str, Derivation]:
    """Return how each field that a purpose uses is inferred; nothing for those that are not."""
    found = {one.field: one for one in rulebook.code.derivations}
    return {use.name: found[use.name] for use in purpose.uses if use.name in found}


def _span(text: str | None) -> Reading:
    return whole(frozenset({text}) if text else NOTHING)


def _each(
    read: Callable[[Field | InteractionKind], Said],
) -> Read:
    return lambda book, purpose: {name: read(one) for name, one in kept(book, purpose).items()}


def _each_derived(read: Callable[[Derivation], Said]) -> Read:
    def reading(book: Rulebook, purpose: Purpose) -> Reading:
        found = derived(book, purpose)
        return {
            use.name: read(found[use.name]) if use.name in found else NOTHING
            for use in purpose.uses
        }

    return reading


def _derived(rulebook: Rulebook, purpose: Purpose) -> Reading:
    under = frozenset(one.field for one in rulebook.code.derivations if purpose.id in one.purposes)
    inputs = _each_derived(lambda one: frozenset(one.inputs))(rulebook, purpose)
    return {"": under, **inputs}


def _countries(rulebook: Rulebook, purpose: Purpose) -> Reading:
    of_apps = {rulebook.recipients[app].country for app in purpose.recipients}
    return whole(frozenset({rulebook.code.publisher.country} | of_apps))


def _external(rulebook: Rulebook, purpose: Purpose) -> Reading:
    return whole(frozenset(a for a in purpose.recipients if rulebook.recipients[a].external))


def _benefit(_: Rulebook, purpose: Purpose) -> Reading:
    """Return the sentences of the benefit in the code's first language."""
    text = purpose.benefit.entries[0][1]
    sentences = (" ".join(one.split()) for one in text.replace("!", ".").split("."))
    return whole(frozenset(one for one in sentences if one))


def _identifies(rulebook: Rulebook, purpose: Purpose) -> Reading:
    return {
        name: frozenset({one.identifies.value}) if one.identifies else NOTHING
        for name, one in kept(rulebook, purpose).items()
        if isinstance(one, Field)
    }


def _form(rulebook: Rulebook, purpose: Purpose) -> Reading:
    found = kept(rulebook, purpose).items()
    return {name: frozenset({one.type.value}) for name, one in found if isinstance(one, Field)}


RULES: Mapping[Dimension, Rule] = {
    Dimension.BASIS: Rule(lambda _, p: whole(frozenset({p.basis.value})), orders.same),
    Dimension.FIELDS: Rule(
        lambda _, p: whole(frozenset(use.name for use in p.uses)), orders.included
    ),
    Dimension.NEEDED: Rule(
        lambda _, p: {use.name: flag(on=use.required) for use in p.uses}, orders.included
    ),
    Dimension.ACTIONS: Rule(
        lambda _, p: {use.name: frozenset(one.value for one in use.actions) for use in p.uses},
        orders.included,
    ),
    Dimension.SOURCES: Rule(
        _each(lambda one: frozenset(source.value for source in one.sources)), orders.included
    ),
    Dimension.DERIVED: Rule(_derived, orders.included),
    Dimension.AUTOMATION: Rule(
        _each_derived(lambda one: frozenset({one.automation.value})), orders.no_more_automated
    ),
    Dimension.DECIDES: Rule(_each_derived(lambda one: flag(on=one.decides)), orders.included),
    Dimension.RECIPIENTS: Rule(lambda _, p: whole(frozenset(p.recipients)), orders.included),
    Dimension.STAFF: Rule(
        lambda _, p: whole(frozenset(role.value for role in p.staff)), orders.included
    ),
    Dimension.EXTERNAL: Rule(_external, orders.included),
    Dimension.COUNTRIES: Rule(_countries, orders.included),
    Dimension.TYPES: Rule(lambda _, p: whole(frozenset(p.types)), orders.no_broader),
    Dimension.CATEGORY: Rule(_each(lambda one: frozenset({one.category})), orders.no_broader),
    Dimension.FORM: Rule(_form, orders.same),
    Dimension.IDENTIFIES: Rule(_identifies, orders.included),
    Dimension.SENSITIVITY: Rule(
        _each(lambda one: frozenset({one.sensitivity.value})), orders.no_more_sensitive
    ),
    # The other way round: who had to be asked in so many words is asked less by the rest.
    Dimension.EXPLICIT: Rule(lambda _, p: whole(flag(on=p.explicit)), orders.includes),
    Dimension.PROFILING: Rule(lambda _, p: whole(flag(on=p.profiling)), orders.included),
    Dimension.RETENTION: Rule(_each(lambda one: frozenset({one.retention})), orders.no_longer),
    Dimension.EXPIRY: Rule(lambda _, p: _span(p.expiry), orders.no_longer),
    Dimension.DELAY: Rule(lambda _, p: _span(p.delay), orders.no_longer),
    Dimension.KEEP: Rule(lambda _, p: _span(p.keep), orders.no_longer),
    Dimension.BENEFIT: Rule(_benefit, orders.includes),
    Dimension.METHOD: Rule(
        _each_derived(lambda one: readings.method(one.method)), orders.same_or_nothing
    ),
    Dimension.REACHES: Rule(readings.reaches, orders.included),
    Dimension.PORTAL: Rule(readings.portal, orders.includes),
    Dimension.FOLLOW_UP: Rule(readings.follow_up, orders.no_later),
    Dimension.BENEFITS: Rule(readings.benefits, orders.includes),
    Dimension.SHARED: Rule(readings.shared, orders.included),
    Dimension.SURVEYS: Rule(readings.surveys, orders.included),
    Dimension.ASKED_AFTER: Rule(of_survey(lambda one: frozenset(one.after)), orders.included),
    Dimension.ASKED_BY: Rule(
        of_survey(lambda one: frozenset({one.channel.value})), orders.included
    ),
    Dimension.ASKED_WHAT: Rule(of_survey(readings.questions), orders.included),
    Dimension.ASKED_AS: Rule(of_survey(lambda one: frozenset({one.answer})), orders.same),
    Dimension.ASKED_SOON: Rule(of_survey(lambda one: frozenset({one.wait})), orders.no_shorter),
    Dimension.ASKED_OFTEN: Rule(of_survey(lambda one: frozenset({one.at_most})), orders.no_shorter),
    Dimension.ASKED_LONG: Rule(of_survey(lambda one: frozenset({one.expires})), orders.no_longer),
    Dimension.DUPLICATES: Rule(readings.duplicates, orders.included),
    Dimension.MINIMUM_GROUP: Rule(readings.minimum_group, orders.no_smaller),
}
