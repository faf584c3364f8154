"""Let a customer in who can read the mail of an address that we know.

1. `start` counts, then mails a code and a link, or, for an address that nobody has, writes the same
   rows for a mail that is never sent: one answer, one timing.
2. `confirm_code` takes the six digits, `confirm_link` the link, each in the browser that asked.
   Only the newest counts, once, for 10 minutes, with five tries.
3. A right one is traced again from the address to its customer, under the lookup's MAC: what a row
   here says about whose it is grants nothing. Code and link are kept as MACs of ours, so that a row
   which somebody else wrote, or copied from another's, lets nobody in.

Chance of guessing: 5 tries a code, 5 codes an hour; after 30 wrong ones in a row only links work.
Source: portal note, 6; security note, 8.
"""

import hmac
import ipaddress
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from policies.model import Identifier, Rulebook
from vault.core.errors import NotReadyError, RefusedError, SignInRefusedError
from vault.core.identifier import normalise, normaliser_of
from vault.core.ids import CustomerId
from vault.crypto.random import digits, token
from vault.crypto.service_key import ServiceKey
from vault.crypto.tokens import check_code, code_mac, link_mac, token_hash
from vault.services import identifier, jobs, limit, mail, session, unit
from vault.services.deps import Deps
from vault.services.identifier import Identity
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit
from vault.store import sign_in as store
from vault.store.engine import Conn
from vault.store.sign_in import SignInRow

LIFE: Final = timedelta(minutes=10)
DEMO_LIFE: Final = timedelta(hours=12)  # a link printed on the operator's own machine
ONLY_LINKS: Final = 30  # wrong codes in a row for an address
MAILS_AN_HOUR: Final = limit.per_hour("sign-in-mail-hour", 5)
MAILS_A_DAY: Final = limit.per_day("sign-in-mail-day", 20)
ASKED_AN_HOUR: Final = limit.per_hour("sign-in-network", 20)


async def start(deps: Deps, email: str, *, browser: str, address: str) -> None:
    """Send a code and a link to an address, if a customer has it; nobody can tell whether.

    Args:
        deps: what a use case may touch.
        email: as typed.
        browser: a fresh nonce, which the asking browser keeps in a cookie.
        address: of the client, for the limit; it is not stored.

    Raises:
        WrongValueError: this is no e-mail address.
        TooManyError: too many for this address or from this network.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    known_as = _identities(deps, rulebook, email)
    spelling = known_as[0].key[0]
    await limit.count(
        deps,
        [
            limit.Hit(MAILS_AN_HOUR, spelling),
            limit.Hit(MAILS_A_DAY, spelling),
            limit.Hit(ASKED_AN_HOUR, limit.network(address)),
        ],
    )
    to = normalise(Identifier.EMAIL, email, region=rulebook.code.publisher.country)
    code, link = digits(6), token()

    async def work(now: Unit) -> None:
        owners = await identifier.find_many(now.conn, deps, [one.key for one in known_as])
        idx = next((one.key for one in known_as if one.key in owners), known_as[0].key)
        row = SignInRow(
            hash=token_hash(browser),
            address_idx=idx[0],
            code_mac=code_mac(_key(deps), address=idx[0], browser=browser, code=code),
            link_mac=b"",
            tries=0,
            made_at=now.now,
            expires_at=now.now + LIFE,
            used_at=None,
            unbound=False,
            customer=owners.get(idx),
        )
        await store.start(now.conn, replace(row, link_mac=_link_mac(deps, row, link)))
        # The address as it was indexed, never as typed: two spellings that look up the same
        # customer must not lead to two mailboxes.
        message = mail.Message(
            template=mail.SIGN_IN,
            to=to,
            send=idx in owners,
            until=row.expires_at,
            parts=(
                ("code", code),
                ("link", f"{deps.issuer}/sign-in/link/{link}"),
                ("publisher", rulebook.code.publisher.name),
            ),
        )
        await mail.queue(now, idx[0], message=message)

    await unit.run(deps, work)
    jobs.wake()


async def confirm_code(deps: Deps, code: str, *, browser: str, device: str) -> str:
    """Sign in by the mailed digits and return what the session's cookie holds.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, or only links work.
    """
    typed = "".join(code.split())
    now = deps.clock.now()

    async def guess(conn: Conn) -> SignInRow | None:
        row = await store.guess(conn, token_hash(browser), now=now)
        if row is None or await store.wrong_in_a_row(conn, row.address_idx) >= ONLY_LINKS:
            return None
        if _right(deps, row, browser, typed):
            return row
        await store.count_wrong(conn, row.address_idx)
        return None

    row = await commit.claim(deps.database, guess)
    if row is None:
        raise SignInRefusedError
    return await _enter(deps, row, strength="code", device=device)


async def confirm_link(deps: Deps, link: str, *, browser: str | None, device: str) -> str:
    """Sign in by the mailed link, or by one of `demo_link`, and return what the cookie holds.

    Args:
        deps: what a use case may touch.
        link: the last part of the address.
        browser: the nonce of the browser; None where it has none.
        device: a label from a fixed list.

    Raises:
        SignInRefusedError: as `confirm_code`, or another browser asked.
    """
    row = await _of_link(deps, link, browser=browser)
    if row is None:
        raise SignInRefusedError
    return await _enter(deps, row, strength="link", device=device)


async def works_here(deps: Deps, link: str, *, browser: str | None) -> bool:
    """Say whether a link can sign this browser in; nothing is used up."""
    return await _of_link(deps, link, browser=browser) is not None


async def demo_link(deps: Deps, customer: CustomerId) -> str:
    """Return a link that signs any browser of this machine in, once.

    Raises:
        RefusedError: the issuer is not a loopback host: such a link must not exist elsewhere.
    """
    if not _is_loopback(urlsplit(deps.issuer).hostname or ""):
        msg = "Sign-in links are printed for a loopback issuer alone."
        raise RefusedError(msg)
    link = token()
    idx = _demo_idx(customer)

    async def work(now: Unit) -> None:
        row = SignInRow(
            hash=token_hash(link),
            address_idx=idx,
            # No code goes with this link: this one nobody ever sees.
            code_mac=code_mac(_key(deps), address=idx, browser=link, code=token()),
            link_mac=b"",
            tries=0,
            made_at=now.now,
            expires_at=now.now + DEMO_LIFE,
            used_at=None,
            unbound=True,
            customer=customer,
        )
        await store.start(now.conn, replace(row, link_mac=_link_mac(deps, row, link)))

    await unit.run(deps, work)
    return f"{deps.issuer}/sign-in/link/{link}"


async def _of_link(deps: Deps, link: str, *, browser: str | None) -> SignInRow | None:
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        bound = await store.load(conn, token_hash(browser), now=now) if browser else None
        if bound and not bound.unbound and _made_here(deps, bound, link):
            return bound
        free = await store.load(conn, token_hash(link), now=now)
    # Such a row names its customer; the MAC says that `demo_link` made it for that customer.
    return free if free and free.unbound and _made_here(deps, free, link) else None


async def _enter(deps: Deps, row: SignInRow, *, strength: str, device: str) -> str:
    async def work(now: Unit) -> str:
        used = await store.use(now.conn, row.hash, now=now.now)
        # Whose it is says the row as it was checked, never as it may read by now.
        customer = await _owner(now, row) if used else None
        if customer is None:
            raise SignInRefusedError
        await store.clear_wrong(now.conn, row.address_idx)
        return await session.start(now, customer, strength=strength, device=device)

    cookie, _ = await unit.run(deps, work)
    return cookie


async def _owner(now: Unit, row: SignInRow) -> CustomerId | None:
    if row.unbound:
        return row.customer
    key = (row.address_idx, normaliser_of(Identifier.EMAIL))
    owner = await identifier.find(now.conn, now.deps, key)
    # An address that changed hands since the mail was sent lets nobody in.
    return owner if owner == row.customer else None


def _identities(deps: Deps, rulebook: Rulebook, email: str) -> list[Identity]:
    fields = [one.name for one in rulebook.code.fields if one.identifies is Identifier.EMAIL]
    found = [identifier.identity(deps, rulebook, field=name, value=email) for name in fields]
    known_as = [one for one in found if one is not None]
    if not known_as:
        msg = "The code of ethics has no field that identifies by e-mail, so nobody can sign in."
        raise NotReadyError(msg)
    return known_as


def _right(deps: Deps, row: SignInRow, browser: str, code: str) -> bool:
    return check_code(_key(deps), row.code_mac, address=row.address_idx, browser=browser, code=code)


def _made_here(deps: Deps, row: SignInRow, link: str) -> bool:
    return hmac.compare_digest(_link_mac(deps, row, link), row.link_mac)


def _link_mac(deps: Deps, row: SignInRow, link: str) -> bytes:
    return link_mac(
        _key(deps),
        address=row.address_idx,
        asked=row.hash,
        link=link,
        customer=row.customer,
        expires_ms=unix_ms(row.expires_at),
        unbound=row.unbound,
    )


def _key(deps: Deps) -> ServiceKey:
    return deps.keys.service("sessions")


def _demo_idx(customer: CustomerId) -> bytes:
    # 17 bytes as an index has, of a generation that no index key has.
    return b"\0" + customer.bytes


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
