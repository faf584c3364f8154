"""Say in words what a new code of ethics changes in methods, benefits, surveys and follow-ups.

Their items are named by ids of their own kind, not by details: of a survey, a question, a benefit.
All else is said by `portal/clause_words.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from policies.diff import Dimension, Item
from policies.method_words import labelled, sentence, yields
from policies.model import Derivation, Rulebook, Survey
from policies.names import Channel, StaffRole
from policies.page import method, spoken
from policies.readings import NO_METHOD
from policies.wording import of
from portal.code_words import word
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import lasting

Say = Callable[[Item, Labels], str]

_CHANNELS: Final[Mapping[str, str]] = {
    Channel.PHONE: N_("by telephone"),
    Channel.EMAIL: N_("by e-mail"),
    Channel.POST: N_("by letter"),
}


def item(dimension: Dimension, one: Item, labels: Labels) -> str | None:
    """Return an item in words; None for one that is said otherwise."""
    say = _SAYS.get(dimension)
    return say(one, labels) if say else None


def _of(name: str, value: str, labels: Labels) -> str:
    return translate(labels.lang, N_("{detail}: {value}"), detail=name, value=value)


def _by(name: str, one: Item, labels: Labels) -> str:
    return _of(name, translate(labels.lang, _CHANNELS[one.value]), labels)


def _method(one: Item, labels: Labels) -> str:
    found = labels.rulebook.derivation_of(one.name)
    said = translate(labels.lang, N_("by an app")) if one.value == NO_METHOD else ""
    if found is not None and found.method is not None:
        said = " ".join(_sentences(labels.rulebook, found, labels.lang))
    return _of(labels.of(one.name), said, labels)


def _sentences(rulebook: Rulebook, one: Derivation, lang: str) -> Iterator[str]:
    view = method(rulebook, one, lang)
    words = of(spoken(rulebook, lang))
    if view is not None:
        yield sentence(view, words)
        yield "; ".join(said for _, said in yields(view, words, labelled))


def _follow_up(one: Item, labels: Labels) -> str:
    within, _, owner = one.value.partition(" ")
    said = f"{lasting(within, labels.lang)}, {word(StaffRole(owner), labels.lang)}"
    return _of(labels.of(one.name), said, labels)


def _benefit(name: str, labels: Labels) -> str:
    found = (it for purpose in labels.rulebook.code.purposes for it in purpose.benefits)
    return next((it.label.get(labels.lang) for it in found if it.id == name), name)


def _survey(name: str, labels: Labels) -> str:
    found = labels.rulebook.survey(name)
    return found.label.get(labels.lang) if found else name


def _question(one: Item, labels: Labels) -> str:
    """Say a question, or what may be answered to it: `recommend nps 6`, `matter taste`."""
    survey = labels.rulebook.survey(one.name)
    question, _, rest = one.value.partition(" ")
    return _of(_survey(one.name, labels), _asked(survey, question, rest, labels), labels)


def _asked(survey: Survey | None, question: str, rest: str, labels: Labels) -> str:
    found = next((it for it in survey.questions if it.id == question), None) if survey else None
    if found is None:
        return question
    said = found.label.get(labels.lang)
    choice = next((it for it in found.choices if it.id == rest), None)
    return f"{said} {choice.label.get(labels.lang)}" if choice else said


def _together(one: Item, labels: Labels) -> str:
    return ", ".join(labels.of(name) for name in one.value.split())


def _span(one: Item, labels: Labels) -> str:
    return _of(_survey(one.name, labels), lasting(one.value, labels.lang), labels)


def _kind(one: Item, labels: Labels) -> str:
    return _of(_survey(one.name, labels), labels.of(one.value), labels)


_SAYS: Final[Mapping[Dimension, Say]] = {
    Dimension.METHOD: _method,
    Dimension.REACHES: lambda one, labels: _by(labels.of(one.name), one, labels),
    Dimension.FOLLOW_UP: _follow_up,
    Dimension.BENEFITS: lambda one, labels: _benefit(one.value, labels),
    Dimension.SHARED: lambda one, labels: _of(
        _benefit(one.name, labels), labels.of(one.value), labels
    ),
    Dimension.SURVEYS: lambda one, labels: _survey(one.value, labels),
    Dimension.ASKED_AFTER: _kind,
    Dimension.ASKED_AS: _kind,
    Dimension.ASKED_BY: lambda one, labels: _by(_survey(one.name, labels), one, labels),
    Dimension.ASKED_WHAT: _question,
    Dimension.ASKED_SOON: _span,
    Dimension.ASKED_OFTEN: _span,
    Dimension.ASKED_LONG: _span,
    Dimension.DUPLICATES: _together,
}
