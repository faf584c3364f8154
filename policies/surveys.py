"""Check that surveys, follow-ups, benefits and the search for duplicates fit the rest of the code.

Whatever is asked, promised or looked for needs a purpose that uses what it touches, so that the page
of the code shows it and the decision tables allow it.
Source: consent-standards note, 8; GDPR 5(1)(b) and (c).
"""

from policies.document import Code, Duplicates, InteractionKind, Purpose, Survey
from policies.durations import Duration
from policies.errors import Mistakes, Path, neighbour, quoted
from policies.names import Action, Channel, FieldType, Sensitivity, Source
from policies.survey import Question, QuestionType

MAX_QUESTIONS = 10  # a survey takes a minute
MAX_OPEN = Duration(months=0, days=90)  # then a link ends
LEAST_GROUP, MOST_GROUP = 5, 1_000  # customers
_TOP = {QuestionType.NPS: 9, QuestionType.CSAT: 4}  # a score above it is never low
_REACHED_BY = {
    Channel.PHONE: FieldType.PHONE,
    Channel.EMAIL: FieldType.EMAIL,
    Channel.POST: FieldType.ADDRESS,
}


def check(code: Code, mistakes: Mistakes) -> None:
    """Note every survey, kind of event, benefit and rule for duplicates that does not fit."""
    for kind in code.interactions:
        _kind(("interactions", kind.kind), kind, mistakes)
    for purpose in code.purposes:
        _benefits(("purposes", purpose.id, "benefits"), purpose, mistakes)
    purposes = {one.id: one for one in code.purposes}
    for survey in code.surveys:
        path: Path = ("surveys", survey.id)
        purpose_of = purposes.get(survey.purpose)
        if purpose_of is None:
            what = f"{quoted(survey.purpose)} is no purpose."
            mistakes.at((*path, "purpose"), what, neighbour(survey.purpose, purposes))
        else:
            _survey(path, survey, purpose_of, code, mistakes)
        for question in survey.questions:
            _question((*path, "questions", question.id), question, mistakes)
    if code.duplicates is not None:
        _duplicates(code.duplicates, purposes, code, mistakes)
    least = code.minimum_group
    if least is not None and not LEAST_GROUP <= least <= MOST_GROUP:
        what = f"A group that is shown has {LEAST_GROUP} to {MOST_GROUP} customers at the least."
        mistakes.at(("minimum_group",), what, "Write `minimum_group: 10`.")


def _kind(path: Path, kind: InteractionKind, mistakes: Mistakes) -> None:
    if kind.portal and Source.TOLD not in kind.sources:
        what = f"`{kind.kind}` is not told, so no customer writes one."
        mistakes.at((*path, "portal"), what, "Add `told` to its sources, or delete this line.")
    if kind.portal and kind.reaches is not None:
        what = f"`{kind.kind}` is the business reaching a customer, who does not write it."
        mistakes.at((*path, "portal"), what, "Keep one of `portal` and `reaches`.")


def _benefits(path: Path, purpose: Purpose, mistakes: Mistakes) -> None:
    for benefit in purpose.benefits:
        for name in benefit.needs:
            if name not in purpose.names:
                what = f"`{purpose.id}` does not use {quoted(name)}."
                where = (*path, benefit.id, "needs")
                mistakes.at(where, what, neighbour(name, sorted(purpose.names)))


def _survey(path: Path, one: Survey, purpose: Purpose, code: Code, mistakes: Mistakes) -> None:
    actions = {use.name: use.actions for use in purpose.uses}
    kinds = {kind.name: kind for kind in code.interactions}
    answer = kinds.get(one.answer)
    if answer is None:
        what = f"{quoted(one.answer)} is not declared under `interactions`."
        mistakes.at((*path, "answer"), what, neighbour(one.answer, kinds))
    elif Source.TOLD not in answer.sources or answer.follow_up is None:
        what = f"`{one.answer}` is no kind that customers tell and that is followed up."
        advice = "Add `told` to its sources, and `follow_up: {within: P5D, owner: support}`."
        mistakes.at((*path, "answer"), what, advice)
    elif Action.APPEND not in actions.get(one.answer, ()):
        what = f"`{purpose.id}` may not add `{one.answer}`."
        mistakes.at((*path, "answer"), what, f"Add `{one.answer}: [read, append]` to what it uses.")
    for name in one.after:
        if name not in kinds:
            what = f"{quoted(name)} is not declared under `interactions`."
            mistakes.at((*path, "after"), what, neighbour(name, kinds))
        elif Action.READ not in actions.get(name, ()):
            what = f"`{purpose.id}` may not read `{name}`."
            mistakes.at((*path, "after"), what, f"Add `{name}: [read]` to what it uses.")
    wanted = _REACHED_BY[one.channel]
    fields = {field.name: field for field in code.fields}
    if not any(name in fields and fields[name].type is wanted for name in purpose.names):
        what = f"`{purpose.id}` uses nothing by which {one.channel} reaches a customer."
        mistakes.at((*path, "channel"), what, f"Add a field of the type {wanted} to what it uses.")
    lasts = Duration.parse(one.expires)
    if lasts is not None and not lasts.within(MAX_OPEN):
        what = f"A link can be used for {MAX_OPEN.days} days at the most."
        mistakes.at((*path, "expires"), what, f"Write P{MAX_OPEN.days}D or less.")
    if len(one.questions) > MAX_QUESTIONS:
        what = f"A survey has {MAX_QUESTIONS} questions at the most."
        mistakes.at((*path, "questions"), what, "Ask less.")


def _question(path: Path, one: Question, mistakes: Mistakes) -> None:
    chosen = one.type in {QuestionType.CHOICE, QuestionType.SEVERAL}
    if chosen and not one.choices:
        what = "There is nothing to choose."
        mistakes.at(path, what, "Add `choices: {taste: The taste, wait: The wait}`.")
    if one.choices and not chosen:
        what = f"A question of the type {one.type} has no choices."
        mistakes.at((*path, "choices"), what, "Write `type: choice`, or delete them.")
    if one.low is not None and not 0 <= one.low <= _TOP.get(one.type, -1):
        what = f"A question of the type {one.type} has no such low score."
        mistakes.at((*path, "low"), what, "Write a lower number, or delete this line.")


def _duplicates(
    one: Duplicates, purposes: dict[str, Purpose], code: Code, mistakes: Mistakes
) -> None:
    path: Path = ("duplicates",)
    purpose = purposes.get(one.purpose)
    if purpose is None:
        what = f"{quoted(one.purpose)} is no purpose."
        mistakes.at((*path, "purpose"), what, neighbour(one.purpose, purposes))
        return
    fields = {field.name: field for field in code.fields}
    actions = {use.name: use.actions for use in purpose.uses}
    for name in dict.fromkeys(name for several in one.same for name in several):
        known = fields.get(name)
        if known is None:
            what = f"{quoted(name)} is not declared."
            mistakes.at((*path, "same"), what, neighbour(name, fields))
        elif Action.READ not in actions.get(name, ()):
            what = f"`{purpose.id}` may not read `{name}`."
            mistakes.at((*path, "same"), what, f"Add `{name}: [read]` to what it uses.")
        elif known.sensitivity is Sensitivity.SPECIAL:
            what = f"`{name}` is of a special category, by which nobody is compared."
            mistakes.at((*path, "same"), what, "Take it out of this list.")
        elif known.type in {FieldType.LIST, FieldType.FLAG, FieldType.CHOICE}:
            what = f"Many people share a value of `{name}`."
            mistakes.at((*path, "same"), what, "Take it out of this list.")
