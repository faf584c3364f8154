"""Hand out what is published for ever: each version of the code of ethics, each notice shown.

All of it is public, so nothing here is recorded and nobody is asked who they are.
Source: DESIGN 5 and 10; INTERFACES, /notices/{sha256}.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.model import Rulebook
from vault.core.errors import NotAvailableError
from vault.services.deps import Deps
from vault.store import code, notice


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
    """
    async with deps.database.connect() as conn:
        row = await code.load(conn, name)
        if row is None:
            raise NotAvailableError
        return await deps.codes.by_digest(conn, row.digest)


async def versions(deps: Deps) -> tuple[Version, ...]:
    """Return all versions, the newest first; those to come are among them."""
    async with deps.database.connect() as conn:
        rows = await code.load_all(conn)
    return tuple(Version(row.version, row.effective_at, row.digest) for row in reversed(rows))


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
