"""Hand out what is published for ever: each version of the code of ethics, each notice shown.

All of it is public, so nothing here is recorded and nobody is asked who they are.
Source: DESIGN 5 and 10; INTERFACES, /notices/{sha256}.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from policies.model import Rulebook
from vault.core.errors import NotAvailableError, NotReadyError
from vault.services.deps import Deps
from vault.store import code, notice
from vault.store.engine import Conn

_VERSION = re.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Version:
    """One published version, as lists name it."""

    version: str
    effective_at: datetime
    digest: str


async def in_force(deps: Deps) -> Rulebook:
    """Return the code in force.

    Raises:
        NotReadyError: none is published yet.
    """
    async with deps.database.connect() as conn:
        return await deps.codes.in_force(conn, deps.clock.now())


async def version(deps: Deps, name: str) -> Rulebook:
    """Return a version by its name.

    Raises:
        NotAvailableError: there is no such version.
        NotReadyError: it is not as it was published.
    """
    if not _VERSION.fullmatch(name):  # a NUL, say, which PostgreSQL takes in no text
        raise NotAvailableError
    async with deps.database.connect() as conn:
        row = await code.load(conn, name)
        if row is None:
            raise NotAvailableError
        return deps.codes.check(row)


async def before(deps: Deps, rulebook: Rulebook) -> Rulebook | None:
    """Return the version that was in force before another one; None before the first.

    Raises:
        NotReadyError: it is not as it was published.
    """
    async with deps.database.connect() as conn:
        digests = [claim.digest for claim in await code.claims(conn)]
        place = digests.index(rulebook.digest) if rulebook.digest in digests else 0
        return await deps.codes.by_digest(conn, digests[place - 1]) if place else None


async def versions(deps: Deps) -> tuple[Version, ...]:
    """Return all versions, the newest first; those to come are among them.

    Raises:
        NotReadyError: one of them is not as it was published.
    """
    async with deps.database.connect() as conn:
        rows = await code.load_all(conn)
    for row in rows:
        deps.codes.check(row)
    return tuple(Version(row.version, row.effective_at, row.digest) for row in reversed(rows))


async def of_digests(deps: Deps, digests: Collection[str]) -> Mapping[str, Rulebook]:
    """Return published codes by digest, as `proven` does."""
    async with deps.database.connect() as conn:
        return await proven(deps, conn, digests)


async def proven(deps: Deps, conn: Conn, digests: Collection[str]) -> Mapping[str, Rulebook]:
    """Return published codes by digest; one that is not there or not proven is left out."""
    found = {}
    for digest in sorted(digests):
        try:
            found[digest] = await deps.codes.by_digest(conn, digest)
        except NotReadyError:
            continue
    return found


async def notice_bytes(deps: Deps, sha256: str) -> bytes:
    """Return the bytes of a notice that was shown.

    Raises:
        NotAvailableError: no such notice was ever shown.
    """
    async with deps.database.connect() as conn:
        body = await notice.load(conn, sha256)
    if body is None:
        raise NotAvailableError
    return body
