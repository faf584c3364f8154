"""Make of a plan what its page shows: clauses, customers, apps and what else a change would do.

It is the plan that is weighed again when somebody approves, so page and effect cannot differ.
Source: consent-standards note, 5; portal note, 8.
"""

import json
from dataclasses import dataclass

from policies.compile import warnings
from policies.diff import Outcome
from policies.errors import CodeError
from policies.model import Rulebook
from portal import clause_words
from portal.clause_words import Marked
from portal.language import N_, translate
from portal.pages import code_changes
from portal.state import Badge
from portal.words import Moment, day, moment
from vault.services.app_change import Change
from vault.services.publication_plan import Fate, Plan
from vault.services.registered import Registered


@dataclass(frozen=True, slots=True)
class Row:
    """One clause, and what becomes of it."""

    id: str
    label: str
    state: Badge
    ended: str
    narrowed: str
    changes: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Something stored that is deleted, because no clause names it any more."""

    name: str
    rows: str
    customers: str


@dataclass(frozen=True, slots=True)
class CodePlan:
    """A version of the code of ethics before it is published."""

    version: str
    before: str  # the version that it follows; "" for the first
    digest: str
    effective: Moment
    rows: tuple[Row, ...]
    same: int  # clauses that are as they were
    rest: tuple[Marked, ...]
    customers: str
    letters: str
    told: str  # who cannot be asked
    apps: tuple[tuple[str, str], ...]
    dropped: tuple[Gone, ...]


@dataclass(frozen=True, slots=True)
class Different:
    """One member of a registration that is not what it was."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AppPlan:
    """A registration before it is made."""

    app: str
    name: str
    replaces: bool
    added: tuple[str, ...]  # what it may do that it may not at present
    removed: tuple[str, ...]
    others: tuple[Different, ...]
    review: Moment


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake of a document, or something to look at in it."""

    where: str
    what: str
    advice: str
    text: str  # the line itself


def remarks(source: str, lang: str) -> tuple[Mistake, ...]:
    """Return what somebody should look at in a code of ethics that may be published."""
    return tuple(mistake(one, source, lang) for one in warnings(source.encode(), name="draft"))


def mistake(one: CodeError, source: str, lang: str) -> Mistake:
    """Return a mistake of a document with its line."""
    where = translate(lang, N_("Line {line}, column {column}"), line=one.line, column=one.column)
    lines = source.splitlines()
    text = lines[one.line - 1] if 0 < one.line <= len(lines) else ""
    return Mistake(where, one.what, one.advice, text.strip()[:200])


def code(plan: Plan, lang: str) -> CodePlan:
    """Return a publication as its page shows it."""
    book, old = plan.rulebook, plan.before
    changed = [one for one in plan.clauses if _is_changed(one)]
    return CodePlan(
        version=book.version,
        before=old.version if old else "",
        digest=book.digest,
        effective=moment(plan.effective_at, lang),
        rows=tuple(_row(one, old, book, lang) for one in changed) if old else (),
        same=len(plan.clauses) - len(changed),
        rest=tuple(code_changes.rest(old, book, lang)) if old else (),
        customers=f"{plan.customers:,}",
        letters=f"{plan.letters:,}",
        told=f"{plan.told:,}",
        apps=plan.apps,
        dropped=tuple(
            Gone(one.name, f"{one.rows:,}", f"{one.customers:,}") for one in plan.dropped
        ),
    )


def app(change: Change, lang: str) -> AppPlan:
    """Return a registration as its page shows it."""
    new, old = change.read, change.live.registered if change.live else None
    may, might = _may(new), _may(old) if old else frozenset()
    return AppPlan(
        app=new.registration.client_id,
        name=new.registration.client_name,
        replaces=change.known is not None,
        added=tuple(sorted(may - might)),
        removed=tuple(sorted(might - may)),
        others=tuple(_different(old, new)) if old else (),
        review=day(new.registration.review_by, lang),
    )


def _is_changed(fate: Fate) -> bool:
    return fate.clause.outcome is not Outcome.EQUAL or fate.clause.reworded


def _row(fate: Fate, old: Rulebook, new: Rulebook, lang: str) -> Row:
    purpose = fate.clause.purpose
    book = new if purpose in new.purposes else old
    return Row(
        id=purpose,
        label=book.purposes[purpose].label.get(lang),
        state=clause_words.outcome(fate.clause.outcome, lang),
        ended=f"{fate.ended:,}",
        narrowed=f"{fate.narrowed:,}",
        changes=clause_words.marked(fate.clause, old, new, lang),
    )


def _may(one: Registered) -> frozenset[str]:
    return frozenset(f"{each.purpose}: {each.action} {each.name}" for each in one.permissions)


def _different(old: Registered, new: Registered) -> list[Different]:
    before, after = json.loads(old.document), json.loads(new.document)
    return [
        Different(name, _text(before.get(name)), _text(after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
