"""Show customers what follows what they told us, until they say that it is settled.

What waits for their word stands first, then what is open, then what was settled. A yes and a no
weigh the same, and who says neither has not agreed. What was done is the contacts under the first.
Source: EDPB Guidelines 03/2022 (equal choices).
"""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from portal import follow_up_words as words
from portal.answers import Go, Page
from portal.follow_up_words import Line
from portal.labels import Labels
from portal.language import N_, translate
from portal.pages.requests import Typed, shown, wrong_words
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, day
from vault.core.errors import ConflictError, NotAvailableError, WrongValueError
from vault.core.follow_up import State
from vault.services import follow_up_own, interaction, jobs, request_row
from vault.services.follow_up_own import Followed, Said

HERE: Final = "/follow-ups"
_MENU: Final = "/home"  # entry of the menu that the page belongs to
_DONE: Final = {
    "told": N_("Noted. Here you see what is done about it, until you say that it is settled."),
    "agree": N_("Settled. Thank you for saying so."),
    "disagree": N_("It is open again, and we see to it."),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One matter."""

    anchor: str
    number: str
    kind: str
    begun: Moment
    state: Badge
    due: Moment | None  # None where nothing is owed
    owner: str
    outcome: str  # what we say came of it; "" for nothing
    refusals: int
    thread: tuple[Line, ...]
    action: str
    version: int
    offered: bool
    settled: bool
    broken: bool
    writes: bool  # whether words can go with the answer
    typed: Typed


@dataclass(frozen=True, slots=True)
class FollowUpsPage:
    """Everything of `/follow-ups`."""

    title: str
    done: str
    message: str  # why the page is shown again
    wrong: str  # what is wrong with what was typed
    wrong_at: str  # id of the box that it was typed into
    items: tuple[Item, ...]
    cut: bool


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["agree", "disagree"]
    version: int
    message: UUID
    text: str = ""


async def show(visit: Visit) -> Page:
    """Show everything that follows, and record that the customer looked."""
    return await _page(visit, done=visit.query.get("done", ""))


async def act(visit: Visit) -> Page | Go:
    """Take a yes or a no; what cannot be is said on the page itself."""
    form = visit.form.read(_Answer)
    follow_up_id = _id(visit)
    said = Said(form.message, form.text)
    answer = follow_up_own.agree if form.do == "agree" else follow_up_own.disagree
    try:
        await answer(
            visit.deps,
            visit.customer,
            follow_up_id,
            version=form.version,
            said=said,
            request=visit.request_id,
        )
    except WrongValueError:
        return await _page(visit, form, follow_up_id, status=422)
    except ConflictError:
        message = N_("This changed since you opened the page, so nothing was noted. Look again.")
        return await _page(visit, form, follow_up_id, message=message, status=409)
    jobs.wake()
    return Go(f"{HERE}?done={form.do}")


async def _page(
    visit: Visit,
    form: _Answer | None = None,
    follow_up_id: UUID | None = None,
    *,
    done: str = "",
    message: str = "",
    status: int = 200,
) -> Page:
    lang = visit.lang
    found = await follow_up_own.read(visit.deps, visit.customer, request=visit.request_id)
    labels = Labels(found.rulebook, lang)
    wrong = wrong_words(form.text, lang) if form and status == 422 else ""
    title = translate(lang, N_("What follows what you told us"))
    page = FollowUpsPage(
        title=translate(lang, N_("Error: {title}"), title=title) if wrong else title,
        done=translate(lang, _DONE.get(done, "")),
        message=translate(lang, message) if message else "",
        wrong=wrong,
        wrong_at=f"text-{follow_up_id}",
        items=tuple(
            _item(visit, one, labels, form if one.case.follow_up_id == follow_up_id else None)
            for one in found.followed
        ),
        cut=found.cut,
    )
    return Page("follow_ups.html", page, _MENU, status=status)


def _item(visit: Visit, followed: Followed, labels: Labels, form: _Answer | None) -> Item:
    lang, case, one = visit.lang, followed.case, followed.case.follow_up
    action = f"{HERE}/{case.follow_up_id}"
    is_open = one is not None and one.state is State.OPEN
    return Item(
        anchor=str(case.follow_up_id),
        number=case.number,
        kind=labels.of(interaction.name(case.kind)),
        begun=day(case.begun, lang),
        state=words.state(one, lang, now=visit.now),
        due=day(one.due, lang) if one and is_open else None,
        owner=words.role(one.owner, lang) if one and not one.is_settled else "",
        outcome=words.outcome(one.outcome, lang) if one and one.outcome else "",
        refusals=one.refusals if one else 0,
        thread=words.lines(followed.thread, labels, you=translate(lang, N_("You"))),
        action=action,
        version=case.version,
        offered=one is not None and one.state is State.OFFERED,
        settled=one is not None and one.is_settled,
        broken=one is None,
        writes=follow_up_own.kind_for(labels.rulebook, case.kind) is not None,
        typed=Typed(
            text=shown(form.text) if form else "",
            wrong=wrong_words(form.text, lang) if form and form.text.strip() else "",
            message=str(form.message if form else request_row.new_id(visit.now)),
            csrf=visit.csrf(action),
        ),
    )


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["follow_up"])
    except ValueError:
        raise NotAvailableError from None
