"""Let a child name a parent, and let the parent agree or not; both answers weigh the same.

Looking at a link uses nothing up: mail scanners open links. What the parent is shown names neither
the child nor an address.
Source: GDPR 8(2); portal note, 5 and 6.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.pages.join import HERE, PARENT, title
from portal.visit import Visit
from vault.core.errors import BadRequestError, SignInRefusedError, WrongValueError
from vault.services import join_child, published

ANSWERED: Final = "/join/answered"
_DONE: Final = {
    "asked": (
        N_("We wrote to your parent"),
        N_("When they agree, we write to you, and you can sign in. The link works for 7 days."),
    ),
    "agreed": (
        N_("You agreed"),
        N_("The child is a customer from now on and gets a letter that says so."),
    ),
    "refused": (N_("You did not agree"), N_("Nothing was made and nothing is kept.")),
}


class _Parent(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)

    answer: str = Field(max_length=20)


@dataclass(frozen=True, slots=True)
class ParentPage:
    """Everything of `/join/parent`."""

    title: str
    wrong: str
    email: str
    age: int
    csrf: str


@dataclass(frozen=True, slots=True)
class AgreePage:
    """Everything of `/join/parent/…`; without `csrf` the link is over."""

    title: str
    age: int
    action: str
    csrf: str


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """Everything of `/join/answered`."""

    title: str
    words: str


async def ask(visit: Visit) -> Page | Go:
    """Show the form for a parent's address, in the browser of a child who waits."""
    if not visit.joining or not await join_child.waits(visit.deps, browser=visit.joining):
        return Go(HERE)
    return await _form(visit)


async def send(visit: Visit) -> Page | Go:
    """Write to the parent."""
    form = visit.form.read(_Parent)
    try:
        await join_child.ask(
            visit.deps, form.email, browser=visit.joining, address=visit.address, lang=visit.lang
        )
    except SignInRefusedError:
        return Go(HERE)
    except WrongValueError:
        wrong = N_("Write your parent's address, like name@example.org. It cannot be your own.")
        return await _form(visit, wrong=translate(visit.lang, wrong), email=form.email)
    return Go(f"{ANSWERED}?done=asked", (Cookie("joining", ""),))


async def show(visit: Visit) -> Page:
    """Show a parent what it is about; nothing is used up."""
    asked = await join_child.is_asked(visit.deps, visit.params["token"])
    return await _agree(visit, csrf=visit.csrf(visit.path) if asked else "")


async def answer(visit: Visit) -> Page | Go:
    """Take the parent's answer."""
    form, link = visit.form.read(_Answer), visit.params["token"]
    if form.answer not in {"agree", "refuse"}:
        raise BadRequestError
    try:
        if form.answer == "agree":
            await join_child.agree(visit.deps, link, request=visit.request_id)
            return Go(f"{ANSWERED}?done=agreed")
        await join_child.refuse(visit.deps, link)
    except SignInRefusedError:
        return await _agree(visit, csrf="", status=422)
    return Go(f"{ANSWERED}?done=refused")


async def answered(visit: Visit) -> Page | Go:
    """Say what came of it."""
    done = _DONE.get(visit.query.get("done", ""))
    if done is None:
        return Go(HERE)
    page = AnsweredPage(translate(visit.lang, done[0]), translate(visit.lang, done[1]))
    return Page("join_answered.html", page, HERE)


async def _form(visit: Visit, *, wrong: str = "", email: str = "") -> Page:
    page = ParentPage(
        title=title(visit, N_("Ask a parent"), wrong=wrong),
        wrong=wrong,
        email=email,
        age=await _age(visit),
        csrf=visit.csrf(PARENT),
    )
    return Page("join_parent.html", page, HERE, status=422 if wrong else 200)


async def _agree(visit: Visit, *, csrf: str, status: int = 200) -> Page:
    words = N_("May your child join?") if csrf else N_("This link is over")
    page = AgreePage(translate(visit.lang, words), await _age(visit), visit.path, csrf)
    return Page("join_agree.html", page, HERE, status=status)


async def _age(visit: Visit) -> int:
    children = (await published.in_force(visit.deps)).code.children
    return children.age if children else 0
