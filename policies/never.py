"""Say which clauses fall under a promise "this we never do", and which of two promises is stronger.

A clause falls under a promise when it meets every condition that the promise names. A condition on
what is used (category, sensitivity, source) and one on who receives (another business, a country)
must be met together by one field and by one recipient; type, profiling and basis are met by the
clause itself. A type or a category stands for everything narrower. A code with such a clause does
not compile, so a promise is given up in the open or not at all.
Source: GDPR 5(1)(a) and (b); consent-standards note, 1 and 3.
"""

from collections.abc import Collection, Iterable

from policies import vocabulary
from policies.broader import is_a
from policies.document import Code, Field, InteractionKind, Never, Purpose, Recipient
from policies.errors import Mistakes, Path, neighbour, quoted

_TYPES = (*vocabulary.PURPOSES, *vocabulary.NEVER)
_PLACES = (*vocabulary.REGIONS, "IE", "BR", "GB")  # what an error advises to write


def check(code: Code, mistakes: Mistakes) -> None:
    """Note each promise that no clause could be compared with, and each clause that falls under one."""
    for promise in code.never:
        path = ("never", promise.id)
        _terms((*path, "types"), promise.types, "type of purpose", _TYPES, mistakes)
        _terms(
            (*path, "categories"),
            promise.categories,
            "category of personal data",
            vocabulary.CATEGORIES,
            mistakes,
        )
        for country in promise.countries_outside:
            if country not in vocabulary.REGIONS and country not in vocabulary.COUNTRIES:
                what = f"{quoted(country)} is no country and no region."
                mistakes.at((*path, "countries_outside"), what, neighbour(country, _PLACES))
        if not _conditions(promise):
            what = "The promise names nothing that a clause could be compared with."
            advice = "Add `types: [SellDataToThirdParties]`, or write it under `promises`."
            mistakes.at(path, what, advice)
            continue
        for purpose in code.purposes:
            if falls_under(promise, purpose, code):
                line = mistakes.places.get(path, (1, 1))[0]
                what = f"`{purpose.id}` does what `{promise.id}` in line {line} says is never done."
                advice = (
                    "Take out of the purpose what the promise names, or publish a code without it."
                )
                mistakes.at(("purposes", purpose.id), what, advice)


def falls_under(promise: Never, purpose: Purpose, code: Code) -> bool:
    """Tell whether a clause meets every condition of a promise."""
    kept: tuple[Field | InteractionKind, ...] = (*code.fields, *code.interactions)
    known = {one.name: one for one in kept}
    apps = {one.id: one for one in code.recipients}
    of_names = promise.categories or promise.sensitivity or promise.sources
    of_apps = promise.external or promise.countries_outside
    used = [known[use.name] for use in purpose.uses if use.name in known]
    receiving = [apps[app] for app in purpose.recipients if app in apps]
    return all(
        (
            _conditions(promise),
            not promise.types or _some(purpose.types, promise.types),
            not promise.profiling or purpose.profiling,
            not promise.bases or purpose.basis in promise.bases,
            not of_names or any(_about(promise, one) for one in used),
            not of_apps or any(_to(promise, one) for one in receiving),
        )
    )


def covers(one: Never, other: Never) -> bool:
    """Tell whether every clause that falls under the other promise falls under this one too."""
    there, here = places(other.countries_outside), places(one.countries_outside)
    return all(
        (
            not one.types or _all(other.types, one.types),
            not one.categories or _all(other.categories, one.categories),
            not one.sensitivity or _within(other.sensitivity, one.sensitivity),
            not one.sources or _within(other.sources, one.sources),
            not one.external or other.external,
            # The fewer countries are inside, the more are outside.
            not one.countries_outside or _within(here, there),
            not one.profiling or other.profiling,
            not one.bases or _within(other.bases, one.bases),
        )
    )


def places(named: Iterable[str]) -> frozenset[str]:
    """Return the countries that a list of countries and regions names."""
    return frozenset().union(*(vocabulary.REGIONS.get(one, frozenset({one})) for one in named))


def _conditions(promise: Never) -> bool:
    return any(
        (
            promise.types,
            promise.categories,
            promise.sensitivity,
            promise.sources,
            promise.external,
            promise.countries_outside,
            promise.profiling,
            promise.bases,
        )
    )


def _about(promise: Never, one: Field | InteractionKind) -> bool:
    return all(
        (
            not promise.categories or _some((one.category,), promise.categories),
            not promise.sensitivity or one.sensitivity in promise.sensitivity,
            not promise.sources or not {*promise.sources}.isdisjoint(one.sources),
        )
    )


def _to(promise: Never, app: Recipient) -> bool:
    outside = promise.countries_outside
    return (app.external or not promise.external) and (
        not outside or app.country not in places(outside)
    )


def _some(held: Iterable[str], named: Iterable[str]) -> bool:
    return any(is_a(one, other) for one in held for other in named)


def _all(held: tuple[str, ...], named: Iterable[str]) -> bool:
    """Tell whether there is something and all of it is named, or narrower than what is."""
    return bool(held) and all(any(is_a(one, other) for other in named) for one in held)


def _within(held: Collection[str], named: Collection[str]) -> bool:
    """Tell whether there is something and all of it is named."""
    return bool(held) and set(held) <= set(named)


def _terms(
    path: Path, named: Iterable[str], kind: str, known: Iterable[str], mistakes: Mistakes
) -> None:
    for name in named:
        if name not in known:
            mistakes.at(path, f"{quoted(name)} is no {kind}.", neighbour(name, known))
