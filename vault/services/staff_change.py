"""Change who is staff: what is proposed, what it is compared with, and what an approval does.

Somebody is invited, gets another role, or ends for good. Who is invited stands sealed in the
proposal; the link goes by mail to that address and to nobody else, so neither who proposed nor who
approved can take the place. From the host's shell members end at once only before anybody enrolled.
Source: security note, 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.model import StaffRole
from vault.core import approval, canonical
from vault.core.approval import Ground
from vault.core.errors import ConflictError, RefusedError
from vault.core.staff import OPERATOR, State
from vault.services import jobs, mail, proposal, staff, staff_enrol, staff_sign_in, unit
from vault.services.deps import Deps
from vault.services.proposal_row import Proposal
from vault.services.staff import Member
from vault.services.unit import Unit
from vault.store.engine import Conn

LETTER: Final = "staff-invited"
UNKNOWN: Final = "Nobody has this pseudonym. `ownship staff list` names all members."
GONE: Final = "This member has ended, and stays so."
SAME: Final = "This member has this role already."


class Do(StrEnum):
    """What is done to a member."""

    INVITE = "invite"
    ROLE = "role"
    END = "end"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be done."""

    do: Do
    handle: str = ""  # of whom; "" for somebody who is invited
    email: str = ""  # of whoever is invited
    role: StaffRole | None = None  # the one that they get; None when they end

    @property
    def document(self) -> str:
        """Return it as a proposal keeps it."""
        role = self.role.value if self.role else ""
        said = {"do": self.do.value, "handle": self.handle, "email": self.email, "role": role}
        return canonical.dumps(said).decode()

    @classmethod
    def parse(cls, document: str) -> "Wish":
        """Read what a proposal keeps."""
        said = canonical.loads(document.encode())
        role = StaffRole(said["role"]) if said["role"] else None
        return cls(Do(said["do"]), said["handle"], said["email"], role)


@dataclass(frozen=True, slots=True)
class Change:
    """A change before it is made."""

    wish: Wish
    before: Member | None  # None for somebody who has no account

    @property
    def basis(self) -> str:
        """Return what it was compared with."""
        one = self.before
        return f"{one.handle}/{one.role}/{one.state}" if one else ""


async def weigh(deps: Deps, conn: Conn, wish: Wish) -> Change:
    """Compare a wish with how things stand.

    Raises:
        WrongValueError: there is no such address.
        RefusedError: it cannot be done, in words.
    """
    if wish.do is Do.INVITE:
        try:
            return Change(wish, await staff.check_free(deps, conn, wish.email))
        except ConflictError as error:
            raise RefusedError(error.detail) from None
    member = await staff.by_handle(deps, conn, wish.handle)
    if member is None:
        raise RefusedError(UNKNOWN)
    if member.state is State.ENDED:
        raise RefusedError(GONE)
    if wish.do is Do.ROLE and wish.role is member.role:
        raise RefusedError(SAME)
    return Change(wish, member)


async def propose(it: Unit, wish: Wish, *, by: str) -> Proposal:
    """Let a change of staff wait for a second person; errors as `weigh` and `proposal.propose`."""
    change = await weigh(it.deps, it.conn, wish)
    return await proposal.propose(
        it,
        approval.Kind.STAFF,
        subject=wish.handle,
        document=wish.document,
        basis=change.basis,
        by=by,
    )


async def end_from_shell(deps: Deps, handle: str) -> Proposal | None:
    """End a member, or propose it once somebody is enrolled; None when it was done.

    Raises:
        RefusedError: there is nobody to end.
    """

    async def work(it: Unit) -> Proposal | None:
        wish = Wish(Do.END, handle)
        if not await staff.is_bootstrap(it.conn):
            return await propose(it, wish, by=OPERATOR)
        change = await weigh(it.deps, it.conn, wish)
        await carry_out(it, change, approval.SHELL)
        return None

    waits, _ = await unit.run(deps, work)
    return waits


async def carry_out(it: Unit, change: Change, ground: Ground) -> None:
    """Do what was weighed, in this transaction.

    Raises:
        ConflictError: the member changed at this moment.
    """
    wish, before = change.wish, change.before
    if wish.do is Do.INVITE and wish.role is not None:
        await _invite(it, wish.email, wish.role, ground)
    elif wish.do is Do.ROLE and wish.role is not None and before is not None:
        await staff.set_role(it, before, wish.role, by=ground.by, ground=ground)
    elif wish.do is Do.END and before is not None:
        await staff.end(it, before, by=ground.by, ground=ground)


async def _invite(it: Unit, email: str, role: StaffRole, ground: Ground) -> None:
    life = staff_enrol.MAILED_LIFE
    invited = await staff_enrol.invite_within(
        it, email, role, by=ground.by, ground=ground, life=life
    )
    message = mail.Message(
        template=LETTER,
        to=invited.member.email,
        send=True,
        until=it.now + life,
        parts=(
            ("publisher", await staff_sign_in.publisher(it)),
            ("issuer", it.deps.issuer),
            ("link", invited.link),
        ),
    )
    await mail.queue(it, staff.address_index(it.deps, email)[0], message=message)
    jobs.wake()
