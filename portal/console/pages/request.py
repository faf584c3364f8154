"""Show one request to staff, with what was said and what is to do; answer, ask back, refuse, extend.

Each time the page is shown is a look at the customer's words: recorded under the request's number
before it opens, and on the customer's list. What the customer sees is the same history. What was
typed comes back with what is wrong with it.
Source: GDPR 12; portal note, 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from portal import request_words as words
from portal import task_words
from portal.answers import Go, Page
from portal.console.pages.requests import HERE
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.pages.request import Said
from portal.pages.requests import shown, wrong_words
from portal.state import Badge
from portal.words import Moment, day, moment
from vault.core import request as rules
from vault.core.errors import ConflictError, WrongValueError
from vault.core.request import Ground, Kind, Longer, Request
from vault.core.request_task import Task
from vault.core.request_task import of as tasks_of
from vault.core.staff import Right
from vault.services import jobs, request_staff
from vault.services.request import Done, Read

E = TypeVar("E", bound=StrEnum)
_DONE: Final = {
    "answer": N_("Answered. The customer gets a letter with a link."),
    "ask": N_("Asked. The clock goes on; the customer gets a letter with a link."),
    "refuse": N_("Refused. The customer is told the ground, and where to complain."),
    "extend": N_("Two months longer. The customer is told why."),
    "tick": N_("Noted."),
}


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["answer", "ask", "refuse", "extend", "tick"]
    text: str = ""
    ground: str = ""
    longer: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, or done."""

    task: str
    words: str
    by: str  # "" while it is to do
    at: Moment | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Everything of `/console/requests/{number}`."""

    title: str
    number: str
    kind: str
    state: Badge
    made: Moment
    due: Moment | None
    longer: str
    ground: str
    broken: bool
    messages: tuple[Said, ...]
    missing: int
    steps: tuple[Step, ...]
    works: bool  # whether there is anything that this member may do
    may_look: bool
    grounds: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    text: str
    do: str  # what was tried; "" for nothing
    wrong: str
    message: str
    action: str
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """Show one request."""
    done = _DONE.get(visit.query.get("done", ""), "")
    return await _shown(visit, message=translate(visit.lang, done) if done else "")


async def act(visit: StaffVisit) -> Page | Go:
    """Do one thing with it; what cannot be is said on the page itself."""
    form = visit.form.read(_Act)
    number, actor = visit.params["number"], visit.member.actor
    visit.member.need(Right.WORK_REQUESTS)
    try:
        match form.do:
            case "answer":
                await request_staff.answer(visit.deps, number, form.text, actor=actor)
            case "ask":
                await request_staff.ask_back(visit.deps, number, form.text, actor=actor)
            case "refuse":
                ground = _member(Ground, form.ground)
                await request_staff.refuse(visit.deps, number, ground, form.text, actor=actor)
            case "extend":
                longer = _member(Longer, form.longer)
                await request_staff.extend(visit.deps, number, longer, form.text, actor=actor)
            case "tick":
                task = _member(Task, form.task)
                await request_staff.tick(visit.deps, number, task, actor=actor)
    except WrongValueError as error:
        return await _shown(visit, form, wrong=_wrong(visit, form, error), status=422)
    except ConflictError:
        message = translate(visit.lang, N_("This request does not take that any more."))
        return await _shown(visit, form, message=message, status=409)
    jobs.wake()
    return Go(f"{visit.path}?done={form.do}")


def _member(kind: type[E], word: str) -> E:
    try:
        return kind(word)
    except ValueError:
        raise WrongValueError("Choose one.") from None


def _wrong(visit: StaffVisit, form: _Act, error: WrongValueError) -> str:
    if said := wrong_words(form.text, visit.lang) if form.do != "tick" else "":
        return said
    if error.detail == "Choose one.":
        return translate(visit.lang, N_("Choose one of the reasons."))
    return translate(visit.lang, N_("This ground refuses an erasure alone."))


async def _shown(
    visit: StaffVisit,
    form: _Act | None = None,
    *,
    wrong: str = "",
    message: str = "",
    status: int = 200,
) -> Page:
    works = visit.member.may(Right.WORK_REQUESTS)
    found = await request_staff.show(
        visit.deps,
        visit.params["number"],
        actor=visit.member.actor,
        handle=visit.member.handle,
        takes=works,
        request_id=visit.request_id,
    )
    page = _page(visit, found, form, wrong=wrong, message=message)
    return Page("console/request.html", page, HERE, status=status)


def _page(
    visit: StaffVisit, found: Read, form: _Act | None, *, wrong: str, message: str
) -> RequestPage:
    lang, case = visit.lang, found.case
    one = case.request
    title = translate(lang, N_("Request {number}"), number=case.number)
    return RequestPage(
        title=translate(lang, N_("Error: {title}"), title=title) if wrong else title,
        number=case.number,
        kind=words.kind(one.kind, lang) if one else "",
        state=words.state(one, lang, now=visit.now),
        made=moment(case.made, lang),
        due=day(one.due, lang) if one and one.is_open else None,
        longer=words.longer(one.longer, lang) if one and one.longer else "",
        ground=words.ground(one.ground, lang) if one and one.ground else "",
        broken=one is None,
        messages=tuple(
            Said(words.who_for_staff(said.by, lang), moment(said.at, lang), said.text)
            for said in found.messages
        ),
        missing=found.missing,
        steps=_steps(one, found.done, lang),
        works=bool(one and one.is_open and visit.member.may(Right.WORK_REQUESTS)),
        may_look=visit.member.may(Right.SEE_VALUES),
        grounds=_grounds(one, lang),
        reasons=_reasons(one, visit),
        text=shown(form.text) if form and (wrong or message) else "",
        do=form.do if form else "",
        wrong=wrong,
        message=message,
        action=visit.path,
        csrf=visit.csrf(visit.path),
    )


def _steps(one: Request | None, done: tuple[Done, ...], lang: str) -> tuple[Step, ...]:
    ticked = {step.task: step for step in done}
    return tuple(
        Step(
            task.value,
            task_words.words(task, lang),
            words.who_for_staff(ticked[task].by, lang) if task in ticked else "",
            moment(ticked[task].at, lang) if task in ticked else None,
        )
        for task in (tasks_of(one.kind) if one else ())
    )


def _grounds(one: Request | None, lang: str) -> tuple[tuple[str, str], ...]:
    fit = (
        ground
        for ground in Ground
        if ground not in rules.OF_ERASURE or (one and one.kind is Kind.ERASE)
    )
    return tuple((ground.value, words.ground(ground, lang)) for ground in fit)


def _reasons(one: Request | None, visit: StaffVisit) -> tuple[tuple[str, str], ...]:
    """Return why an answer may take longer; nothing where it may not any more."""
    if one is None or one.longer is not None or visit.now > one.due:
        return ()
    return tuple((longer.value, words.longer(longer, visit.lang)) for longer in Longer)
