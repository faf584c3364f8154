"""Publish codes of ethics: compare, write the row, and let every consent follow.

A code decides from the moment it takes effect, at every look of every customer; what it makes of
consents is worked out at each look and written down afterwards by `code_sweep`. Until the first
member of staff is enrolled, the host's shell publishes at once, and the access log says so; after
that a code waits as a proposal, and is weighed again when a second person approves it.
Source: DESIGN 5; INTERFACES, Commands.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from policies.compile import compile_
from policies.errors import CodeErrors
from policies.model import Rulebook
from vault.core import approval
from vault.core.approval import SHELL, Ground
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, NotReadyError, RefusedError
from vault.core.staff import OPERATOR
from vault.core.times import unix_ms
from vault.services import code_sweep, proposal, staff, unit
from vault.services.codes import DAMAGED
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.proposal_row import Proposal
from vault.services.publication_plan import Plan, plan
from vault.services.unit import Unit
from vault.store import code as store
from vault.store.code import CodeRow
from vault.store.engine import Conn

MAX_FILE: Final = 1_048_576  # bytes; the parser's own limit

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication found or made."""

    rulebook: Rulebook
    made: bool  # False: this very document was published before, or it was a dry run
    plan: Plan | None = None  # None: there was nothing to do
    waits: Proposal | None = None  # what a second person must approve


@dataclass(frozen=True, slots=True)
class Version:
    """One published version."""

    version: str
    digest: str
    published_at: datetime
    effective_at: datetime
    bootstrap: bool  # from the host's shell, before anybody was enrolled


async def publish(deps: Deps, text: bytes, *, name: str, dry_run: bool = False) -> Published:
    """Publish a code of ethics, or propose it; the same document again changes nothing.

    Args:
        deps: what a use case may touch.
        text: YAML.
        name: what errors call the file.
        dry_run: only say what would be done.

    Raises:
        CodeErrors: with every mistake of the document.
        RefusedError: it moves a basis, or is dated back.
    """
    rulebook = compile_(text, name=name)

    async def work(it: Unit) -> Published:
        if await store.load_by_digest(it.conn, rulebook.digest) is not None:
            return Published(rulebook, made=False)
        planned = await weigh(deps, it.conn, rulebook, now=it.now)
        if dry_run:
            return Published(rulebook, made=False, plan=planned)
        if not await staff.is_bootstrap(it.conn):
            waits = await propose(it, planned, text, by=OPERATOR)
            return Published(rulebook, made=False, plan=planned, waits=waits)
        await save(it, planned, text, SHELL)
        return Published(rulebook, made=True, plan=planned)

    done, _ = await unit.run(deps, work)
    return done


async def weigh(deps: Deps, conn: Conn, rulebook: Rulebook, *, now: datetime) -> Plan:
    """Say what a publication would do; errors as `publication_plan.plan`.

    Raises:
        RefusedError: this document, or another one of this version, is published.
    """
    if await store.load_by_digest(conn, rulebook.digest) is not None:
        msg = f"This very code is published, as version {rulebook.version}."
        raise RefusedError(msg)
    if await store.load(conn, rulebook.version) is not None:
        msg = f"Version {rulebook.version} is published with other words. Write a new version."
        raise RefusedError(msg)
    return await plan(deps, conn, rulebook, now=now)


def basis(planned: Plan) -> str:
    """Return what a plan compared with: the newest code, in force or waiting for its day."""
    return planned.before.digest if planned.before else ""


async def propose(
    it: Unit, planned: Plan, text: bytes, *, by: str, draft: bool = False
) -> Proposal:
    """Let a code wait for a second person; errors as `proposal.propose`."""
    return await proposal.propose(
        it,
        approval.Kind.CODE,
        subject=planned.rulebook.version,
        document=text.decode(),
        basis=basis(planned),
        by=by,
        draft=draft,
    )


async def save(it: Unit, planned: Plan, text: bytes, ground: Ground) -> None:
    """Write a code that was weighed, in this transaction, and let every consent follow."""
    rulebook = planned.rulebook
    row = CodeRow(
        version=rulebook.version,
        digest=rulebook.digest,
        source=text,
        document=rulebook.document.decode(),
        published_at=it.now,
        effective_at=planned.effective_at,
        bootstrap=ground.bootstrap,
        mac=it.deps.codes.mac(rulebook, effective_at=planned.effective_at),
    )
    await store.publish(it.conn, row)
    named = (("version", rulebook.version), ("code", rulebook.digest))
    since = ("effective", unix_ms(planned.effective_at))
    it.log(SystemDraft(Kind.CODE, (*named, since, *ground.members("published"))))
    if planned.before is not None:
        await code_sweep.queue(it, rulebook.digest, at=planned.effective_at)


async def history(deps: Deps) -> tuple[Version, ...]:
    """Return all published versions, the newest first.

    Raises:
        NotReadyError: one is not as it was published.
    """
    async with deps.database.connect() as conn:
        rows = await store.load_all(conn)
    for row in rows:
        deps.codes.check(row)
    return tuple(
        Version(row.version, row.digest, row.published_at, row.effective_at, row.bootstrap)
        for row in reversed(rows)
    )


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
