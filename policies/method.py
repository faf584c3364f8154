"""Hold how the vault works a trait out, as data, and read it from YAML.

A method names one of a few pure functions (`vault/core/trait.py`) and what it is given; there is no
formula language, so that a page can say in words what is done. Whether it fits the field and the
inputs of its derivation is for `policies/methods.py` to say.
Source: consent-standards note, 8 (differentiate by value and by needs).
"""

from dataclasses import dataclass
from enum import StrEnum

from policies.names import FIELD, NAME
from policies.section import Section


class Function(StrEnum):
    """What is worked out."""

    RECENCY = "recency"  # days since the last event
    FREQUENCY = "frequency"  # events in a period
    VALUE = "value"  # a number of their contents, added up over a period
    NEEDS = "needs"  # the first group of wishes whose conditions all hold
    CHANNEL = "channel"  # the way by which most events came


@dataclass(frozen=True, slots=True)
class Band:
    """A choice that stands for all numbers from one on, up to the next band."""

    id: str
    start: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A field whose value is one of some; of a list, which holds one of them."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A choice that stands for wishes."""

    id: str
    when: tuple[Condition, ...]  # all must hold


@dataclass(frozen=True, slots=True)
class Way:
    """A choice that stands for the kinds of events that come by one way."""

    id: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """One function with what it is given."""

    function: Function
    period: str | None = None  # ISO 8601 duration back from the moment of the working out
    fact: str | None = None  # member of an event's content that is added up
    least: int = 1  # events without which nothing is said
    bands: tuple[Band, ...] = ()  # none: the number itself
    segments: tuple[Segment, ...] = ()
    ways: tuple[Way, ...] = ()


FORM = {
    "function": "frequency",
    "period": "P12M",
    "fact": "total",
    "least": "3",
    "bands": "{seldom: 1, often: 12}",
    "segments": "{curious: {preferences.topics: [courses]}}",
    "ways": "{phone: [call]}",
}


def read(section: Section) -> Method:
    """Read a method; every mistake of form is noted."""
    return Method(
        function=section.pick("function", Function),
        period=section.duration("period") if section.has("period") else None,
        fact=section.line("fact", pattern=NAME) if section.has("fact") else None,
        least=section.number("least") if section.has("least") else 1,
        bands=tuple(
            Band(one.key, section.number_of(one.node, "bands"))
            for one in section.entries("bands", NAME, "seldom", needed=False)
        ),
        segments=tuple(
            Segment(
                one.key,
                tuple(
                    Condition(field.key, section.words_of(field.node, "segments"))
                    for field in section.entries_of(one, FIELD, "preferences.topics")
                ),
            )
            for one in section.entries("segments", NAME, "curious", needed=False)
        ),
        ways=tuple(
            Way(one.key, section.words_of(one.node, "ways"))
            for one in section.entries("ways", NAME, "phone", needed=False)
        ),
    )
