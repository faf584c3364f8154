"""Show who is staff, and let administration propose who comes, changes and goes.

Names and pseudonyms are for colleagues; an address is shown to nobody but on the proposal that invites
it. Each change waits for somebody of compliance.
Source: security note, 8; portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from policies.model import StaffRole
from portal.answers import Go, Page
from portal.console import proposal_words as words
from portal.console.proposal_words import Who
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, day
from vault.core.errors import BadRequestError, NotAvailableError, RefusedError, WrongValueError
from vault.core.staff import Right, State
from vault.services import proposing
from vault.services.staff_change import Do, Wish

HERE: Final = "/console/staff"


class _Invite(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)
    role: str = ""


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One member."""

    href: str  # "" for one who cannot change, and for those who may not propose it
    handle: str
    name: str
    role: str
    state: Badge
    made_by: Who
    since: Moment


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Everything of `/console/staff`."""

    title: str
    lines: tuple[Line, ...]
    may_propose: bool
    roles: tuple[tuple[str, str], ...]
    email: str
    role: str
    wrong: str
    wrong_field: str
    csrf: str


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Everything of `/console/staff/{handle}`."""

    title: str
    line: Line
    roles: tuple[tuple[str, str], ...]  # other ones than the present
    wrong: str
    action: str
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """List the members."""
    return await _list(visit)


async def invite(visit: StaffVisit) -> Page | Go:
    """Propose that somebody is invited."""
    form = visit.form.read(_Invite)
    if form.role not in list(StaffRole):
        wrong = translate(visit.lang, N_("Choose a role."))
        return await _list(visit, form, wrong=wrong, field="role")
    wish = Wish(Do.INVITE, email=form.email, role=StaffRole(form.role))
    try:
        made = await proposing.staff(visit.deps, visit.signed_in, wish)
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write an address like name@example.org."))
        return await _list(visit, form, wrong=wrong, field="email")
    except RefusedError as error:
        wrong = words.problem(error.detail, visit.lang)
        return await _list(visit, form, wrong=wrong, field="email")
    return Go(f"/console/proposals/{made.number}?done=proposed")


async def one(visit: StaffVisit) -> Page:
    """Show one member with what may be proposed."""
    return await _one(visit)


async def change(visit: StaffVisit) -> Page | Go:
    """Propose another role, or the end."""
    form, handle = visit.form.read(_Change), visit.params["handle"]
    if form.do == "role" and form.role not in list(StaffRole):
        return await _one(visit, wrong=translate(visit.lang, N_("Choose a role.")))
    if form.do not in {"role", "end"}:
        raise BadRequestError
    role = StaffRole(form.role) if form.do == "role" else None
    try:
        wish = Wish(Do(form.do), handle, role=role)
        made = await proposing.staff(visit.deps, visit.signed_in, wish)
    except RefusedError as error:
        return await _one(visit, wrong=words.problem(error.detail, visit.lang))
    return Go(f"/console/proposals/{made.number}?done=proposed")


async def _list(
    visit: StaffVisit, form: _Invite | None = None, *, wrong: str = "", field: str = ""
) -> Page:
    page = StaffPage(
        title=translate(visit.lang, N_("Staff")),
        lines=await _lines(visit),
        may_propose=visit.member.may(Right.PROPOSE_STAFF),
        roles=_roles(visit),
        email=form.email if form else "",
        role=form.role if form else "",
        wrong=wrong,
        wrong_field=field,
        csrf=visit.csrf(HERE),
    )
    return Page("console/staff.html", page, HERE, status=422 if wrong else 200)


async def _one(visit: StaffVisit, *, wrong: str = "") -> Page:
    found = [one for one in await _lines(visit) if one.handle == visit.params["handle"]]
    if not found or not found[0].href:
        raise NotAvailableError
    (line,) = found
    page = MemberPage(
        title=line.name or line.handle,
        line=line,
        roles=tuple(one for one in _roles(visit) if one[1] != line.role),
        wrong=wrong,
        action=visit.path,
        csrf=visit.csrf(visit.path),
    )
    return Page("console/member.html", page, HERE, status=422 if wrong else 200)


async def _lines(visit: StaffVisit) -> tuple[Line, ...]:
    members = await words.members(visit.deps)
    may = visit.member.may(Right.PROPOSE_STAFF)
    return tuple(
        Line(
            href=f"{HERE}/{one.handle}" if may and one.state is not State.ENDED else "",
            handle=one.handle,
            name=one.name,
            role=words.role(one.role.value, visit.lang),
            state=words.member_state(one.state.value, visit.lang),
            made_by=words.who(one.made_by, visit.lang, names=members),
            since=day(one.made_at, visit.lang),
        )
        for one in members.values()
    )


def _roles(visit: StaffVisit) -> tuple[tuple[str, str], ...]:
    return tuple((role.value, words.role(role.value, visit.lang)) for role in StaffRole)
