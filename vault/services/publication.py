"""Publish a code of ethics into a vault that has none.

A second publication would change what customers agreed to, so it waits for a comparison and for a
second person; until then the vault refuses it. The first one takes effect at once, from the host's
shell, and the access log says so.
Source: DESIGN 5; INTERFACES, Commands.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog

from policies.compile import compile_
from policies.errors import CodeErrors
from policies.model import Rulebook
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, NotReadyError, RefusedError
from vault.services import unit
from vault.services.codes import DAMAGED
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.unit import Unit
from vault.store import code as store
from vault.store.code import CodeRow

MAX_FILE: Final = 1_048_576  # bytes; the parser's own limit
_SECOND: Final = (
    "A code of ethics is in force. Another one is compared with it and approved by a second "
    "person before it is published; this release does neither yet."
)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication found or made."""

    rulebook: Rulebook
    made: bool  # False: this very document was published before


async def publish(deps: Deps, text: bytes, *, name: str) -> Published:
    """Publish a code of ethics; the same document again changes nothing.

    Args:
        deps: what a use case may touch.
        text: YAML.
        name: what errors call the file.

    Raises:
        CodeErrors: with every mistake of the document.
        RefusedError: another code is published already.
    """
    rulebook = compile_(text, name=name)

    async def work(it: Unit) -> bool:
        published = await store.load_all(it.conn)
        if any(row.digest == rulebook.digest for row in published):
            return False
        if published:
            raise RefusedError(_SECOND)
        effective_at = min(_day(rulebook), it.now)
        row = CodeRow(
            version=rulebook.version,
            digest=rulebook.digest,
            source=text,
            document=rulebook.document.decode(),
            published_at=it.now,
            effective_at=effective_at,
            bootstrap=True,
            mac=it.deps.codes.mac(rulebook, effective_at=effective_at),
        )
        await store.publish(it.conn, row)
        it.log(
            SystemDraft(
                Kind.CODE,
                (
                    ("version", rulebook.version),
                    ("code", rulebook.digest),
                    ("change", "published"),
                    ("bootstrap", True),
                ),
            )
        )
        return True

    made, _ = await unit.run(deps, work)
    return Published(rulebook, made)


async def show(deps: Deps, version: str | None = None) -> CodeRow:
    """Return a published version, or the one in force.

    Raises:
        NotReadyError: none is published, or what is stored is not what was published.
        BadRequestError: there is no such version.
    """
    async with deps.database.connect() as conn:
        if version is not None:
            row = await store.load(conn, version)
        else:
            digest = (await deps.codes.in_force(conn, deps.clock.now())).digest
            row = await store.load_by_digest(conn, digest)
    if row is None:
        raise BadRequestError("This version was never published.")
    deps.codes.check(row)
    try:
        same = compile_(row.source, name=row.version).digest == row.digest
    except CodeErrors:
        same = False
    if not same:  # people would read another text than the one that decides
        logger.error("code-damaged", version=row.version)
        raise NotReadyError(DAMAGED)
    return row


def _day(rulebook: Rulebook) -> datetime:
    """Return when the document says that it takes effect; the first one never waits for a day."""
    return datetime.fromisoformat(rulebook.code.effective).replace(tzinfo=UTC)
