"""Let a member of staff in who can read the mail of the address that was invited.

As for customers: one answer whoever asks, rows for a mail that is never sent where nobody has the
address, the newest code alone, once, for 10 minutes, with five tries, in the browser that asked.
There is no link: nobody signs in to the console from a mail.
Source: portal note, 6; security note, 8.
"""

from typing import Final

from vault.core.errors import NotReadyError, SignInRefusedError
from vault.core.staff import State
from vault.crypto.random import digits, token
from vault.crypto.tokens import token_hash
from vault.services import jobs, limit, mail, sign_in, staff, staff_session, tries, unit
from vault.services.deps import Deps
from vault.services.sign_in_guess import guess
from vault.services.sign_in_row import signed
from vault.services.staff_session import StaffSession
from vault.services.unit import Unit
from vault.store import sign_in as store
from vault.store.sign_in import SignInRow

LETTER: Final = "staff-sign-in"


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
