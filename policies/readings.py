"""Read from a code what a clause says of contacts, methods, benefits, surveys and duplicates.

A reading is what `policies/dimensions.py` compares: a mapping from what is spoken of to a set of words.
What is said of a survey is read under the purpose that asks it, a kind of contact under each that uses
it. The least group belongs to the clauses whose surveys have results.
Source: consent-standards note, 5 and 8.
"""

from collections.abc import Callable, Iterator, Mapping

from policies.document import InteractionKind, Method, Purpose, Survey
from policies.model import Rulebook
from policies.orders import NOTHING, Said

Reading = Mapping[str, Said]
Read = Callable[[Rulebook, Purpose], Reading]
NO_METHOD = "an app"  # how a field is inferred where the code names no method


def whole(values: Said) -> Reading:
    """Return a reading of the whole clause."""
    return {"": values}


def flag(*, on: bool) -> Said:
    """Return yes as a word; nothing for no."""
    return frozenset({"yes"}) if on else NOTHING


def reaches(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read by which channel each kind of contact reaches the customer."""
    return {
        name: frozenset({kind.reaches.value}) if kind.reaches else NOTHING
        for name, kind in _kinds(rulebook, purpose)
    }


def portal(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read which kinds of contact a customer may write."""
    return {name: flag(on=kind.portal) for name, kind in _kinds(rulebook, purpose)}


def follow_up(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read within which time, and by whom, each kind of contact is followed up."""
    return {
        name: frozenset({f"{rule.within} {rule.owner}"}) if rule else NOTHING
        for name, kind in _kinds(rulebook, purpose)
        for rule in (kind.follow_up,)
    }


def method(one: Method | None) -> Said:
    """Read a method as one word: each other method is another word."""
    if one is None:
        return frozenset({NO_METHOD})
    parts = [one.function, one.period or "", one.fact or "", str(one.least)]
    parts += [f"{band.id}={band.start}" for band in one.bands]
    for segment in one.segments:
        when = (f"{need.field}:{'|'.join(need.values)}" for need in segment.when)
        parts.append(f"{segment.id}={' '.join(when)}")
    parts += [f"{way.id}={'|'.join(way.kinds)}" for way in one.ways]
    return frozenset({";".join(parts)})


def benefits(_: Rulebook, purpose: Purpose) -> Reading:
    """Read what is given."""
    return whole(frozenset(one.id for one in purpose.benefits))


def shared(_: Rulebook, purpose: Purpose) -> Reading:
    """Read what each benefit needs."""
    return {one.id: frozenset(one.needs) for one in purpose.benefits}


def surveys(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read which surveys are asked under a purpose."""
    return whole(frozenset(one.id for one in _asked(rulebook, purpose)))


def of_survey(read: Callable[[Survey], Said]) -> Read:
    """Return how something is read of each survey."""
    return lambda book, purpose: {one.id: read(one) for one in _asked(book, purpose)}


def questions(one: Survey) -> Said:
    """Read what a survey asks, each choice a word of its own."""
    return frozenset(
        word
        for asked in one.questions
        for word in (
            f"{asked.id} {asked.type}" + ("" if asked.low is None else f" {asked.low}"),
            *(f"{asked.id} {choice.id}" for choice in asked.choices),
        )
    )


def duplicates(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read by which details together two customers are compared under a purpose."""
    rule = rulebook.code.duplicates
    if rule is None or rule.purpose != purpose.id:
        return whole(NOTHING)
    return whole(frozenset(" ".join(sorted(names)) for names in rule.same))


def minimum_group(rulebook: Rulebook, purpose: Purpose) -> Reading:
    """Read of how many customers a result must be."""
    if not any(_asked(rulebook, purpose)):
        return whole(NOTHING)
    return whole(frozenset({str(rulebook.minimum_group)}))


def _kinds(rulebook: Rulebook, purpose: Purpose) -> Iterator[tuple[str, InteractionKind]]:
    known = rulebook.interactions
    return ((use.name, known[use.name]) for use in purpose.uses if use.name in known)


def _asked(rulebook: Rulebook, purpose: Purpose) -> Iterator[Survey]:
    return (one for one in rulebook.code.surveys if one.purpose == purpose.id)
