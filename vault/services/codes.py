"""Know the codes of ethics: which one is in force, and each published one by its digest.

The database says which version is in force at each look; only the compiled form is kept here, by
digest, so that no process can decide by a code that is no longer the one in force.
"""

from datetime import datetime

from policies.compile import load
from policies.model import Rulebook
from vault.core.errors import NotReadyError
from vault.store import code as code_store
from vault.store.engine import Conn


class Codes:
    """The compiled codes of ethics of this process."""

    def __init__(self) -> None:
        """Begin with none; each is compiled when first needed."""
        self._compiled: dict[str, Rulebook] = {}

    async def in_force(self, conn: Conn, now: datetime) -> Rulebook:
        """Return the code in force at a moment of the database's clock.

        Raises:
            NotReadyError: no code of ethics is published yet.
        """
        digest = await code_store.digest_in_force(conn, now)
        if digest is None:
            msg = "No code of ethics is published. Run `ownship code publish FILE`."
            raise NotReadyError(msg)
        return await self.by_digest(conn, digest)

    async def by_digest(self, conn: Conn, digest: str) -> Rulebook:
        """Return a published code by its digest.

        Raises:
            NotReadyError: no such code is published.
        """
        rulebook = self._compiled.get(digest)
        if rulebook is None:
            row = await code_store.load_by_digest(conn, digest)
            if row is None:
                raise NotReadyError
            rulebook = load(row.document.encode())
            self._compiled[digest] = rulebook
        return rulebook
