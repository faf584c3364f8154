"""Lay out what a code says of contacts, benefits, methods, surveys and duplicates, for its page.

The words are those of `policies.wording`, as in the plain text. Each fact stands beside its form for
programs, which the page holds as the value of a `data` element, so that a test can read it back.
"""

from collections.abc import Iterator

from policies.method_words import labelled, sentence, yields
from policies.page_view import (
    ClauseView,
    DuplicatesView,
    KeptView,
    MethodView,
    QuestionView,
    SurveyView,
)
from policies.wording import Wording
from portal.code_view import Benefit, Duplicates, Fact, Method, Question, Survey

_NONE = "-"  # for what is not said


def contact(one: KeptView, words: Wording) -> Iterator[Fact]:
    """Give whether it reaches the customer, whether customers write it, and what follows."""
    if one.reaches is not None:
        yield f"reaches {one.reaches}", f"{words.say('reaches')}: {words.name(one.reaches)}"
    if one.portal:
        yield "portal", words.say("portal")
    if one.follow_up is not None:
        within, owner = one.follow_up.within, one.follow_up.owner
        said = words.say("follow_up", duration=words.lasts(within), owner=words.name(owner))
        yield f"follow_up {within} {owner}", said


def benefits(one: ClauseView) -> tuple[Benefit, ...]:
    """Return what a clause gives for what is shared."""
    return tuple(Benefit((f"benefit {it.id}", it.label), it.needs) for it in one.benefits)


def method(one: MethodView, words: Wording) -> Method:
    """Return what the vault counts."""
    held = (one.function, one.period or _NONE, one.fact or _NONE, str(one.least))
    said = (text for _, text in yields(one, words, labelled))
    return Method(
        heading=words.say("method"),
        fact=(f"method {' '.join(held)}", sentence(one, words)),
        yields=tuple(zip(_yields(one), said, strict=True)),
    )


def _yields(one: MethodView) -> Iterator[str]:
    """Give the form for programs of each choice, in the order of `yields`."""
    for (choice, _), start in one.bands:
        yield f"band {choice} {start}"
    for (choice, _), conditions in one.segments:
        held = (
            f"{need.field[0]}={','.join(value for value, _ in need.values)}" for need in conditions
        )
        yield f"segment {choice} {' '.join(held)}"
    for (choice, _), kinds in one.ways:
        yield f"way {choice} {' '.join(kind for kind, _ in kinds)}"


def survey(one: SurveyView, words: Wording) -> Survey:
    """Return a survey."""
    times = (("wait", one.wait), ("at_most", one.at_most), ("expires", one.expires))
    return Survey(
        id=one.id,
        label=one.label,
        invitation=one.invitation,
        thanks=one.thanks,
        purpose=(words.say("survey_for"), one.purpose),
        after=(words.say("after"), one.after),
        how=(
            words.say("channel"),
            (
                (f"channel {one.channel}", words.name(one.channel)),
                *((f"{key} {it}", words.say(key, duration=words.lasts(it))) for key, it in times),
            ),
        ),
        answer=(words.say("answer"), one.answer),
        questions=(words.say("question"), tuple(_question(it, words) for it in one.questions)),
    )


def _question(one: QuestionView, words: Wording) -> Question:
    low = _NONE if one.low is None else str(one.low)
    return Question(
        fact=(f"question {one.id} {one.type} {low}", one.label),
        form=words.name(one.type),
        choices=tuple((f"choice {one.id} {choice}", label) for choice, label in one.choices),
        low="" if one.low is None else words.say("low", low=low),
    )


def duplicates(one: DuplicatesView, words: Wording) -> Duplicates:
    """Return when two customers may be one person."""
    return Duplicates(
        heading=words.say("duplicates"),
        purpose=(words.say("duplicates_for"), one.purpose),
        same=(words.say("alike"), one.same),
    )


def least(count: int, words: Wording) -> Fact:
    """Return of how many customers a number must be before it is shown."""
    return f"minimum_group {count}", words.say("minimum_group", count=str(count))
