"""Show what a version of the code of ethics changed: clause by clause, then the rest.

It is the comparison that decides what becomes of consents, so the page and the vault cannot differ.
Everything here is public and knows no customer.
Source: portal note, 2; consent-standards note, 5.
"""

from collections.abc import Callable
from dataclasses import dataclass

from policies.diff import ClauseDiff, Outcome, diff, promises
from policies.model import Rulebook
from portal import clause_words
from portal.answers import Page
from portal.clause_words import Marked
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from vault.core.errors import NotAvailableError
from vault.services import published


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause that is not what it was."""

    label: str
    href: str  # of the clause
    state: Badge
    changes: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Everything of `/code/{version}/changes`."""

    title: str
    version: str
    before: str
    clauses: tuple[Clause, ...]
    same: int  # clauses that are as they were
    rest: tuple[Marked, ...]  # fields, promises and rules of one's own


async def show(visit: Visit) -> Page:
    """Compare a version with the one that was in force before it."""
    new = await published.version(visit.deps, visit.params["version"])
    old = await published.before(visit.deps, new)
    if old is None:
        raise NotAvailableError
    found = diff(old, new)
    changed = [one for one in found if one.outcome is not Outcome.EQUAL or one.reworded]
    page = ChangesPage(
        title=translate(
            visit.lang,
            N_("What version {new} changed after {old}"),
            new=new.version,
            old=old.version,
        ),
        version=new.version,
        before=old.version,
        clauses=tuple(_clause(one, old, new, visit.lang) for one in changed),
        same=len(found) - len(changed),
        rest=tuple(rest(old, new, visit.lang)),
    )
    return Page("code_changes.html", page, "/code")


def _clause(one: ClauseDiff, old: Rulebook, new: Rulebook, lang: str) -> Clause:
    book = new if one.purpose in new.purposes else old
    return Clause(
        label=book.purposes[one.purpose].label.get(lang),
        href=f"/code/{book.version}#{one.purpose}",
        state=clause_words.outcome(one.outcome, lang),
        changes=clause_words.marked(one, old, new, lang),
    )


def rest(old: Rulebook, new: Rulebook, lang: str) -> list[Marked]:
    """Compare what belongs to no clause; a promise taken back asks more, one more asks less."""
    fields = [[one.label.get(lang) for one in book.code.fields] for book in (old, new)]
    kept = [[one.get(lang) for one in book.code.promises] for book in (old, new)]
    found = [
        _marked(N_("What we want to know"), fields, lang, wider=lambda added, _: bool(added)),
        _marked(N_("What we promise"), kept, lang, wider=lambda _, removed: bool(removed)),
        _never(old, new, lang),
    ]
    return [one for one in found if one.added or one.removed]


def _marked(
    heading: str,
    said: list[list[str]],
    lang: str,
    *,
    wider: Callable[[tuple[str, ...], tuple[str, ...]], bool],
) -> Marked:
    before, after = said
    added = tuple(one for one in after if one not in before)
    removed = tuple(one for one in before if one not in after)
    return Marked(
        translate(lang, heading), wider=wider(added, removed), added=added, removed=removed
    )


def _never(old: Rulebook, new: Rulebook, lang: str) -> Marked:
    """Compare what is promised never to be done by what it forbids, not by its words alone."""
    found = [one for one in promises(old, new) if one.outcome is not Outcome.EQUAL]
    changed = {one.promise for one in found}
    return Marked(
        heading=translate(lang, N_("What we never do")),
        wider=any(one.given_up for one in found),
        added=tuple(one.text.get(lang) for one in new.code.never if one.id in changed),
        removed=tuple(one.text.get(lang) for one in old.code.never if one.id in changed),
    )
