"""Know the codes of ethics: which one is in force, and each published one by its digest.

The database says which version is in force at each look; only the compiled form is kept here, by
digest, so that no process can decide by a code that is no longer the one in force. A row counts
only under its MAC, and a document only as the one that its digest names: whoever can write to the
database still cannot publish. Nothing is decided by a code that is not proven.
Source: DESIGN 5; docs/formats.md, 10.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from policies.compile import load
from policies.diff import diff
from policies.errors import CodeErrors
from policies.model import Rulebook
from vault.core.carry import Step
from vault.core.errors import FormatError, NotReadyError
from vault.core.ids import DeploymentId
from vault.crypto.row_mac import CODE, check_row, code_row, row_mac
from vault.services.keys import KeyRing
from vault.store import code as code_store
from vault.store.code import CodeClaim, CodeRow
from vault.store.engine import Conn

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
DAMAGED: Final = "The code of ethics in the database is not as it was published."

logger = structlog.get_logger()


class Codes:
    """The compiled codes of ethics of this process."""

    def __init__(self, deployment: DeploymentId, keys: KeyRing) -> None:
        """Begin with none; each is compiled when first needed."""
        self._deployment = deployment
        self._keys = keys
        self._compiled: dict[str, Rulebook] = {}
        self._since: dict[str, datetime] = {}
        self._last = ""  # digest of the code that was in force when this process asked last
        # (digest of an old code, of a later one) -> the steps between them. No code is published
        # before one that waits, so what lies between two codes never changes.
        self._passages: dict[tuple[str, str], tuple[Step, ...]] = {}

    async def in_force(self, conn: Conn, now: datetime) -> Rulebook:
        """Return the code in force at a moment of the database's clock.

        Raises:
            NotReadyError: no code of ethics is published yet, or the one in force is not proven.
        """
        claim = await code_store.claim_in_force(conn, now)
        return self.compiled(claim) or await self.by_digest(conn, claim.digest if claim else "")

    def compiled(self, claim: CodeClaim | None) -> Rulebook | None:
        """Return the code that a claim from the primary puts in force; None when it is to be read.

        Raises:
            NotReadyError: as `in_force`.
        """
        if claim is None:
            msg = "No code of ethics is published. Run `ownship code publish FILE`."
            raise NotReadyError(msg)
        self._prove(claim)
        self._since[claim.digest] = claim.effective_at
        self._last = claim.digest
        return self._compiled.get(claim.digest)

    def last(self) -> Rulebook | None:
        """Return the code that was in force when this process asked last: to prepare by, never to decide."""
        return self._compiled.get(self._last)

    def since(self, rulebook: Rulebook) -> datetime:
        """Return when a code that `in_force` gave took effect; a first one does so at once."""
        return self._since[rulebook.digest]

    async def by_digest(self, conn: Conn, digest: str) -> Rulebook:
        """Return a published code by its digest.

        Raises:
            NotReadyError: no such code is published, or what is stored is not what was.
        """
        rulebook = self._compiled.get(digest)
        if rulebook is None:
            row = await code_store.load_by_digest(conn, digest)
            if row is None:
                raise NotReadyError
            rulebook = self.check(row)
            self._compiled[digest] = rulebook
        return rulebook

    async def passages(
        self, conn: Conn, digests: Iterable[str], rulebook: Rulebook
    ) -> Mapping[str, tuple[Step, ...]]:
        """Return the codes that came into force after each of some old ones, up to this one.

        Args:
            conn: a connection.
            digests: of codes under which consents were given.
            rulebook: the code in force.

        Returns:
            Steps by old digest; none for the code itself, and none for a digest that is not of a
            code that was in force before: a consent under it counts for nothing.

        Raises:
            NotReadyError: a code in between is not as it was published.
        """
        wanted = set(digests) - {rulebook.digest}
        missing = [one for one in wanted if (one, rulebook.digest) not in self._passages]
        if missing:
            await self._learn(conn, missing, rulebook)
        known = ((one, self._passages.get((one, rulebook.digest))) for one in wanted)
        return {one: steps for one, steps in known if steps is not None}

    async def _learn(self, conn: Conn, missing: list[str], rulebook: Rulebook) -> None:
        claims = await code_store.claims(conn)
        for claim in claims:
            self._prove(claim)
        digests = [claim.digest for claim in claims]
        if rulebook.digest not in digests:  # a code that no row names
            return
        here = digests.index(rulebook.digest)
        for old in missing:
            if old not in digests[:here]:
                continue
            between = claims[digests.index(old) : here + 1]
            books = [await self.by_digest(conn, claim.digest) for claim in between]
            self._passages[old, rulebook.digest] = tuple(
                Step(
                    at=(claim.effective_at - _EPOCH) // _MS,
                    rulebook=after,
                    outcomes={one.purpose: one.outcome for one in diff(before, after)},
                )
                for claim, before, after in zip(between[1:], books, books[1:], strict=False)
            )

    async def knows(self, conn: Conn, version: str) -> bool:
        """Tell whether a version was published.

        Raises:
            NotReadyError: there is a row of this version, and it is not proven.
        """
        row = await code_store.load(conn, version)
        if row is not None:
            self._prove(row.claim)
        return row is not None

    def check(self, row: CodeRow) -> Rulebook:
        """Return what a row publishes, when MAC and digest prove it.

        Raises:
            NotReadyError: they do not.
        """
        self._prove(row.claim)
        try:
            rulebook = load(row.document.encode())
        except (CodeErrors, UnicodeEncodeError):
            raise _damaged(row.version) from None
        if rulebook.digest != row.digest:
            raise _damaged(row.version)
        return rulebook

    def mac(self, rulebook: Rulebook, *, effective_at: datetime) -> bytes:
        """Return the MAC under which a code is published."""
        claim = CodeClaim(rulebook.version, rulebook.digest, effective_at, b"")
        return row_mac(self._keys.service("row-mac"), CODE, self._body(claim))

    def _prove(self, claim: CodeClaim) -> None:
        try:
            key = self._keys.service("row-mac", claim.mac[0])
            intact = check_row(key, CODE, self._body(claim), claim.mac)
        except (FormatError, IndexError, NotReadyError):
            intact = False
        if not intact:
            raise _damaged(claim.version)

    def _body(self, claim: CodeClaim) -> bytes:
        return code_row(
            self._deployment,
            version=claim.version,
            digest=claim.digest,
            effective_ms=(claim.effective_at - _EPOCH) // _MS,
        )


def _damaged(version: str) -> NotReadyError:
    logger.error("code-damaged", version=version)
    return NotReadyError(DAMAGED)
