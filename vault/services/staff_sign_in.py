"""Let a member of staff in who can read the mail of the address that was invited.

As for customers: one answer whoever asks, rows for a mail that is never sent where nobody has the
address, the newest code alone, once, for 10 minutes, with five tries, in the browser that asked.
There is no link in the mail: nobody signs in to the console from there. The demonstration alone has
links, on the operator's own machine.
Source: portal note, 6; security note, 8.
"""

from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from vault.core.errors import NotReadyError, RefusedError, SignInRefusedError
from vault.core.staff import State
from vault.crypto.random import digits, token
from vault.crypto.tokens import token_hash
from vault.services import (
    confirmation,
    jobs,
    limit,
    mail,
    sign_in,
    staff,
    staff_session,
    tries,
    unit,
)
from vault.services.deps import Deps
from vault.services.sign_in_guess import guess
from vault.services.sign_in_row import signed
from vault.services.staff import Member
from vault.services.staff_session import StaffSession
from vault.services.unit import Unit
from vault.store import sign_in as store
from vault.store.sign_in import SignInRow

LETTER: Final = "staff-sign-in"
_DEMO: Final = "staff-demo"  # what waits behind a link of the demonstration


async def start(deps: Deps, email: str, *, browser: str, address: str) -> None:
    """Send a code to an address, if a member of staff has it; nobody can tell whether.

    Args:
        deps: what a use case may touch.
        email: as typed.
        browser: a fresh nonce, which the asking browser keeps in a cookie.
        address: of the client, for the limit; it is not stored.

    Raises:
        WrongValueError: this is no e-mail address.
        TooManyError: too many for this address or from this network.
    """
    await count(deps, email, address=address)
    await mail_code(deps, email, browser=browser)


async def count(deps: Deps, email: str, *, address: str) -> None:
    """Count one more mail to an address; errors as `start`."""
    idx, _ = staff.address_index(deps, email)
    await limit.count(deps, sign_in.hits(idx, address))


async def mail_code(deps: Deps, email: str, *, browser: str) -> None:
    """Mail a code to an address, or do as if; what was counted before is not counted again."""
    idx, _ = staff.address_index(deps, email)
    code = digits(6)

    async def work(it: Unit) -> None:
        member = await staff.by_index(deps, it.conn, idx)
        known = member is not None and member.state is State.ACTIVE
        row = SignInRow(
            hash=token_hash(browser),
            address_idx=idx,
            code_mac=b"",
            link_mac=b"",
            tries=0,
            made_at=it.now,
            expires_at=it.now + sign_in.LIFE,
            used_at=None,
            unbound=False,
            customer=None,
        )
        # No link goes with this code: this one nobody ever sees.
        await store.start(it.conn, signed(deps, row, secret=browser, code=code, link=token()))
        message = mail.Message(
            template=LETTER,
            # The address as it was enrolled: another spelling of it may lead to another mailbox.
            to=member.email if member else email,
            send=known,
            until=row.expires_at,
            parts=(("publisher", await publisher(it)), ("issuer", deps.issuer), ("code", code)),
        )
        await mail.queue(it, idx, message=message)

    await unit.run(deps, work)
    jobs.wake()


async def publisher(it: Unit) -> str:
    """Return who writes: staff may come before there is a code of ethics, to approve the first."""
    try:
        return (await it.deps.codes.in_force(it.conn, it.now)).code.publisher.name
    except NotReadyError:
        return "Ownship"


async def confirm(
    deps: Deps, code: str, *, browser: str, device: str, renews: StaffSession | None = None
) -> str:
    """Sign in by the mailed digits and return what the session's cookie holds.

    Args:
        deps: what a use case may touch.
        code: as typed.
        browser: the nonce of the browser.
        device: a label from a fixed list.
        renews: the session of a member who confirms; it ends, and only this member gets another.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, nobody's, or somebody else's.
    """
    row = await guess(deps, code, browser=browser)

    async def work(it: Unit) -> str:
        used = await store.use(it.conn, row.hash, now=it.now)
        member = await staff.by_index(deps, it.conn, row.address_idx) if used else None
        if member is None or member.state is not State.ACTIVE:
            raise SignInRefusedError
        if renews is not None and renews.member.id != member.id:
            raise SignInRefusedError
        await store.clear_wrong(it.conn, row.address_idx)
        return await staff_session.start(it, member, device=device)

    cookie, _ = await unit.run(deps, work)
    tries.clear(row.address_idx)
    if renews is not None:
        await staff_session.end(deps, renews)
    return cookie


async def demo_link(deps: Deps, member: Member) -> str:
    """Return a link that signs any browser of this machine in to the console, once.

    Raises:
        RefusedError: the issuer is not a loopback host: such a link must not exist elsewhere.
    """
    if not sign_in.is_loopback(urlsplit(deps.issuer).hostname or ""):
        msg = "Sign-in links are printed for a loopback issuer alone."
        raise RefusedError(msg)
    link = token()

    async def work(it: Unit) -> None:
        await confirmation.put(
            it,
            _DEMO,
            secret=link,
            address=staff.address_index(deps, member.email)[0],
            content={"staff": str(member.id)},
            code=token(),  # no code goes with this link: this one nobody ever sees
            life=sign_in.DEMO_LIFE,
        )

    await unit.run(deps, work)
    return f"{deps.issuer}/console/sign-in/link/{link}"


async def demo_works(deps: Deps, link: str) -> bool:
    """Say whether a link of `demo_link` signs in; nothing is used up."""
    return await confirmation.look(deps, _DEMO, secret=link) is not None


async def demo_enter(deps: Deps, link: str, *, device: str) -> str:
    """Sign in by a link of `demo_link` and return what the session's cookie holds.

    Raises:
        SignInRefusedError: it was used, is over, never was, or the account ended.
    """
    waiting = await confirmation.look(deps, _DEMO, secret=link)
    if waiting is None:
        raise SignInRefusedError

    async def work(it: Unit) -> str:
        await confirmation.take(it, waiting)
        member = await staff.by_id(deps, it.conn, UUID(waiting.content["staff"]))
        if member is None or member.state is not State.ACTIVE:
            raise SignInRefusedError
        return await staff_session.start(it, member, device=device)

    cookie, _ = await unit.run(deps, work)
    return cookie
