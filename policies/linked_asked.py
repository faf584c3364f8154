"""Write contacts, benefits, methods, surveys and duplicates as linked data.

DPV has no terms for channels, surveys or questions: DCMI and schema.org have, and stand here beside
DPV's own for processes, obligations, frequencies and the logic of an algorithm.
Source: W3C DPV 2.3; consent-standards note, 3 and 8.
"""

from policies.document import (
    Benefit,
    Choice,
    Duplicates,
    Field,
    InteractionKind,
    Method,
    Survey,
)
from policies.linked_node import Node, ref, refs, texts
from policies.model import Rulebook
from policies.names import INTERACTION
from policies.survey import Question
from policies.vocabulary import dpv_iri


def contact(one: InteractionKind, here: str) -> Node:
    """Return what is said of a kind of contact alone."""
    found: Node = {}
    if one.reaches is not None:
        found["channel"] = one.reaches.value
    if one.portal:
        found["writers"] = [dpv_iri("DataSubject")]
    if one.follow_up is not None:
        found["followUp"] = {
            "@type": dpv_iri("Obligation"),
            "duration": one.follow_up.within,
            "staff": refs(here, [f"staff-{one.follow_up.owner}"]),
        }
    return found


def benefit(one: Benefit, here: str) -> Node:
    """Return what is given for which details."""
    return {"identifier": one.id, "label": texts(one.label), "data": refs(here, one.needs)}


def method(one: Method, field: Field, here: str) -> Node:
    """Return what the vault counts; `field` is the one that it yields."""
    labels = {choice.id: texts(choice.label) for choice in field.choices}
    parts: list[Node] = [{"identifier": band.id, "minimum": band.start} for band in one.bands]
    for segment in one.segments:
        when = [
            {"data": refs(here, [need.field]), "values": list(need.values)} for need in segment.when
        ]
        parts.append({"identifier": segment.id, "when": when})
    for way in one.ways:
        data = refs(here, (f"{INTERACTION}.{kind}" for kind in way.kinds))
        parts.append({"identifier": way.id, "data": data})
    found: Node = {
        "@type": dpv_iri("AlgorithmicLogic"),
        "form": one.function.value,
        "minimum": one.least,
    }
    if one.period is not None:
        found["duration"] = one.period
    if one.fact is not None:
        found["fact"] = one.fact
    if parts:
        found["parts"] = [{**part, "label": labels[str(part["identifier"])]} for part in parts]
    return found


def survey(one: Survey, here: str) -> Node:
    """Return what is asked."""
    return {
        "@id": f"{here}#survey-{one.id}",
        "@type": dpv_iri("Process"),
        "identifier": one.id,
        "label": texts(one.label),
        "description": texts(one.invitation),
        "thanks": texts(one.thanks),
        "within": refs(here, [one.purpose]),
        "data": refs(here, one.after),
        "outcome": ref(f"{here}#{one.answer}"),
        "channel": one.channel.value,
        "wait": one.wait,
        "frequency": {"@type": dpv_iri("Frequency"), "duration": one.at_most},
        "duration": one.expires,
        "parts": [_question(asked) for asked in one.questions],
    }


def _question(one: Question) -> Node:
    found: Node = {"identifier": one.id, "form": one.type.value, "label": texts(one.label)}
    if one.low is not None:
        found["maximum"] = one.low
    if one.choices:
        found["parts"] = [_choice(choice) for choice in one.choices]
    return found


def _choice(one: Choice) -> Node:
    return {"identifier": one.id, "label": texts(one.label)}


def duplicates(one: Duplicates, here: str) -> Node:
    """Return when two customers may be one person."""
    return {
        "@id": f"{here}#the-duplicates",
        "@type": dpv_iri("Process"),
        "processing": [dpv_iri("Match")],
        "within": refs(here, [one.purpose]),
        "parts": [{"data": refs(here, names)} for names in one.same],
    }


def of_code(rulebook: Rulebook, here: str) -> Node:
    """Return the surveys and the search for duplicates, where there are any."""
    code = rulebook.code
    found: Node = {}
    if code.surveys:
        found["surveys"] = [survey(one, here) for one in code.surveys]
    if code.duplicates is not None:
        found["duplicates"] = duplicates(code.duplicates, here)
    return found
