"""List what waits for a second person, show it with what it would do, and let that person decide.

Reading needs a right; deciding a sign-in of the last minutes, on a page of its own, which shows the
same. What is pressed there names the digest of what was shown.
Source: security note, 8; portal note, 8.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from portal.answers import Go, Page
from portal.console import plan_rows
from portal.console import proposal_words as words
from portal.console.door import SIGN_IN
from portal.console.plan_rows import AppPlan, CodePlan, Mistake
from portal.console.proposal_words import Who
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, moment
from vault.core.approval import Kind, State
from vault.core.errors import (
    BadRequestError,
    ConflictError,
    NotAvailableError,
    NotFreshError,
    RefusedError,
)
from vault.core.staff import Right
from vault.services import app_change, approval, jobs, proposal, proposing
from vault.services.approval import Shown
from vault.services.proposal_row import Proposal
from vault.services.publication_plan import Plan
from vault.services.staff import Member
from vault.services.staff_change import Wish

HERE: Final = "/console/proposals"
_DONE: Final = {
    "proposed": N_("It is proposed. Somebody else decides."),
    "withdrawn": N_("It is withdrawn."),
    "approved": N_("It is approved and done."),
    "refused": N_("It is refused. Nothing was done."),
}


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["propose", "discard", "withdraw"]


class _Decide(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["approve", "refuse"]
    digest: str = ""


class _App(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["app", "thaw"]
    document: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal in the list."""

    href: str
    number: str
    kind: str
    subject: str
    state: Badge
    by: Who
    made: Moment
    until: Moment
    decided_by: Who | None


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    """Everything of `/console/proposals`."""

    title: str
    lines: tuple[Line, ...]
    may_app: bool
    document: str
    app: str
    wrong: str
    wrong_field: str
    csrf: str


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """Everything of `/console/proposals/{number}`, and of the page that decides on it."""

    title: str
    kind: str
    subject: str
    line: Line
    decided: Moment | None
    digest: str
    message: str
    wrong: str
    problem: str
    obstacle: str
    code: CodePlan | None
    app: AppPlan | None
    staff: str
    remarks: tuple[Mistake, ...]  # what to look at in a code of ethics
    document: str  # as it was written; "" where there is none to show
    decides: bool  # whether the buttons stand here
    decide: str  # where they stand; "" for one who does not decide
    own: str  # draft, open: what its author may do; "" for nothing
    edit: str
    action: str
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """List the proposals of the kinds that one proposes or approves."""
    return await _list(visit)


async def ask(visit: StaffVisit) -> Page | Go:
    """Propose an app's registration, or that a frozen one goes on."""
    form = visit.form.read(_App)
    visit.member.need(Right.PROPOSE_APP)
    field = "document" if form.do == "app" else "app"
    try:
        if form.do == "app":
            made = await proposing.app(visit.deps, visit.signed_in, form.document.encode())
        else:
            made = await proposing.thaw(visit.deps, visit.signed_in, form.app)
    except (BadRequestError, RefusedError) as error:
        return await _list(visit, form, wrong=error.detail, field=field)
    except NotAvailableError:
        wrong = translate(visit.lang, N_("No app has this client id."))
        return await _list(visit, form, wrong=wrong, field=field)
    if made is None:
        wrong = translate(visit.lang, N_("This very registration is in force."))
        return await _list(visit, form, wrong=wrong, field=field)
    return Go(f"{HERE}/{made.number}?done=proposed")


async def one(visit: StaffVisit) -> Page:
    """Show one proposal."""
    return await _one(visit)


async def act(visit: StaffVisit) -> Page | Go:
    """Let its author propose a draft, or take a proposal back."""
    form, number = visit.form.read(_Act), visit.params["number"]
    try:
        if form.do == "propose":
            await proposing.submit(visit.deps, visit.signed_in, number)
            return Go(f"{visit.path}?done=proposed")
        await proposal.withdraw(visit.deps, number, by=visit.member.handle)
    except (ConflictError, RefusedError) as error:
        status = 409 if isinstance(error, ConflictError) else 422
        return await _one(visit, wrong=error.detail, status=status)
    gone = form.do == "discard"  # a draft, which leaves no trace
    return Go("/console/code" if gone else f"{visit.path}?done=withdrawn")


async def ask_decision(visit: StaffVisit) -> Page:
    """Show one proposal with the buttons that decide."""
    return await _one(visit, decides=True)


async def decide(visit: StaffVisit) -> Page | Go:
    """Approve or refuse; what cannot be is said on the page itself."""
    form, number = visit.form.read(_Decide), visit.params["number"]
    work = approval.approve if form.do == "approve" else approval.refuse
    try:
        await work(visit.deps, visit.signed_in, number, digest=form.digest)
    except NotFreshError:  # the last minute ended after the door looked
        return Go(f"{SIGN_IN}?fresh=1&next={visit.path}")
    except RefusedError as error:
        return await _one(visit, decides=True, wrong=error.detail, status=422)
    except ConflictError as error:
        return await _one(visit, wrong=error.detail, status=409)
    jobs.wake()
    done = "approved" if form.do == "approve" else "refused"
    return Go(f"{HERE}/{number}?done={done}")


async def _list(
    visit: StaffVisit, form: _App | None = None, *, wrong: str = "", field: str = ""
) -> Page:
    found = await proposal.list_(visit.deps, visit.member)
    names = await words.members(visit.deps)
    page = ProposalsPage(
        title=translate(visit.lang, N_("Proposals")),
        lines=tuple(_line(visit, one, names) for one in found),
        may_app=visit.member.may(Right.PROPOSE_APP),
        document=form.document if form else "",
        app=form.app if form else "",
        wrong=words.problem(wrong, visit.lang),
        wrong_field=field,
        csrf=visit.csrf(HERE),
    )
    return Page("console/proposals.html", page, HERE, status=422 if wrong else 200)


async def _one(
    visit: StaffVisit, *, decides: bool = False, wrong: str = "", status: int = 200
) -> Page:
    shown = await approval.show(visit.deps, visit.params["number"], member=visit.member)
    made, lang = shown.proposal, visit.lang
    names = await words.members(visit.deps)
    waits = shown.state is State.OPEN
    may = waits and shown.obstacle is None
    path = f"{HERE}/{made.number}"
    action = f"{path}/decide" if decides else path
    mine = made.by == visit.member.handle and shown.state in {State.DRAFT, State.OPEN}
    done = _DONE.get(visit.query.get("done", ""), "")
    page = ProposalPage(
        title=f"{words.kind(made.kind, lang)} {made.subject}".strip(),
        kind=words.kind(made.kind, lang),
        subject=made.subject,
        line=_line(visit, made, names),
        decided=moment(made.decided_at, lang) if made.decided_at else None,
        digest=made.digest,
        message=translate(lang, done) if done and not wrong else "",
        wrong=words.problem(wrong, lang),
        problem=words.problem(shown.problem, lang),
        obstacle=words.obstacle(shown.obstacle, lang) if waits else "",
        code=plan_rows.code(shown.weighed, lang) if isinstance(shown.weighed, Plan) else None,
        app=(
            plan_rows.app(shown.weighed, lang)
            if isinstance(shown.weighed, app_change.Change)
            else None
        ),
        staff=_staff(shown, names, lang),
        remarks=plan_rows.remarks(shown.document, lang) if made.kind is Kind.CODE else (),
        document=_document(shown),
        decides=decides and may and not shown.problem,
        decide=f"{path}/decide" if may and not decides else "",
        own=shown.state.value if mine else "",
        edit=f"/console/code/draft?from={made.number}" if made.kind is Kind.CODE else "",
        action=action,
        csrf=visit.csrf(action),
    )
    return Page("console/proposal.html", page, HERE, status=status)


def _line(visit: StaffVisit, made: Proposal, names: Mapping[str, Member]) -> Line:
    lang = visit.lang
    return Line(
        href=f"{HERE}/{made.number}",
        number=made.number,
        kind=words.kind(made.kind, lang),
        subject=made.subject,
        state=words.state(made.state_at(visit.now), lang),
        by=words.who(made.by, lang, names=names),
        made=moment(made.made_at, lang),
        until=moment(made.ends_at, lang),
        decided_by=words.who(made.decided_by, lang, names=names) if made.decided_by else None,
    )


def _staff(shown: Shown, names: Mapping[str, Member], lang: str) -> str:
    if shown.proposal.kind is not Kind.STAFF:
        return ""
    return words.wish(Wish.parse(shown.document), lang, names=names)


def _document(shown: Shown) -> str:
    if shown.proposal.kind is Kind.CODE:
        return shown.document
    if shown.proposal.kind is Kind.APP:
        return json.dumps(json.loads(shown.document), ensure_ascii=False, indent=2)
    return ""
