"""Let a customer in who can read the mail of an address that we know.

1. `start` counts, then mails a code and a link, or, for an address that nobody has, writes the same
   rows for a mail that is never sent: one answer, one timing.
2. `confirm_code` takes the six digits, `confirm_link` the link, each in the browser that asked.
   Only the newest counts, once, for 10 minutes, with five tries.
3. A right one is traced again from the address to its customer, under the lookup's MAC: what a row
   here says about whose it is grants nothing. Code and link are kept as MACs of ours, so that a row
   which somebody else wrote, or copied from another's, lets nobody in.

Whoever is signed in confirms by the same steps: `again` mails to the customer's own address, and the
session that follows takes the place of the one before, of the same customer alone.
Chance of guessing: 5 tries a code, 5 codes an hour; after 30 wrong ones in a row only links work.
Source: portal note, 6; security note, 8.
"""

import ipaddress
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from policies.model import Identifier
from vault.core.errors import (
    OtherCustomerError,
    RefusedError,
    SignInRefusedError,
)
from vault.core.identifier import normalise, normaliser_of
from vault.core.ids import CustomerId
from vault.crypto.random import digits, token
from vault.crypto.tokens import token_hash
from vault.services import (
    identifier,
    jobs,
    limit,
    mail,
    reach,
    security,
    session,
    session_row,
    tries,
    unit,
)
from vault.services.deps import Deps
from vault.services.security import Event
from vault.services.session import Session
from vault.services.sign_in_guess import guess
from vault.services.sign_in_row import is_link, signed
from vault.services.unit import Unit
from vault.store import sign_in as store
from vault.store.sign_in import SignInRow

LIFE: Final = timedelta(minutes=10)
DEMO_LIFE: Final = timedelta(hours=12)  # a link printed on the operator's own machine
MAILS_AN_HOUR: Final = limit.per_hour("sign-in-mail-hour", 5)
MAILS_A_DAY: Final = limit.per_day("sign-in-mail-day", 20)
ASKED_AN_HOUR: Final = limit.per_hour("sign-in-network", 20)
AGAIN_AN_HOUR: Final = limit.per_hour("sign-in-again", 5)


async def start(deps: Deps, email: str, *, browser: str, address: str, lang: str = "") -> None:
    """Send a code and a link to an address, if a customer has it; nobody can tell whether.

    Args:
        deps: what a use case may touch.
        email: as typed.
        browser: a fresh nonce, which the asking browser keeps in a cookie.
        address: of the client, for the limit; it is not stored.
        lang: of the page, in which the letter is written; "" for the code's first.

    Raises:
        WrongValueError: this is no e-mail address.
        TooManyError: too many for this address or from this network.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    known_as = identifier.of_email(deps, rulebook, email)
    spelling = known_as[0].key[0]
    await limit.count(deps, hits(spelling, address))
    to = normalise(Identifier.EMAIL, email, region=rulebook.code.publisher.country)
    code, link = digits(6), token()

    async def work(now: Unit) -> None:
        owners = await identifier.find_many(now.conn, deps, [one.key for one in known_as])
        idx = next((one.key for one in known_as if one.key in owners), known_as[0].key)
        row = SignInRow(
            hash=token_hash(browser),
            address_idx=idx[0],
            code_mac=b"",
            link_mac=b"",
            tries=0,
            made_at=now.now,
            expires_at=now.now + LIFE,
            used_at=None,
            unbound=False,
            customer=owners.get(idx),
        )
        await store.start(now.conn, signed(deps, row, secret=browser, code=code, link=link))
        # The address as it was indexed, never as typed: two spellings that look up the same
        # customer must not lead to two mailboxes.
        message = mail.Message(
            template=mail.SIGN_IN,
            to=to,
            send=idx in owners,
            until=row.expires_at,
            parts=mail.fill(rulebook, deps, code=code, link=f"{deps.issuer}/sign-in/link/{link}"),
            lang=mail.of_page(rulebook, lang),
        )
        await mail.queue(now, idx[0], message=message)

    await unit.run(deps, work)
    jobs.wake()


def hits(spelling: bytes, address: str) -> list[limit.Hit]:
    """Return what one more mail to an address counts against, whatever it is for.

    Args:
        spelling: blind index of the address.
        address: of the client.
    """
    return [
        limit.Hit(MAILS_AN_HOUR, spelling),
        limit.Hit(MAILS_A_DAY, spelling),
        limit.Hit(ASKED_AN_HOUR, limit.network(address)),
    ]


async def again(
    deps: Deps, current: Session, *, browser: str, address: str, lang: str = ""
) -> bool:
    """Send a code to the own address of somebody who is signed in, who need not type it.

    The address is opened on the one path and the customer sees the look.

    Returns:
        False when there is no address to write to.

    Raises:
        TooManyError: as `start`; nothing was opened.
        BusyError: the look could not be recorded; nothing was opened.
    """
    await limit.count(deps, [limit.Hit(AGAIN_AN_HOUR, current.customer.bytes)])
    to = await reach.address(deps, current.customer)
    if to:
        await start(deps, to, browser=browser, address=address, lang=lang)
    return bool(to)


async def confirm_code(
    deps: Deps, code: str, *, browser: str, device: str, renews: Session | None = None
) -> str:
    """Sign in by the mailed digits and return what the session's cookie holds.

    Args:
        deps: what a use case may touch.
        code: as typed.
        browser: the nonce of the browser.
        device: a label from a fixed list.
        renews: the session of somebody who confirms; it ends, and only its customer gets another.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, or only links work.
        OtherCustomerError: right, but another customer's; nothing was used up.
    """
    row = await guess(deps, code, browser=browser)
    return await _enter(deps, row, strength="code", device=device, renews=renews)


async def confirm_link(
    deps: Deps, link: str, *, browser: str | None, device: str, renews: Session | None = None
) -> str:
    """Sign in by the mailed link, or by one of `demo_link`, and return what the cookie holds.

    Args:
        deps: what a use case may touch.
        link: the last part of the address.
        browser: the nonce of the browser; None where it has none.
        device: a label from a fixed list.
        renews: as in `confirm_code`.

    Raises:
        SignInRefusedError: as `confirm_code`, or another browser asked.
        OtherCustomerError: as `confirm_code`.
    """
    row = await _of_link(deps, link, browser=browser)
    if row is None:
        raise SignInRefusedError
    return await _enter(deps, row, strength="link", device=device, renews=renews)


async def works_here(deps: Deps, link: str, *, browser: str | None) -> bool:
    """Say whether a link can sign this browser in; nothing is used up."""
    return await _of_link(deps, link, browser=browser) is not None


async def demo_link(deps: Deps, customer: CustomerId) -> str:
    """Return a link that signs any browser of this machine in, once.

    Raises:
        RefusedError: the issuer is not a loopback host: such a link must not exist elsewhere.
    """
    if not is_loopback(urlsplit(deps.issuer).hostname or ""):
        msg = "Sign-in links are printed for a loopback issuer alone."
        raise RefusedError(msg)
    link = token()
    idx = _demo_idx(customer)

    async def work(now: Unit) -> None:
        row = SignInRow(
            hash=token_hash(link),
            address_idx=idx,
            code_mac=b"",
            link_mac=b"",
            tries=0,
            made_at=now.now,
            expires_at=now.now + DEMO_LIFE,
            used_at=None,
            unbound=True,
            customer=customer,
        )
        # No code goes with this link: this one nobody ever sees.
        await store.start(now.conn, signed(deps, row, secret=link, code=token(), link=link))

    await unit.run(deps, work)
    return f"{deps.issuer}/sign-in/link/{link}"


async def _of_link(deps: Deps, link: str, *, browser: str | None) -> SignInRow | None:
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        bound = await store.load(conn, token_hash(browser), now=now) if browser else None
        if bound and not bound.unbound and is_link(deps, bound, link):
            return bound
        free = await store.load(conn, token_hash(link), now=now)
    # Such a row names its customer; the MAC says that `demo_link` made it for that customer.
    return free if free and free.unbound and is_link(deps, free, link) else None


async def _enter(
    deps: Deps, row: SignInRow, *, strength: str, device: str, renews: Session | None
) -> str:
    async def work(now: Unit) -> str:
        used = await store.use(now.conn, row.hash, now=now.now)
        # Whose it is says the row as it was checked, never as it may read by now.
        customer = await _owner(now, row) if used else None
        if customer is None:
            raise SignInRefusedError
        if renews is not None and renews.customer != customer:
            raise OtherCustomerError
        wrong = await store.wrong_in_a_row(now.conn, row.address_idx)
        if wrong:  # told here: an event at each wrong one would show who has this address
            await security.note(now, customer, Event.WRONG_CODES, number=wrong)
        await store.clear_wrong(now.conn, row.address_idx)
        return await session.start(now, customer, strength=strength, device=device, renews=renews)

    cookie, _ = await unit.run(deps, work)
    tries.clear(row.address_idx)
    if renews is not None:
        session_row.remember_ended([renews.hash])
    return cookie


async def _owner(now: Unit, row: SignInRow) -> CustomerId | None:
    if row.unbound:
        return row.customer
    key = (row.address_idx, normaliser_of(Identifier.EMAIL))
    owner = await identifier.find(now.conn, now.deps, key)
    # An address that changed hands since the mail was sent lets nobody in.
    return owner if owner == row.customer else None


def _demo_idx(customer: CustomerId) -> bytes:
    # 17 bytes as an index has, of a generation that no index key has.
    return b"\0" + customer.bytes


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
