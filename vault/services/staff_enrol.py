"""Invite a member of staff by a link of one use, and let who opens it in.

A link that is printed lives for half an hour, one that is mailed after an approval for a day. Pressing
its button names the member and mails a code to the address that was invited; only that code signs in,
so that a link which somebody else saw lets nobody in who cannot read that mailbox.
Source: security note, 8; INTERFACES, ownship staff invite.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from policies.model import StaffRole
from vault.core.approval import Ground
from vault.core.errors import ConflictError, SignInRefusedError, WrongValueError
from vault.core.staff import State
from vault.crypto.random import token
from vault.services import confirmation, staff, staff_sign_in, unit
from vault.services.confirmation import Waiting
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.services.unit import Unit

LIFE: Final = timedelta(minutes=30)  # of a link that is printed
MAILED_LIFE: Final = timedelta(hours=24)  # who is invited need not be at the desk
MAX_NAME: Final = 100  # characters
_KIND: Final = "enrol"


@dataclass(frozen=True, slots=True)
class Invited:
    """A member that was invited, and the link that enrols."""

    member: Member
    link: str


async def invite(deps: Deps, email: str, role: StaffRole, *, by: str) -> Invited:
    """Invite somebody, in a transaction of its own; again for one who did not enrol in time.

    Raises:
        WrongValueError: this is no e-mail address.
        ConflictError: somebody with this mailbox is, or was, a member.
    """
    made, _ = await unit.run(deps, lambda it: invite_within(it, email, role, by=by))
    return made


async def invite_within(
    it: Unit,
    email: str,
    role: StaffRole,
    *,
    by: str,
    ground: Ground | None = None,
    life: timedelta = LIFE,
) -> Invited:
    """Invite somebody in the transaction of another cause; errors as `invite`."""
    member = await staff.add(it, email, role, by=by, ground=ground)
    secret = token()
    await confirmation.put(
        it,
        _KIND,
        secret=secret,
        address=staff.address_index(it.deps, member.email)[0],
        content={"staff": str(member.id)},
        code=token(),  # no code goes with this link: this one nobody ever sees
        life=life,
    )
    return Invited(member, f"{it.deps.issuer}/console/enrol/{secret}")


async def look(deps: Deps, secret: str) -> Member | None:
    """Return who a link enrols; None when it was used, is over or never was. Nothing is used up."""
    waiting = await confirmation.look(deps, _KIND, secret=secret)
    return None if waiting is None else await _invited(deps, waiting)


async def enrol(deps: Deps, secret: str, *, name: str, browser: str, address: str) -> None:
    """Enrol a member, and mail the code that signs in.

    Args:
        deps: what a use case may touch.
        secret: the last part of the link.
        name: by which colleagues know the member.
        browser: a fresh nonce, which the browser keeps in a cookie.
        address: of the client, for the limit of mails.

    Raises:
        WrongValueError: the name is empty or too long.
        SignInRefusedError: the link does not work.
        TooManyError: too many mails were asked for; the link still works.
    """
    typed = " ".join(name.split())
    if not 0 < len(typed) <= MAX_NAME or not typed.isprintable():
        raise WrongValueError
    waiting = await confirmation.look(deps, _KIND, secret=secret)
    member = None if waiting is None else await _invited(deps, waiting)
    if waiting is None or member is None:
        raise SignInRefusedError

    async def work(it: Unit) -> None:
        await confirmation.take(it, waiting)
        enrolled = replace(member, name=typed, state=State.ACTIVE, enrolled_at=it.now)
        try:
            await staff.save(it, enrolled, "enrolled", by=member.handle)
        except ConflictError:  # ended, or invited anew, at this moment
            raise SignInRefusedError from None

    await staff_sign_in.count(deps, member.email, address=address)
    await unit.run(deps, work)
    await staff_sign_in.mail_code(deps, member.email, browser=browser)


async def _invited(deps: Deps, waiting: Waiting) -> Member | None:
    async with deps.database.connect() as conn:
        member = await staff.by_id(deps, conn, UUID(waiting.content["staff"]))
    return member if member and member.state is State.INVITED else None
