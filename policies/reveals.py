"""Warn of what may tell of health, faith or the like without being of a special category.

Data from which something specially protected can be concluded is specially protected itself. Words
can only hint at it, so this is a warning and no mistake: the publisher looks, and decides.
Source: C-184/20; C-21/23 Lindenapotheke; consent-standards note, 1.
"""

import re

from policies.document import Code, Field, InteractionKind
from policies.errors import Mistakes
from policies.names import Sensitivity
from policies.survey import Question

# Beginnings of words in names, labels and choices, in every language of a code.
_HINTS = (
    *("allerg", "alérg", "alerg", "diet", "gluten", "glúten", "lactose", "vegan", "vegetarian"),
    *("halal", "kosher", "church", "igreja", "relig", "prayer", "health", "saúde", "medic"),
    *("pharma", "farmá", "prescri", "receita médica", "pregnan", "grávid", "gravidez", "disab"),
    *("defici", "union", "sindic", "politic", "polític", "ethnic", "étnic"),
)
_HINT = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, _HINTS))})\w*", re.IGNORECASE)


def check(code: Code, mistakes: Mistakes) -> None:
    """Warn of each field or kind that may reveal more than it says."""
    for field in code.fields:
        said = [field.name.partition(".")[2], *_labels(field)]
        said += [one.id for one in field.choices]
        said += [text for one in field.choices for _, text in one.label.entries]
        _warn(("fields", field.name), field, said, mistakes)
    for kind in code.interactions:
        _warn(("interactions", kind.kind), kind, [kind.kind, *_labels(kind)], mistakes)
    special = {one.name for one in code.interactions if one.sensitivity is Sensitivity.SPECIAL}
    for survey in code.surveys:
        for asked in survey.questions:
            if survey.answer not in special:
                _ask(("surveys", survey.id, "questions", asked.id), asked, mistakes)


def _ask(path: tuple[str, ...], asked: Question, mistakes: Mistakes) -> None:
    several = (asked.label, *(one.label for one in asked.choices))
    found = (_HINT.search(text) for one in several for _, text in one.entries)
    if hint := next(filter(None, found), None):
        what = f"'{hint.group()}' may tell of something that the law specially protects."
        mistakes.warn(path, what, "Ask something else, unless the answer cannot tell of it.")


def _labels(one: Field | InteractionKind) -> list[str]:
    return [text for _, text in one.label.entries]


def _warn(
    path: tuple[str, ...], one: Field | InteractionKind, said: list[str], mistakes: Mistakes
) -> None:
    if one.sensitivity is Sensitivity.SPECIAL:
        return
    for text in said:
        if found := _HINT.search(text):
            what = f"'{found.group()}' may tell of something that the law specially protects."
            advice = "Write `sensitivity: special` and ask for explicit consent, unless it cannot."
            mistakes.warn((*path, "sensitivity"), what, advice)
            return
