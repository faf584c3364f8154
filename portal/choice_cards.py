"""Make the cards of "What I allow": one purpose each, how it stands, and what can be done with it.

Consequences stand beside the button that has them, before it is pressed. Nothing is chosen
beforehand. What rests on a contract or a law says why it cannot be stopped; what rests on an
interest of the business can be objected to in one press.
Source: portal note, 2, 3 and 5; GDPR 7(3), 21.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policies.diff import Outcome, of_clause
from policies.model import Basis, ConsentState, Rulebook, Source
from policies.own_rule import HeldBack
from portal import benefits, clause_words, reasons, state
from portal.benefits import Benefit
from portal.clause_words import Marked
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import ALLOWING, Badge
from portal.visit import Visit
from portal.words import Moment, day, lasting, of_ms, until_of
from vault.core.concern import asks
from vault.services import benefit, gathered
from vault.services.benefit import Offer
from vault.services.choices import Choice, can_object
from vault.services.decided import Accepted, Decided, Gone
from vault.services.receipts import Line

HERE: Final = "/privacy"
MOST_OPEN: Final = 7  # choices that wait in one group; the rest stands in a closed box
_FIXED: Final = {
    Basis.CONTRACT: N_("This belongs to what you asked of us, so it goes on as long as that does."),
    Basis.LEGAL_OBLIGATION: N_("The law demands it, so neither you nor we can stop it."),
    Basis.VITAL_INTEREST: N_("It protects somebody's life, so it cannot be stopped."),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One decision of the past, with its receipt."""

    at: Moment
    words: str
    receipt: str  # path


@dataclass(frozen=True, slots=True)
class Card:
    """One purpose."""

    id: str
    label: str
    state: Badge
    what: str
    why: str  # the basis in words, for what is done without asking; "" elsewhere
    gain: str
    if_not: str  # what changes when the customer stops
    fields: tuple[str, ...]
    readers: tuple[str, ...]
    until: str
    ask: bool  # whether it can be decided on
    withdraw_csrf: str  # "" where there is nothing to stop
    since: str = ""
    used: str = ""
    receipt: str = ""  # path of the newest; "" for none
    fixed: str = ""  # why it cannot be stopped; "" where it can
    object_csrf: str = ""  # "" where there is nothing to object to
    objected: bool = False
    later_csrf: str = ""  # "" where nothing is asked
    deletable: tuple[str, ...] = ()  # labels of what only this purpose uses
    deletes: tuple[str, ...] = ()  # their names, as the form sends them back
    gives: tuple[Benefit, ...] = ()  # what is given for which details
    loses: tuple[str, ...] = ()  # which of them end when the customer stops
    changes: tuple[Marked, ...] = ()  # of the clause, since the customer agreed to it
    changed: str = ""  # a sentence about them; "" for none
    held: tuple[str, ...] = ()  # what the customer's own rules hold back now, in sentences
    events: tuple[Event, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Known:
    """What all cards of a customer are made from."""

    rulebook: Rulebook
    found: tuple[Choice, ...]
    past: Decided
    used: Mapping[str, int]  # unix ms of the last use by purpose
    stored: Mapping[str, Source]
    offers: tuple[Offer, ...]  # every benefit, as it stands
    before: Rulebook | None = None  # the code that was in force before; None before the first


def card(visit: Visit, one: Choice, known: Known) -> Card:
    """Return the card of a purpose of the code in force."""
    purpose, lang = one.purpose, visit.lang
    labels = Labels(known.rulebook, lang)
    allowing = one.state in ALLOWING
    csrf = visit.csrf(f"{HERE}/{purpose.id}")
    objectable = can_object(purpose)
    deletes: tuple[str, ...] = ()
    if allowing:
        deletes = gathered.alone(known.rulebook, purpose.id, known.found, known.stored)
    names = [name for name in one.names if name in one.allowed] if allowing else one.names
    accepted = known.past.accepted.get(purpose.id)
    lines = known.past.lines.get(purpose.id, ())
    unasked, unasked_changes = _unasked(one, known, lang)
    law = purpose.law or purpose.balancing
    why = law.get(lang) if law and one.state is None else ""
    return Card(
        id=purpose.id,
        label=purpose.label.get(lang),
        state=badge(visit, one),
        what=purpose.what.get(lang),
        why=why or (purpose.why.get(lang) if one.state is None else ""),
        gain=purpose.benefit.get(lang),
        if_not=purpose.without.get(lang),
        fields=labels.all_of(names),
        readers=labels.apps(app.id for app in one.readers),
        until=until(one, lang),
        ask=one.state is not None,
        withdraw_csrf=csrf if allowing else "",
        since=day(of_ms(one.since_ms), lang).text if allowing and one.since_ms else "",
        used=_used(known.used.get(purpose.id), lang),
        receipt=f"/receipts/{lines[0].receipt_id}" if lines else "",
        fixed=translate(lang, _FIXED[purpose.basis]) if purpose.basis in _FIXED else "",
        object_csrf=csrf if objectable else "",
        objected=one.objected,
        later_csrf=csrf if one.state is ConsentState.REVOKED else "",
        deletable=labels.all_of(deletes),
        deletes=deletes,
        gives=benefits.of((each for each in known.offers if each.purpose is purpose), labels),
        loses=lost(known.offers, purpose.id, lang=lang),
        changes=_changes(one, accepted, lang) or unasked_changes,
        changed=changed(one.state, accepted, lang) or unasked,
        held=_held(one.held, labels),
        events=tuple(_event(line, lang) for line in lines),
    )


def past_card(visit: Visit, gone: Gone) -> Card:
    """Return the card of a purpose that the code in force names no more."""
    purpose, lang = gone.purpose, visit.lang
    return Card(
        id=purpose.id,
        label=purpose.label.get(lang),
        state=state.consent(gone.state, lang, decided=gone.line.at, until=None, now=visit.now),
        what=purpose.what.get(lang),
        why="",
        gain="",
        if_not="",
        fields=(),
        readers=(),
        until=translate(lang, N_("Our code of ethics does not name this any more.")),
        ask=False,
        withdraw_csrf="",
        receipt=f"/receipts/{gone.line.receipt_id}",
    )


def lost(
    offers: Sequence[Offer], purpose: str, name: str | None = None, *, lang: str
) -> tuple[str, ...]:
    """Return the labels of what is not given any more without a purpose, or without one detail."""
    return tuple(one.label.get(lang) for one in benefit.lost(offers, purpose, name))


def _held(held: HeldBack, labels: Labels) -> tuple[str, ...]:
    """Return what own rules hold back of a purpose: all of it, or some details and apps."""
    if held.reason:
        return (reasons.sentence(held.reason, labels.lang),)
    names = (*labels.all_of(sorted(held.names)), *labels.apps(sorted(held.apps)))
    return tuple(
        translate(labels.lang, N_("Your own rules hold back: {name}."), name=name) for name in names
    )


def badge(visit: Visit, one: Choice) -> Badge:
    """Return how a purpose stands."""
    if one.objected:
        return Badge(translate(visit.lang, N_("You objected: it is not done")), "off", "off")
    if one.state is None:
        return state.basis(one.purpose.basis, visit.lang)
    return state.consent(
        one.state,
        visit.lang,
        decided=of_ms(one.since_ms) if one.since_ms else None,
        until=until_of(one.until_ms) if one.until_ms else None,
        now=visit.now,
    )


def until(one: Choice, lang: str) -> str:
    """Return until when a purpose may go on."""
    purpose = one.purpose
    if one.state in ALLOWING and one.until_ms is not None:
        end = until_of(one.until_ms)
        return day(end, lang).text if end else ""
    if purpose.expiry:
        return translate(lang, N_("{time} after you allow it"), time=lasting(purpose.expiry, lang))
    return purpose.until.get(lang) if purpose.until else ""


def changed(of: ConsentState | None, accepted: Accepted | None, lang: str) -> str:
    """Say what a later code of ethics did to a clause that the customer had agreed to."""
    if accepted is None or of is None:
        return ""
    version = accepted.new.version
    if of is ConsentState.REVOKED:
        return translate(
            lang,
            N_(
                "Version {version} of our code of ethics asks for more, so we stopped. Decide anew."
            ),
            version=version,
        )
    if of in ALLOWING and accepted.diff.outcome is Outcome.NARROWER:
        return translate(
            lang,
            N_(
                "Version {version} of our code of ethics asks for less. Your yes goes on with less."
            ),
            version=version,
        )
    return ""


def _unasked(one: Choice, known: Known, lang: str) -> tuple[str, tuple[Marked, ...]]:
    """Say that the code in force asks more than the one before, where nobody is asked."""
    before, rulebook, purpose = known.before, known.rulebook, one.purpose.id
    if before is None or one.state is not None or purpose not in before.purposes:
        return "", ()
    found = of_clause(before, rulebook, purpose)
    if not asks(found, rulebook):
        return "", ()
    said = N_("Version {version} of our code of ethics asks for more here than the one before.")
    return (
        translate(lang, said, version=rulebook.version),
        clause_words.marked(found, before, rulebook, lang),
    )


def _changes(one: Choice, accepted: Accepted | None, lang: str) -> tuple[Marked, ...]:
    if not changed(one.state, accepted, lang) or accepted is None:
        return ()
    return clause_words.marked(accepted.diff, accepted.old, accepted.new, lang)


def _used(at: int | None, lang: str) -> str:
    if at is None:
        return translate(lang, N_("Not lately"))
    return translate(lang, N_("Last on {date}"), date=day(of_ms(at), lang).text)


def _event(line: Line, lang: str) -> Event:
    said = state.happened(line.state, lang)
    return Event(day(line.at, lang), said, f"/receipts/{line.receipt_id}")
