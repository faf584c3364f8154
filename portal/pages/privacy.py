"""Show each purpose on a card, or all of them as a grid, and say what the last decision did.

Stopping and objecting are one press on the card, with their consequences beside the button. What
was ended stays visible, with when and how. The view is remembered for each customer.
Source: portal note, 2 and 5; INTERFACES, Portal; GDPR 7, 21.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from policies.model import ConsentState
from portal.answers import Page
from portal.choice_cards import HERE, MOST_OPEN, Card, Known, card, past_card
from portal.choice_grid import Grid, grid
from portal.labels import Labels
from portal.language import N_, translate
from portal.visit import Visit
from portal.words import day, until_of
from vault.core.errors import BadRequestError
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import (
    benefit,
    choices,
    decided,
    gathered,
    last_use,
    portal_choice,
    published,
    receipts,
)
from vault.services.choices import Choice
from vault.services.consent_notice import View

NOTHING: Final = "nothing"  # `done` when there was nothing to do
OBJECTED: Final = "objected"
LIFTED: Final = "lifted"
_OPEN: Final = frozenset({ConsentState.UNKNOWN, ConsentState.REQUESTED, ConsentState.DEFERRED})
_DONE: Final = {
    ConsentState.GIVEN: N_("You allowed “{purpose}” until {date}."),
    ConsentState.RENEWED: N_("You allowed “{purpose}” again, until {date}."),
    ConsentState.REFUSED: N_("You said no to “{purpose}”. Nothing else gets worse for you."),
    ConsentState.WITHDRAWN: N_("You stopped “{purpose}”. It works from this moment."),
    ConsentState.DEFERRED: N_("You decide on “{purpose}” later. We do not ask again by ourselves."),
}
_UNDO: Final = {
    ConsentState.GIVEN: "withdraw",
    ConsentState.RENEWED: "withdraw",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What the last decision did."""

    tone: str
    words: str
    receipt: str  # path; "" for none
    number: str  # of the receipt
    again: str  # path of the page on which it can be changed; "" for none
    undo: str = ""  # path of the form that takes it back in one press; "" for none
    decision: str = ""  # that this form sends
    csrf: str = ""
    more: str = ""  # what else was done


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Everything of `/privacy`."""

    title: str
    done: Done | None
    view: str
    view_csrf: str
    choices: tuple[Card, ...]
    more: tuple[Card, ...]  # open choices beyond the most that are shown at once
    others: tuple[Card, ...]
    past: tuple[Card, ...]  # of purposes that the code names no more
    grid: Grid | None


async def show(visit: Visit) -> Page:
    """Show how each purpose stands."""
    deps, customer = visit.deps, visit.customer
    found = await choices.choices(deps, customer)
    rulebook = await published.in_force(deps)
    view = await _view(visit)
    stored = await gathered.sources(deps, customer)
    offers = benefit.offers(found, stored)
    known = Known(
        rulebook=rulebook,
        found=found,
        past=await decided.decided(deps, customer),
        used=await last_use.last_use(deps, customer),
        stored=stored,
        offers=offers,
        before=await published.before(deps, rulebook),
    )
    mine = [one for one in found if one.state is not None]
    waiting = [one for one in mine if one.state in _OPEN][MOST_OPEN:]
    page = PrivacyPage(
        title=translate(visit.lang, N_("What I allow")),
        done=await _done(visit, Labels(rulebook, visit.lang), found),
        view=view.value,
        view_csrf=visit.csrf(f"{HERE}/view"),
        choices=tuple(card(visit, one, known) for one in mine if one not in waiting),
        more=tuple(card(visit, one, known) for one in waiting),
        others=tuple(card(visit, one, known) for one in found if one.state is None),
        past=tuple(past_card(visit, one) for one in known.past.gone),
        grid=grid(visit, rulebook, found, offers) if view is View.GRID else None,
    )
    return Page("privacy.html", page, HERE)


def deleted(visit: Visit, count: int) -> str:
    """Return what the next page is told of deleted values; only we can make it."""
    key = visit.deps.keys.service("cursor")
    return seal_cursor(key, f"gathered/{visit.customer}", count.to_bytes(2))


async def _view(visit: Visit) -> View:
    wished = visit.query.get("view")
    if wished in set(View):
        return View(wished)
    return await portal_choice.view(visit.deps, visit.customer)


async def _done(visit: Visit, labels: Labels, found: tuple[Choice, ...]) -> Done | None:
    """Return what the last decision did, from what stands now and the customer's own receipts."""
    said = visit.query.get("done", "")
    if said == NOTHING:
        words = translate(visit.lang, N_("There was nothing to stop. All is as it was."))
        return Done("", words, "", "", "")
    if said in {OBJECTED, LIFTED}:
        return _objected(visit, said, found)
    try:
        wanted = UUID(said)
    except ValueError:
        return None
    lines = await receipts.list_(visit.deps, visit.customer)
    line = next((one for one in lines if one.receipt_id == wanted), None)
    if line is None or line.state not in _DONE:
        return None
    end = until_of(line.until_ms)
    words = translate(
        visit.lang,
        _DONE[line.state],
        purpose=labels.purpose(line.purpose),
        date=day(end, visit.lang).text if end else "",
    )
    path = f"{HERE}/{line.purpose}"
    undo = _UNDO.get(line.state, "")
    return Done(
        tone="good",
        words=words,
        receipt=f"/receipts/{wanted}",
        number=str(wanted),
        again=path if line.purpose in labels.rulebook.purposes else "",
        undo=path if undo else "",
        decision=undo,
        csrf=visit.csrf(path),
        more=_more(visit),
    )


def _objected(visit: Visit, said: str, found: tuple[Choice, ...]) -> Done | None:
    """Say what an objection did, if that is how things stand: an address alone proves nothing."""
    purpose = visit.query.get("of", "")
    one = next((one for one in found if one.purpose.id == purpose), None)
    if one is None or one.objected is not (said == OBJECTED) or not choices.can_object(one.purpose):
        return None
    words = {
        OBJECTED: N_("You objected to “{purpose}”. It is not done from this moment."),
        LIFTED: N_("You took back your objection to “{purpose}”."),
    }[said]
    path = f"{HERE}/{purpose}"
    return Done(
        tone="good",
        words=translate(visit.lang, words, purpose=one.purpose.label.get(visit.lang)),
        receipt="",
        number="",
        again="",
        undo=path,
        decision="lift" if one.objected else "object",
        csrf=visit.csrf(path),
    )


def _more(visit: Visit) -> str:
    told = visit.query.get("gone", "")
    if not told:
        return ""
    key = visit.deps.keys.service("cursor")
    try:
        count = int.from_bytes(open_cursor(key, f"gathered/{visit.customer}", told))
    except BadRequestError:
        return ""
    said = N_("What was gathered for this alone is deleted. Details: {count}.")
    return translate(visit.lang, said, count=str(count))
