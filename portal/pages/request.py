"""Show one request: how it stands, what was said, and what may be said more.

Source: portal note, 2; GDPR 12 and 77.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from portal import request_words as words
from portal import task_words
from portal.answers import Go, Page
from portal.language import N_, translate
from portal.pages.requests import HERE, Typed, shown, wrong_words
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, day, moment
from vault.core import request as rules
from vault.core.errors import ConflictError, NotAvailableError, WrongValueError
from vault.core.request import State
from vault.services import request, request_row
from vault.services.request import Read
from vault.services.request_row import Message


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    who: str
    at: Moment
    text: str | None  # None where it does not open


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done for it."""

    words: str
    who: str
    at: Moment


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything of `/requests/{request}`."""

    title: str
    number: str
    kind: str
    state: Badge
    made: Moment
    due: Moment | None
    overdue: bool
    longer: str  # why it takes longer; "" when it does not
    ground: str  # why it was refused; "" when it was not
    complain: bool
    broken: bool
    look: str  # path of the look that it is about; "" for none
    messages: tuple[Said, ...]
    missing: int
    steps: tuple[Step, ...]
    action: str
    typed: Typed | None  # None when nothing can be said any more
    close: str  # words of the button; "" when there is none
    close_csrf: str
    message: str  # why the page is shown again


class _More(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["say", "close"]
    message: UUID | None = None
    text: str = ""


async def read(visit: Visit) -> Page:
    """Show one request with what was said."""
    return await _shown(visit)


async def act(visit: Visit) -> Page | Go:
    """Say more, or take it back; what cannot be is said on the page itself."""
    form = visit.form.read(_More)
    request_id = _id(visit)
    try:
        if form.do == "close":
            await request.close(visit.deps, visit.customer, request_id, request=visit.request_id)
        else:
            await request.say(
                visit.deps,
                visit.customer,
                request_id,
                message_id=form.message or request_row.new_id(visit.now),
                text=form.text,
                request=visit.request_id,
            )
    except WrongValueError:
        return await _shown(visit, form, status=422)
    except ConflictError:
        message = translate(
            visit.lang, N_("This request has ended, so nothing was added. You can make another.")
        )
        return await _shown(visit, form, status=409, message=message)
    return Go(f"{HERE}/{request_id}")


async def _shown(
    visit: Visit, form: _More | None = None, *, status: int = 200, message: str = ""
) -> Page:
    found = await request.read(visit.deps, visit.customer, _id(visit), request=visit.request_id)
    page = _page(visit, found, form, wrong=status == 422, message=message)
    return Page("request.html", page, HERE, status=status)


def _page(
    visit: Visit, found: Read, form: _More | None, *, wrong: bool, message: str
) -> RequestPage:
    lang, case = visit.lang, found.case
    one = case.request
    title = translate(lang, N_("Request {number}"), number=case.number)
    is_open = one is not None and one.is_open
    typed = Typed(
        text=shown(form.text) if form else "",
        wrong=wrong_words(form.text, visit.lang) if wrong and form else "",
        message=str((form.message if form else None) or request_row.new_id(visit.now)),
        csrf=visit.csrf(visit.path),
    )
    return RequestPage(
        title=translate(lang, N_("Error: {title}"), title=title) if typed.wrong else title,
        number=case.number,
        kind=words.kind(one.kind, lang) if one else "",
        state=words.state(one, lang, now=visit.now),
        made=moment(case.made, lang),
        due=day(one.due, lang) if one and one.is_open else None,
        overdue=one is not None and rules.is_overdue(one, now=visit.now),
        longer=words.longer(one.longer, lang) if one and one.longer else "",
        ground=words.ground(one.ground, lang) if one and one.ground else "",
        complain=one is not None
        and (one.ground is not None or rules.is_overdue(one, now=visit.now)),
        broken=one is None,
        look=f"/who-looked/{one.about}" if one and one.about is not None else "",
        messages=tuple(_said(visit, said) for said in found.messages),
        missing=found.missing,
        steps=tuple(
            Step(task_words.words(one.task, lang), words.who(one.by, lang), moment(one.at, lang))
            for one in found.done
        ),
        action=visit.path,
        typed=typed if is_open else None,
        close=_close(visit, one.state) if one else "",
        close_csrf=typed.csrf,
        message=message,
    )


def _said(visit: Visit, one: Message) -> Said:
    return Said(words.who(one.by, visit.lang), moment(one.at, visit.lang), one.text)


def _close(visit: Visit, state: State) -> str:
    closing: Mapping[State, str] = {
        State.ANSWERED: N_("This is settled"),
        State.REFUSED: N_("Leave it at that"),
    }
    if state is State.CLOSED:
        return ""
    return translate(visit.lang, closing.get(state, N_("Take it back")))


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["request"])
    except ValueError:
        raise NotAvailableError from None
