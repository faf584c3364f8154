"""Propose from the console, as a member of staff whose account and role are read again.

Each of these waits for a second person; nothing takes effect here. A code of ethics is first a draft,
with its plan, which its author reads before others do.
Source: security note, 8; portal note, 8.
"""

from policies.compile import compile_
from vault.core.approval import PROPOSES, Kind
from vault.core.errors import NotAvailableError
from vault.core.staff import Right
from vault.services import (
    app_change,
    approval,
    proposal,
    publication,
    registered,
    staff_change,
    staff_session,
    unit,
)
from vault.services.deps import Deps
from vault.services.proposal_row import Proposal
from vault.services.staff import Member
from vault.services.staff_change import Wish
from vault.services.staff_session import StaffSession
from vault.services.unit import Unit


async def draft_code(deps: Deps, session: StaffSession, text: bytes) -> Proposal:
    """Keep a code of ethics as its author's draft, in the place of an earlier one.

    Raises:
        CodeErrors: with every mistake of the document.
        RefusedError: it may not be published, in words.
        NotAvailableError: they may not propose it.
    """
    rulebook = compile_(text, name="draft")

    async def work(it: Unit) -> Proposal:
        member = await _proposer(it, session, Right.PROPOSE_CODE)
        planned = await publication.weigh(deps, it.conn, rulebook, now=it.now)
        return await publication.propose(it, planned, text, by=member.handle, draft=True)

    return (await unit.run(deps, work))[0]


async def submit(deps: Deps, session: StaffSession, number: str) -> None:
    """Propose one's draft.

    Raises:
        NotAvailableError: it is no draft of theirs, or they may not propose.
        RefusedError: it does not fit any more, or too many wait.
    """

    async def work(it: Unit) -> None:
        member = await staff_session.acting(it, session)
        opened = await proposal.open_(deps, it.conn, number, member)
        member.need(PROPOSES[opened.proposal.kind])
        await approval.weigh(deps, it.conn, opened, now=it.now)
        await proposal.submit(it, opened, by=member.handle)

    await unit.run(deps, work)


async def app(deps: Deps, session: StaffSession, document: bytes) -> Proposal | None:
    """Propose a registration, new or in another's place; None where it is registered already.

    Raises:
        RegistrationError: naming the member that is refused.
        RefusedError: too many wait.
        NotAvailableError: they may not propose it.
    """

    async def work(it: Unit) -> Proposal | None:
        member = await _proposer(it, session, PROPOSES[Kind.APP])
        change = await app_change.weigh(deps, it.conn, document, now=it.now)
        if change.is_nothing:
            return None
        return await app_change.propose(it, change, by=member.handle)

    return (await unit.run(deps, work))[0]


async def thaw(deps: Deps, session: StaffSession, app_id: str) -> Proposal:
    """Propose that a frozen app goes on.

    Raises:
        RefusedError: it is not frozen, or too many wait.
        NotAvailableError: there is no such app, or they may not propose it.
    """

    async def work(it: Unit) -> Proposal:
        member = await _proposer(it, session, PROPOSES[Kind.THAW])
        found = await registered.load(deps, it.conn, app_id)
        if found is None:
            raise NotAvailableError
        return await app_change.propose_thaw(it, found, by=member.handle)

    return (await unit.run(deps, work))[0]


async def staff(deps: Deps, session: StaffSession, wish: Wish) -> Proposal:
    """Propose that somebody is invited, gets another role, or ends.

    Raises:
        WrongValueError: there is no such address.
        RefusedError: it cannot be done, or too many wait; in words.
        NotAvailableError: they may not propose it.
    """

    async def work(it: Unit) -> Proposal:
        member = await _proposer(it, session, Right.PROPOSE_STAFF)
        return await staff_change.propose(it, wish, by=member.handle)

    return (await unit.run(deps, work))[0]


async def _proposer(it: Unit, session: StaffSession, right: Right) -> Member:
    member = await staff_session.acting(it, session)
    member.need(right)
    return member
