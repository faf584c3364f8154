"""Ask for consent with the notice, and carry out what a customer decides on a purpose.

The notice's exact bytes are kept, with the values that an app would receive in its empty slots.
Nothing is ticked, both answers are the same element, later stands apart. What is specially
protected has its own sentence to confirm. A stale page is answered with the new notice.
Source: portal note, 3 and 5; INTERFACES, Portal; GDPR 7, 9(2)(a), 21.
"""

from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from policies.model import ConsentState
from portal import clause_words, reasons
from portal.answers import Go, Page
from portal.choice_cards import HERE, badge, changed, lost
from portal.clause_words import Marked
from portal.labels import Labels
from portal.language import N_, translate
from portal.pages.privacy import LIFTED, NOTHING, OBJECTED, deleted
from portal.state import ALLOWING, Badge
from portal.visit import Visit
from portal.words import lasting
from vault.core import consent_end, notice
from vault.core.errors import ConflictError, WrongValueError
from vault.services import (
    benefit,
    choices,
    consent,
    consent_later,
    consent_notice,
    decided,
    gathered,
    objection,
    own,
    portal_choice,
    published,
)
from vault.services.choices import Choice
from vault.services.consent import Outcome
from vault.services.consent_notice import Asked, View
from vault.services.preview import Preview, preview

_ENDS: Final = {
    consent_end.ONCE: N_("Once: for the next 24 hours"),
    "P3M": N_("3 months"),
    "P12M": N_("12 months"),
}


@dataclass(frozen=True, slots=True)
class Hidden:
    """A detail that no app would receive even so, and why."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One allowed detail without which the purpose works, and what ends with it."""

    name: str
    label: str
    loses: tuple[str, ...]  # labels of the benefits that need it and are given


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
    changed: str = ""  # a sentence about what a later code of ethics did
    changes: tuple[Marked, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    others: tuple[str, ...] = ()  # labels of what is held and no business of this purpose
    ends: tuple[tuple[str, str], ...] = ()  # earlier ends to choose from
    whole: str = ""  # how long it lasts when no other end is chosen
    later: bool = False  # whether "later" is kept, so that nobody asks again
    parts: tuple["Part", ...] = ()  # what is allowed and can be stopped on its own
    stop_csrf: str = ""


class _Decision(BaseModel):
    model_config = ConfigDict(frozen=True)

    decision: Literal["give", "refuse", "withdraw", "later", "object", "lift"]
    field: tuple[str, ...] = ()
    notice: str | None = None
    epoch: int | None = None
    view: View = View.SIMPLE
    lasts: Literal["P1D", "P3M", "P12M"] | None = None
    confirm: Literal["yes"] | None = None
    delete: Literal["yes"] | None = None
    gone: tuple[str, ...] = ()  # what the page named as deletable


async def ask(visit: Visit) -> Page:
    """Show the notice of a purpose and both answers."""
    wished = visit.query.get("view")
    if wished in set(View):
        return await _asked(visit, View(wished))
    return await _asked(visit, await portal_choice.view(visit.deps, visit.customer))


async def decide(visit: Visit) -> Page | Go:
    """Carry out a decision; what cannot stand is asked again, with the reason."""
    form = visit.form.read(_Decision)
    purpose = visit.params["purpose"]
    if form.decision in {"object", "lift"}:
        return await _object(visit, form.decision)
    try:
        outcome = await _carry_out(visit, form)
    except ConflictError:
        message = translate(
            visit.lang,
            N_("Something changed since this page was made. Read it again, then decide."),
        )
        return await _asked(visit, form.view, status=409, message=message)
    except WrongValueError:
        return await _asked(visit, form.view, status=422, wrong=await _wrong(visit, form))
    to = f"{HERE}?done={outcome.receipt_id or NOTHING}"
    if form.decision == "withdraw" and form.delete:
        names = await gathered.delete(
            visit.deps, visit.customer, purpose, named=form.gone, request=visit.request_id
        )
        to += f"&gone={deleted(visit, len(names))}" if names else ""
    return Go(to)


async def _object(visit: Visit, decision: str) -> Go:
    purpose = visit.params["purpose"]
    act, said = {"object": (objection.object_, OBJECTED), "lift": (objection.lift, LIFTED)}[
        decision
    ]
    await act(visit.deps, visit.customer, purpose, request=visit.request_id)
    return Go(f"{HERE}?done={said}&of={purpose}")


async def _carry_out(visit: Visit, form: _Decision) -> Outcome:
    deps, session, purpose = visit.deps, visit.signed_in, visit.params["purpose"]
    if form.decision == "withdraw":
        return await consent.withdraw(
            deps, session.customer, purpose, fields=form.field, request=visit.request_id
        )
    if form.decision == "later":
        return await consent_later.defer(
            deps,
            session.customer,
            purpose,
            notice=form.notice,
            session=session.hash,
            request=visit.request_id,
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
        lasts=form.lasts,
        confirmed=form.confirm is not None,
        request=visit.request_id,
    )


async def _wrong(visit: Visit, form: _Decision) -> str:
    """Say what was missing, the first thing first."""
    rulebook = await published.in_force(visit.deps)
    if form.view is View.GRID and not form.field:
        return translate(visit.lang, N_("Choose at least one detail, or do not allow it."))
    if rulebook.purposes[visit.params["purpose"]].explicit and form.confirm is None:
        said = N_("This needs your explicit yes: tick the sentence, or do not allow it.")
        return translate(visit.lang, said)
    return translate(visit.lang, N_("Choose one of the ends that are offered, or none."))


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
    other = View.SIMPLE if view is View.GRID else View.GRID
    found = {one.purpose.id: one for one in await choices.choices(visit.deps, session.customer)}
    choice = found[asked.purpose.id]
    accepted = (await decided.decided(visit.deps, session.customer)).accepted.get(choice.purpose.id)
    sentence = changed(choice.state, accepted, lang)
    labels = Labels(await published.in_force(visit.deps), lang)
    would = await preview(visit.deps, session.customer, asked.purpose)
    values = await _values(visit, asked, would, labels)
    page = AskPage(
        title=translate(lang, N_("Error: {title}"), title=label) if wrong else label,
        label=label,
        state=badge(visit, choice),
        action=visit.path,
        notice=Markup(notice.fill(asked.notice, values)),  # noqa: S704  ours
        csrf=visit.csrf(visit.path),
        token=asked.token,
        epoch=asked.epoch,
        view=asked.view.value,
        other_view=f"{visit.path}?view={other}",
        message=message,
        wrong=wrong,
        changed=sentence,
        changes=clause_words.marked(accepted.diff, accepted.old, accepted.new, lang)
        if sentence and accepted
        else (),
        hidden=tuple(
            Hidden(labels.of(name), reasons.sentence(why, lang)) for name, why in would.hidden
        ),
        others=labels.all_of(would.others),
        ends=tuple(
            (one, translate(lang, _ENDS[one])) for one in consent_end.earlier(asked.purpose)
        ),
        whole=lasting(asked.purpose.expiry or "", lang),
        later=choice.state is ConsentState.REVOKED,
        parts=await _parts(visit, choice, labels),
        stop_csrf=visit.csrf(visit.path),
    )
    return Page("ask.html", page, HERE, status=status)


async def _parts(visit: Visit, one: Choice, labels: Labels) -> tuple[Part, ...]:
    """Return what can be stopped on its own; consequences first."""
    if one.state not in ALLOWING:
        return ()
    stored = await gathered.sources(visit.deps, visit.customer)
    offers = benefit.offers([one], stored)
    return tuple(
        Part(
            name=use.name,
            label=labels.of(use.name),
            loses=lost(offers, one.purpose.id, use.name, lang=visit.lang),
        )
        for use in one.purpose.uses
        if not use.required and use.name in one.allowed
    )


async def _values(visit: Visit, asked: Asked, would: Preview, labels: Labels) -> dict[str, str]:
    """Return what an app would receive; the customer's look at it is recorded."""
    fields = labels.rulebook.fields
    names = tuple(
        use.name for use in asked.purpose.uses if use.name in fields and use.name in would.shown
    )
    if not names:
        return {}
    answer = await own.look(visit.deps, visit.customer, request=visit.request_id, names=names)
    return {one.name: ", ".join(labels.lines(fields[one.name], one.value)) for one in answer.opened}
