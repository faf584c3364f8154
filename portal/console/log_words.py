"""Put the facts of an entry into words for staff: what happened, by whom, what came of it.

Staff read what the code of ethics calls things; an id that it does not name any more stays an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policies.model import Rulebook
from policies.names import AUDIT, ERASURE, FOLLOW_UP, HOLD, NOTICE, OWN, REQUEST
from portal.labels import WHY, Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, moment, of_ms
from vault.core.entry import Kind
from vault.core.log_filter import Decision, Known

KINDS: Final = {
    Kind.READ: N_("Read"),
    Kind.WRITTEN: N_("Written"),
    Kind.DENIED: N_("Refused whole"),
    Kind.OWN_LOOK: N_("Customer's own look"),
    Kind.STAFF_LOOK: N_("Look by staff"),
    Kind.EXPORT: N_("Exported"),
    Kind.RESOLVE: N_("Looked up by an identifier"),
    Kind.MARKED: N_("Marked right or wrong"),
    Kind.MAY_REACH: N_("Asked whether the customer may be reached"),
    Kind.GIVEN: N_("Consent given"),
    Kind.REFUSED: N_("Consent refused"),
    Kind.WITHDRAWN: N_("Consent ended"),
    Kind.TERMS: N_("Terms changed"),
    Kind.OBJECTED: N_("Objected"),
    Kind.RESTRICTED: N_("Restricted"),
    Kind.LIFTED: N_("Restriction lifted"),
    Kind.ERASED: N_("Erased"),
}
DECISIONS: Final = {
    Decision.ALLOWED: N_("Allowed"),
    Decision.PARTLY: N_("Partly refused"),
    Decision.REFUSED: N_("Refused"),
}
# Clauses and purposes that are the vault's own.
CLAUSES: Final[dict[str, str]] = {
    OWN: N_("Customers' own looks"),
    NOTICE: N_("Letters of the vault"),
    REQUEST: N_("Work on requests"),
    FOLLOW_UP: N_("Work on follow-ups"),
    ERASURE: N_("Erasure"),
    HOLD: N_("A legal hold"),
    AUDIT: N_("Checks of the access log"),
    **WHY,
}
_BADGES: Final = {
    Decision.ALLOWED: ("eye", "on"),
    Decision.PARTLY: ("open", "open"),
    Decision.REFUSED: ("off", "off"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a table shows it."""

    index: int
    href: str
    at: Moment
    what: str
    who: str
    handle: str
    case: str
    purpose: str
    clauses: tuple[str, ...]
    decision: Badge
    counts: str  # names allowed and refused
    code: str  # version of the code of ethics


def entry(known: Known, labels: Labels, books: Mapping[str, Rulebook]) -> Entry:
    """Return an entry in words, under the code of ethics that it was decided by."""
    lang, book = labels.lang, books.get(known.code)
    names = Labels(book, lang) if book else labels
    icon, tone = _BADGES[known.decision]
    return Entry(
        index=known.place,
        href=f"/console/log/{known.place}",
        at=moment(of_ms(known.at), lang),
        what=what(known.kind, lang),
        who=names.app(known.app) if known.app else "",
        handle=known.handle or "",
        case=known.case or "",
        purpose=clause(known.purpose, names) if known.purpose else "",
        clauses=tuple(clause(one, names) for one in known.clauses),
        decision=Badge(translate(lang, DECISIONS[known.decision]), icon, tone),
        counts=translate(
            lang,
            N_("{allowed} allowed, {refused} refused"),
            allowed=known.allowed,
            refused=known.withheld,
        ),
        code=book.version if book else "",
    )


def what(kind: int, lang: str) -> str:
    """Return what happened; a kind of a later version is a number."""
    known = {int(one): words for one, words in KINDS.items()}
    return translate(lang, known[kind]) if kind in known else str(kind)


def clause(name: str, labels: Labels) -> str:
    """Return what a clause is called: the code's own, or one of the vault."""
    own = CLAUSES.get(name)
    return translate(labels.lang, own) if own else labels.purpose(name)
