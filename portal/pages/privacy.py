"""Show each purpose on a card, ask for consent with the notice, and carry out a decision.

Asking shows the notice, whose exact bytes are kept, with the customer's own values in its empty
slots; nothing is ticked, and both answers are the same element. Stopping is one press on the card.
After each decision the list of cards says what happened and links the receipt.
Source: portal note, 2, 3 and 5; INTERFACES, Portal; GDPR 7.
"""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from policies.model import ConsentState
from portal import state
from portal.answers import Go, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import ALLOWING, Badge
from portal.visit import Visit
from portal.words import day, lasting, of_ms, until_of
from vault.core import notice
from vault.core.errors import ConflictError, WrongValueError
from vault.services import choices, consent, consent_notice, own, published, receipts
from vault.services.choices import Choice
from vault.services.consent import Outcome
from vault.services.consent_notice import Asked, View

HERE: Final = "/privacy"
_NOTHING: Final = "nothing"  # `done` when there was nothing to stop
_DONE: Final = {
    ConsentState.GIVEN: N_("You allowed “{purpose}” until {date}."),
    ConsentState.RENEWED: N_("You allowed “{purpose}” again, until {date}."),
    ConsentState.REFUSED: N_("You said no to “{purpose}”. Nothing else gets worse for you."),
    ConsentState.WITHDRAWN: N_("You stopped “{purpose}”. It works from this moment."),
}


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


@dataclass(frozen=True, slots=True)
class Done:
    """What the last decision did."""

    tone: str
    words: str
    receipt: str  # path; "" for none
    number: str  # of the receipt
    again: str  # path of the page on which it can be changed; "" for none


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Everything of `/privacy`."""

    title: str
    done: Done | None
    choices: tuple[Card, ...]
    others: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class AskPage:
    """Everything of `/privacy/{purpose}`."""

    title: str
    label: str
    state: Badge
    action: str
    notice: Markup  # rendered by `vault.core.notice`, with the customer's values escaped in it
    csrf: str
    token: str
    epoch: int
    view: str
    other_view: str  # path of the other way to ask
    message: str  # why the page is shown again; "" when it is not
    wrong: str


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True)

    decision: Literal["give", "refuse", "withdraw"]
    field: tuple[str, ...] = ()
    notice: str | None = None
    epoch: int | None = None
    view: View = View.SIMPLE


async def show(visit: Visit) -> Page:
    """Show how each purpose stands."""
    found = await choices.choices(visit.deps, visit.customer)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    page = PrivacyPage(
        title=translate(visit.lang, N_("What I allow")),
        done=await _done(visit, labels),
        choices=tuple(_card(visit, one, labels) for one in found if one.state is not None),
        others=tuple(_card(visit, one, labels) for one in found if one.state is None),
    )
    return Page("privacy.html", page, HERE)


async def ask(visit: Visit) -> Page:
    """Show the notice of a purpose and both answers."""
    view = View.GRID if visit.query.get("view") == View.GRID else View.SIMPLE
    return await _asked(visit, view)


async def decide(visit: Visit) -> Page | Go:
    """Carry out a decision; what cannot stand is asked again, with the reason."""
    form = visit.form.read(_Decision)
    try:
        outcome = await _carry_out(visit, form)
    except ConflictError:
        message = translate(
            visit.lang,
            N_("Something changed since this page was made. Read it again, then decide."),
        )
        return await _asked(visit, form.view, status=409, message=message)
    except WrongValueError:
        wrong = translate(visit.lang, N_("Choose at least one detail, or do not allow it."))
        return await _asked(visit, form.view, status=422, wrong=wrong)
    return Go(f"{HERE}?done={outcome.receipt_id or _NOTHING}")


async def _carry_out(visit: Visit, form: _Decision) -> Outcome:
    deps, session, purpose = visit.deps, visit.signed_in, visit.params["purpose"]
    if form.decision == "withdraw":
        return await consent.withdraw(
            deps, session.customer, purpose, fields=form.field, request=visit.request_id
        )
    if form.decision == "refuse":
        return await consent.refuse(
            deps,
            session.customer,
            purpose,
            fields=form.field,
            notice=form.notice,
            session=session.hash,
            request=visit.request_id,
        )
    if form.notice is None or form.epoch is None:
        raise ConflictError  # nothing shows that the notice was read
    return await consent.give(
        deps,
        session.customer,
        purpose,
        fields=form.field,
        notice=form.notice,
        epoch=form.epoch,
        view=form.view,
        session=session.hash,
        request=visit.request_id,
    )


async def _asked(
    visit: Visit, view: View, *, status: int = 200, message: str = "", wrong: str = ""
) -> Page:
    session, lang = visit.signed_in, visit.lang
    asked = await consent_notice.ask(
        visit.deps,
        session.customer,
        visit.params["purpose"],
        session=session.hash,
        view=view,
        locale=lang,
    )
    label = asked.purpose.label.get(lang)
    other = "" if view is View.GRID else f"?view={View.GRID}"
    found = {one.purpose.id: one for one in await choices.choices(visit.deps, session.customer)}
    page = AskPage(
        title=translate(lang, N_("Error: {title}"), title=label) if wrong else label,
        label=label,
        state=_badge(visit, found[asked.purpose.id]),
        action=visit.path,
        notice=Markup(notice.fill(asked.notice, await _values(visit, asked))),  # noqa: S704  ours
        csrf=visit.csrf(visit.path),
        token=asked.token,
        epoch=asked.epoch,
        view=asked.view.value,
        other_view=visit.path + other,
        message=message,
        wrong=wrong,
    )
    return Page("ask.html", page, HERE, status=status)


async def _values(visit: Visit, asked: Asked) -> dict[str, str]:
    """Return the customer's values of what is asked for; the look at them is recorded."""
    rulebook = await published.in_force(visit.deps)
    names = tuple(use.name for use in asked.purpose.uses if use.name in rulebook.fields)
    if not names:
        return {}
    answer = await own.look(visit.deps, visit.customer, request=visit.request_id, names=names)
    labels = Labels(rulebook, visit.lang)
    return {
        one.name: ", ".join(labels.lines(rulebook.fields[one.name], one.value))
        for one in answer.opened
    }


async def _done(visit: Visit, labels: Labels) -> Done | None:
    """Return what the last decision did, from the customer's own receipts alone."""
    said = visit.query.get("done", "")
    if said == _NOTHING:
        words = translate(visit.lang, N_("There was nothing to stop. All is as it was."))
        return Done("", words, "", "", "")
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
    return Done("good", words, f"/receipts/{wanted}", str(wanted), f"/privacy/{line.purpose}")


def _card(visit: Visit, one: Choice, labels: Labels) -> Card:
    purpose, lang = one.purpose, visit.lang
    allowing = one.state in ALLOWING
    law = purpose.law or purpose.balancing
    why = law.get(lang) if law and one.state is None else ""
    names = [name for name in one.names if name in one.allowed] if allowing else one.names
    return Card(
        id=purpose.id,
        label=purpose.label.get(lang),
        state=_badge(visit, one),
        what=purpose.what.get(lang),
        why=why or (purpose.why.get(lang) if one.state is None else ""),
        gain=purpose.benefit.get(lang),
        if_not=purpose.without.get(lang),
        fields=labels.all_of(names),
        readers=labels.apps(app.id for app in one.readers),
        until=_until(one, lang),
        ask=one.state is not None,
        withdraw_csrf=visit.csrf(f"{HERE}/{purpose.id}") if allowing else "",
    )


def _until(one: Choice, lang: str) -> str:
    purpose = one.purpose
    if one.state in ALLOWING and one.until_ms is not None:
        end = until_of(one.until_ms)
        return day(end, lang).text if end else ""
    if purpose.expiry:
        return translate(lang, N_("{time} after you allow it"), time=lasting(purpose.expiry, lang))
    return purpose.until.get(lang) if purpose.until else ""


def _badge(visit: Visit, one: Choice) -> Badge:
    if one.state is None:
        return state.basis(one.purpose.basis, visit.lang)
    return state.consent(
        one.state,
        visit.lang,
        decided=of_ms(one.since_ms) if one.since_ms else None,
        until=until_of(one.until_ms) if one.until_ms else None,
        now=visit.now,
    )
