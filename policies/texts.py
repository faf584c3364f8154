"""Give every text of a code of ethics that a customer may read, with its place in the document."""

from collections.abc import Iterator

from policies.document import Code, Texts
from policies.errors import Path

_OF_PURPOSE = ("label", "what", "why", "benefit", "without", "until", "law", "balancing")
_OF_SURVEY = ("label", "invitation", "thanks")
_OF_DERIVATION = ("label", "how", "contest", "human")


def texts(code: Code) -> Iterator[tuple[Path, Texts]]:
    """Yield each text after its path."""
    yield ("title",), code.title
    yield from ((("promises",), promise) for promise in code.promises)
    yield from ((("measures",), measure) for measure in code.measures)
    yield from ((("sources", rule.source), rule.how) for rule in code.sources)
    for group in code.groups:
        yield ("groups", group.id, "label"), group.label
        yield ("groups", group.id, "why"), group.why
    for field in code.fields:
        path: Path = ("fields", field.name)
        yield (*path, "label"), field.label
        yield (*path, "why"), field.why
        yield from (((*path, "choices", one.id), one.label) for one in field.choices)
    for kind in code.interactions:
        path = ("interactions", kind.kind)
        yield (*path, "label"), kind.label
        yield (*path, "why"), kind.why
    for app in code.recipients:
        yield from _held(("recipients", app.id), app, ("name", "team", "safeguard"))
    for purpose in code.purposes:
        yield from _held(("purposes", purpose.id), purpose, _OF_PURPOSE)
        for benefit in purpose.benefits:
            yield ("purposes", purpose.id, "benefits", benefit.id, "label"), benefit.label
    for promise in code.never:
        yield ("never", promise.id, "text"), promise.text
    for derivation in code.derivations:
        yield from _held(("derivations", derivation.id), derivation, _OF_DERIVATION)
    for survey in code.surveys:
        path = ("surveys", survey.id)
        yield from _held(path, survey, _OF_SURVEY)
        for question in survey.questions:
            yield (*path, "questions", question.id, "label"), question.label
            for choice in question.choices:
                yield (*path, "questions", question.id, "choices", choice.id), choice.label


def _held(path: Path, part: object, keys: tuple[str, ...]) -> Iterator[tuple[Path, Texts]]:
    for key in keys:
        held: Texts | None = getattr(part, key)
        if held is not None:
            yield (*path, key), held
