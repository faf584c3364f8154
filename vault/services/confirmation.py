"""Let something wait until the mail of an address was read: a change of address, joining, a parent.

1. `put` seals what waits, with its end, and keeps a MAC of the code that was mailed;
2. `guess` compares what was typed, in the browser that asked, with five tries; `look` opens what the
   secret of a link leads to;
3. `take` uses it up in the transaction of what it was for.

The seal is bound to the row's id and kind, and the code to the address inside the seal, so that what
waits in another's row is confirmed by no code of one's own. What happens then is for the callers.
Source: portal note, 6; docs/formats.md, 4 and 13.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from vault.core import canonical
from vault.core.errors import OpenError, SignInRefusedError
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.random import uuid7
from vault.crypto.tokens import check_code, code_mac, token_hash
from vault.services import tries
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit
from vault.store import confirmation as store
from vault.store.confirmation import ConfirmationRow
from vault.store.engine import Conn

LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, opened."""

    kind: str
    hash: bytes
    content: Mapping[str, str]


async def put(
    it: Unit,
    kind: str,
    *,
    secret: str,
    address: bytes,
    content: Mapping[str, str],
    code: str,
    life: timedelta = LIFE,
) -> None:
    """Let something wait; what waited under the same secret does so no more.

    Args:
        it: the unit; its commit makes it wait.
        kind: what for.
        secret: what the browser's cookie or session, or the link, holds.
        address: blind index of the address that the mail goes to, 17 bytes.
        content: what waits.
        code: what was mailed; for a link, one that nobody sees.
        life: how long.
    """
    until = it.now + life
    sealed = canonical.dumps(
        {"address": address.hex(), "until": unix_ms(until), "content": dict(content)}
    )
    row_id = uuid7(unix_ms(it.now))
    key = it.deps.keys.service("mail")
    mac = code_mac(
        it.deps.keys.service("sessions"),
        address=address,
        browser=secret,
        code=code,
        expires_ms=unix_ms(until),
    )
    row = ConfirmationRow(
        hash=token_hash(secret),
        confirmation_id=row_id,
        kind=kind,
        sealed=seal_mail(key, row_id, template=kind, message=sealed),
        code_mac=mac,
        tries=0,
        expires_at=until,
    )
    await store.put(it.conn, row)


async def guess(deps: Deps, kind: str, code: str, *, secret: str) -> Waiting:
    """Return what waits for this code; it waits until it is taken.

    Raises:
        SignInRefusedError: wrong, used, too old or too many tries.
    """
    typed = "".join(code.split())
    if not tries.may_try(deps.deployment + token_hash(secret)):
        raise SignInRefusedError

    async def work(conn: Conn) -> ConfirmationRow | None:
        return await store.guess(conn, token_hash(secret), kind=kind)

    row = await commit.claim(deps.database, work)
    opened = _opened(deps, row) if row is not None else None
    if row is None or opened is None:
        raise SignInRefusedError
    right = check_code(
        deps.keys.service("sessions"),
        row.code_mac,
        address=bytes.fromhex(opened["address"]),
        browser=secret,
        code=typed,
        expires_ms=opened["until"],
    )
    if not right or opened["until"] <= unix_ms(deps.clock.now()):
        raise SignInRefusedError
    return Waiting(kind, row.hash, opened["content"])


async def look(deps: Deps, kind: str, *, secret: str) -> Waiting | None:
    """Return what a link's secret leads to; None when it was used, is over or never was."""
    async with deps.database.connect() as conn:
        row = await store.load(conn, token_hash(secret), kind=kind)
    opened = _opened(deps, row) if row is not None else None
    if row is None or opened is None or opened["until"] <= unix_ms(deps.clock.now()):
        return None
    return Waiting(kind, row.hash, opened["content"])


async def take(it: Unit, waiting: Waiting) -> None:
    """Use up what waited.

    Raises:
        SignInRefusedError: somebody was faster; the transaction must not commit.
    """
    if not await store.take(it.conn, waiting.hash):
        raise SignInRefusedError


def _opened(deps: Deps, row: ConfirmationRow) -> dict[str, Any] | None:
    key = deps.keys.service("mail")
    try:
        message = open_mail(key, row.confirmation_id, template=row.kind, sealed=row.sealed)
    except OpenError:
        return None
    opened: dict[str, Any] = canonical.loads(message)
    return opened
