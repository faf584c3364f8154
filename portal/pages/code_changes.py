"""Show what a version of the code of ethics changed: clause by clause, then the rest.

It is the comparison that decides what becomes of consents, so the page and the vault cannot differ.
Everything here is public and knows no customer.
Source: portal note, 2; consent-standards note, 5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from policies.diff import ClauseDiff, Outcome, diff, promises
from policies.model import Basis, Field, InteractionKind, Rulebook
from portal import clause_words
from portal.answers import Page
from portal.clause_words import Marked
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, day
from vault.core.concern import asks
from vault.core.errors import NotAvailableError
from vault.services import published

_UNASKED: Final = {
    Basis.CONTRACT: N_(
        "It rests on what you asked of us, so you are not asked anew. We write to whom it concerns."
    ),
    Basis.LEGAL_OBLIGATION: N_(
        "It rests on a law, so nobody is asked. We write to whom it concerns."
    ),
    Basis.VITAL_INTEREST: N_(
        "It protects somebody's life, so nobody is asked. We write to whom it concerns."
    ),
}
_OBJECT: Final = N_(
    "Nobody is asked, but you can object at any time. We write to whom it concerns."
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause that is not what it was."""

    label: str
    href: str  # of the clause
    state: Badge
    changes: tuple[Marked, ...]
    told: str = ""  # why nobody is asked; "" where everybody is


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Everything of `/code/{version}/changes`."""

    title: str
    version: str
    before: str
    since: Moment  # the day from which it holds
    clauses: tuple[Clause, ...]
    gone: tuple[str, ...]  # what is no longer kept, in sentences
    less: str  # that something is promised no longer; "" where all is kept
    same: int  # clauses that are as they were
    rest: tuple[Marked, ...]  # fields and promises


async def show(visit: Visit) -> Page:
    """Compare a version with the one that was in force before it."""
    new = await published.version(visit.deps, visit.params["version"])
    old = await published.before(visit.deps, new)
    if old is None:
        raise NotAvailableError
    found = diff(old, new)
    changed = [one for one in found if one.outcome is not Outcome.EQUAL or one.reworded]
    since = day(date.fromisoformat(new.code.effective), visit.lang)
    page = ChangesPage(
        title=translate(
            visit.lang,
            N_("What version {new} changed after {old}"),
            new=new.version,
            old=old.version,
        ),
        version=new.version,
        before=old.version,
        since=since,
        clauses=tuple(_clause(one, old, new, visit.lang) for one in changed),
        gone=_gone(old, new, since, visit.lang),
        less=_less(old, new, visit.lang),
        same=len(found) - len(changed),
        rest=tuple(rest(old, new, visit.lang, gone=False)),
    )
    return Page("code_changes.html", page, "/code")


def _clause(one: ClauseDiff, old: Rulebook, new: Rulebook, lang: str) -> Clause:
    book = new if one.purpose in new.purposes else old
    return Clause(
        label=book.purposes[one.purpose].label.get(lang),
        href=f"/code/{book.version}#{one.purpose}",
        state=clause_words.outcome(one.outcome, lang),
        changes=clause_words.marked(one, old, new, lang),
        told=_told(one, new, lang),
    )


def _told(one: ClauseDiff, new: Rulebook, lang: str) -> str:
    """Say why nobody is asked whether a clause may do more."""
    if not asks(one, new):
        return ""
    basis = new.purposes[one.purpose].basis
    return translate(lang, _UNASKED.get(basis, _OBJECT))


def _only(one: Rulebook, other: Rulebook, lang: str) -> tuple[str, ...]:
    """Return the labels of what one code keeps and the other does not."""
    kept: tuple[Field | InteractionKind, ...] = (*one.code.fields, *one.code.interactions)
    return tuple(each.label.get(lang) for each in kept if each.name not in other.sources)


def _gone(old: Rulebook, new: Rulebook, since: Moment, lang: str) -> tuple[str, ...]:
    """Say what is deleted, because the new code no longer names it."""
    said = N_("We delete: {detail}, from {date}")
    return tuple(
        translate(lang, said, detail=label, date=since.text) for label in _only(old, new, lang)
    )


def _less(old: Rulebook, new: Rulebook, lang: str) -> str:
    if not any(one.given_up for one in promises(old, new)):
        return ""
    return translate(lang, N_("We promise less than before. We write to everybody about it."))


def rest(old: Rulebook, new: Rulebook, lang: str, *, gone: bool = True) -> list[Marked]:
    """Compare what belongs to no clause; a promise taken back asks more, one more asks less.

    Args:
        old: the code before.
        new: the one after it.
        lang: of the words.
        gone: whether to name what is no longer kept; False where that stands elsewhere.
    """
    added, removed = _only(new, old, lang), _only(old, new, lang) if gone else ()
    kept = [[one.get(lang) for one in book.code.promises] for book in (old, new)]
    found = [
        Marked(translate(lang, N_("What we want to know")), bool(added), added, removed),
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
