"""Approve or refuse what was proposed: a second person, freshly signed in, exactly what was shown.

1. The account, its role and its sign-in are read again, and so are those of who proposed.
2. The proposal is decided, over the version that was read: of many at once one goes on.
3. What is proposed is weighed again by the same rule as when it was proposed. Where what it was
   compared with has changed, or it does not fit any more, nothing is done and the words say why.
4. It is carried out and logged with both pseudonyms, in the same transaction.

Who may decide is `vault/core/approval.py`; what is done belongs to each kind's service.
Source: security note, 8.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.compile import compile_
from policies.errors import CodeErrors
from vault.core import approval as rules
from vault.core.approval import SENTENCES, Decider, Ground, Kind, Obstacle, State
from vault.core.errors import (
    BadRequestError,
    ConflictError,
    NotFreshError,
    NotReadyError,
    RefusedError,
    WrongValueError,
)
from vault.services import (
    app_change,
    proposal,
    publication,
    registered,
    staff_change,
    staff_session,
    unit,
)
from vault.services.deps import Deps
from vault.services.proposal_row import Opened, Proposal
from vault.services.publication_plan import Plan
from vault.services.registered import App
from vault.services.staff import Member
from vault.services.staff_session import StaffSession
from vault.services.unit import Unit
from vault.store.engine import Conn

Weighed = Plan | app_change.Change | App | staff_change.Change


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as it is shown: with what it would do at this moment."""

    proposal: Proposal
    document: str
    state: State
    weighed: Weighed | None  # None when it would do nothing any more
    problem: str  # why it would not
    obstacle: Obstacle | None  # why the one who looks does not decide


async def show(deps: Deps, number: str, *, member: Member | None = None) -> Shown:
    """Return a proposal with what it would do; to the host's shell where there is no member.

    Raises:
        NotAvailableError: there is none of this number that is theirs to see.
    """
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        opened = await proposal.open_(deps, conn, number, member)
        made = opened.proposal
        state = made.state_at(now)
        weighed, problem = None, ""
        if state in {State.OPEN, State.DRAFT}:
            try:
                weighed = await weigh(deps, conn, opened, now=now)
            except RefusedError as error:
                problem = error.detail
        obstacle = None
        if member is not None:
            obstacle = _obstacle(made, member, now=now)
    return Shown(made, opened.document, state, weighed, problem, obstacle)


async def approve(deps: Deps, session: StaffSession, number: str, *, digest: str) -> None:
    """Approve a proposal and carry it out.

    Args:
        deps: what a use case may touch.
        session: of the one who approves.
        number: of the proposal.
        digest: of exactly what was shown to them.

    Raises:
        NotFreshError: the sign-in is not of the last minutes.
        NotAvailableError: there is none of this number that is theirs to see.
        RefusedError: they may not decide on it, or it does not fit any more; in words.
        ConflictError: something else was shown, it was decided meanwhile, or its time is over.
    """

    async def work(it: Unit) -> None:
        member, opened = await _deciding(it, session, number, digest)
        made = opened.proposal
        if not await proposal.may_still(it, made):
            raise RefusedError(proposal.NOBODY)
        await proposal.decide(it, made, State.APPROVED, by=member.handle)
        weighed = await weigh(it.deps, it.conn, opened, now=it.now)
        await _carry_out(it, opened, weighed, Ground(made.by, member.handle, made.digest))

    await unit.run(deps, work)


async def refuse(deps: Deps, session: StaffSession, number: str, *, digest: str) -> None:
    """Refuse a proposal; nothing is done. Errors as `approve`."""

    async def work(it: Unit) -> None:
        member, opened = await _deciding(it, session, number, digest)
        await proposal.decide(it, opened.proposal, State.REFUSED, by=member.handle)
        proposal.log(it, opened.proposal, State.REFUSED.value, decided_by=member.handle)

    await unit.run(deps, work)


async def _deciding(
    it: Unit, session: StaffSession, number: str, digest: str
) -> tuple[Member, Opened]:
    if not staff_session.is_fresh(it.deps, session):
        raise NotFreshError
    member = await staff_session.acting(it, session)
    opened = await proposal.open_(it.deps, it.conn, number, member)
    if opened.proposal.digest != digest:
        raise ConflictError
    found = _obstacle(opened.proposal, member, now=it.now)
    if found is not None:
        raise RefusedError(SENTENCES[found])
    return member, opened


def _obstacle(made: Proposal, member: Member, *, now: datetime) -> Obstacle | None:
    who = Decider(
        handle=member.handle,
        role=member.role,
        made_by=member.made_by,
        made_at=member.made_at,
        reset_by=member.reset_by,
        reset_at=member.reset_at,
    )
    if not member.may(rules.APPROVES[made.kind]):
        return Obstacle.ROLE
    return rules.obstacle(made.matter, who, now=now)


async def weigh(deps: Deps, conn: Conn, opened: Opened, *, now: datetime) -> Weighed:
    """Say what a proposal would do at this moment.

    Raises:
        RefusedError: nothing any more, in words.
    """
    weighed: Weighed
    made = opened.proposal
    try:
        if made.kind is Kind.CODE:
            book = compile_(opened.document.encode(), name=made.subject)
            weighed = await publication.weigh(deps, conn, book, now=now)
            basis = publication.basis(weighed)
        elif made.kind is Kind.APP:
            weighed = await app_change.weigh(deps, conn, opened.document.encode(), now=now)
            basis = weighed.basis
        elif made.kind is Kind.THAW:
            app = await registered.load(deps, conn, made.subject)
            if app is None or not app.frozen:
                raise RefusedError(app_change.NOT_FROZEN)
            weighed, basis = app, app_change.standing(app)
        else:
            weighed = await staff_change.weigh(deps, conn, staff_change.Wish.parse(opened.document))
            basis = weighed.basis
    except (BadRequestError, CodeErrors, NotReadyError, WrongValueError) as error:
        raise RefusedError(str(error)) from None
    if basis != opened.basis:
        raise RefusedError(proposal.CHANGED)
    return weighed


async def _carry_out(it: Unit, opened: Opened, weighed: Weighed, ground: Ground) -> None:
    if isinstance(weighed, Plan):
        await publication.save(it, weighed, opened.document.encode(), ground)
    elif isinstance(weighed, App):
        await app_change.melt(it, weighed, ground)
    elif isinstance(weighed, app_change.Change):
        await app_change.register(it, weighed, ground)
    else:
        await staff_change.carry_out(it, weighed, ground)
