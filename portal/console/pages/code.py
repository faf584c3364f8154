"""Show which code of ethics is in force and which were, and let a steward write the next one.

What was written is checked as a whole: each mistake with its line and what to write instead. What has
none becomes a draft, whose page says what it would do.
Source: DESIGN 5; portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from policies.errors import CodeError, CodeErrors
from portal.answers import Go, Page
from portal.console import plan_rows
from portal.console import proposal_words as words
from portal.console.plan_rows import Mistake
from portal.console.proposal_words import Who
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, moment
from vault.core.approval import Kind, State
from vault.core.errors import NotAvailableError, NotReadyError, RefusedError
from vault.core.staff import Right
from vault.services import approval, proposal, proposing, publication
from vault.services.proposal_row import Proposal
from vault.services.publication import Version as Row

HERE: Final = "/console/code"
DRAFT: Final = "/console/code/draft"
MAX_DRAFT: Final = 1_048_576  # bytes of its form


class _Draft(BaseModel):
    model_config = ConfigDict(frozen=True)

    source: str


@dataclass(frozen=True, slots=True)
class Version:
    """One published version."""

    version: str
    state: Badge
    effective: Moment
    published: Moment
    shell: bool  # published before anybody was enrolled
    by: Who | None  # None for the shell, and where it is too long ago
    approved_by: Who | None
    has_before: bool


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/console/code`."""

    title: str
    versions: tuple[Version, ...]
    waiting: tuple[tuple[str, str], ...]  # (address, version) of what is proposed or a draft
    may_propose: bool


@dataclass(frozen=True, slots=True)
class DraftPage:
    """Everything of `/console/code/draft`."""

    title: str
    source: str
    mistakes: tuple[Mistake, ...]
    wrong: str
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """List the versions, the newest first, and what waits."""
    found = await proposal.list_(visit.deps, visit.member)
    names = await words.members(visit.deps)
    made = {
        one.subject: one for one in found if one.kind is Kind.CODE and one.state is State.APPROVED
    }
    rows = await publication.history(visit.deps)
    current = next((row.version for row in rows if row.effective_at <= visit.now), "")
    versions = []
    for row in rows:
        by = made.get(row.version)
        versions.append(
            Version(
                version=row.version,
                state=_state(row, current, visit),
                effective=moment(row.effective_at, visit.lang),
                published=moment(row.published_at, visit.lang),
                shell=row.bootstrap,
                by=words.who(by.by, visit.lang, names=names) if by else None,
                approved_by=words.who(by.decided_by, visit.lang, names=names) if by else None,
                has_before=row is not rows[-1],
            )
        )
    page = CodePage(
        title=translate(visit.lang, N_("Code of ethics")),
        versions=tuple(versions),
        waiting=tuple(
            (f"/console/proposals/{one.number}", one.subject)
            for one in found
            if one.kind is Kind.CODE and _waits(one, visit)
        ),
        may_propose=visit.member.may(Right.PROPOSE_CODE),
    )
    return Page("console/code.html", page, HERE)


async def write(visit: StaffVisit) -> Page:
    """Show the form for a draft: the one that is named, or the code in force to begin with."""
    number = visit.query.get("from", "")
    source = ""
    try:
        if number:
            source = (await approval.show(visit.deps, number, member=visit.member)).document
        else:
            source = (await publication.show(visit.deps)).source.decode()
    except (NotAvailableError, NotReadyError):
        pass  # there is nothing to begin with, which the empty form says
    return _form(visit, source=source)


async def check(visit: StaffVisit) -> Page | Go:
    """Check what was written, and keep it as a draft."""
    source = visit.form.read(_Draft).source.replace("\r\n", "\n")
    text = source.encode()
    try:
        made = await proposing.draft_code(visit.deps, visit.signed_in, text)
    except CodeErrors as errors:
        return _form(visit, source=source, errors=errors.errors)
    except RefusedError as error:
        return _form(visit, source=source, wrong=error.detail)
    return Go(f"/console/proposals/{made.number}")


def _form(
    visit: StaffVisit, *, source: str, errors: tuple[CodeError, ...] = (), wrong: str = ""
) -> Page:
    bad = bool(errors or wrong)
    title = translate(visit.lang, N_("Propose a new version"))
    page = DraftPage(
        title=translate(visit.lang, N_("Error: {title}"), title=title) if bad else title,
        source=source,
        mistakes=tuple(plan_rows.mistake(one, source, visit.lang) for one in errors),
        wrong=wrong,
        csrf=visit.csrf(DRAFT),
    )
    return Page("console/code_draft.html", page, HERE, status=422 if bad else 200)


def _state(row: Row, current: str, visit: StaffVisit) -> Badge:
    if row.effective_at > visit.now:
        return Badge(translate(visit.lang, N_("Waits for its day")), "end", "open")
    if row.version == current:
        return Badge(translate(visit.lang, N_("In force")), "on", "on")
    return Badge(translate(visit.lang, N_("Earlier")), "paper", "law")


def _waits(made: Proposal, visit: StaffVisit) -> bool:
    return made.state_at(visit.now) in {State.OPEN, State.DRAFT}
