"""Register apps, show them, freeze and thaw them: what the host's shell does with an app.

Before the first member of staff is enrolled the shell decides alone, and the entry says so; after
that what it asks for waits until a second person approves it in the console. Freezing waits for
nobody. What is written, and on which check, is `vault/services/app_change.py`.
Source: docs/oauth.md, apps; INTERFACES, commands.
"""

from dataclasses import dataclass
from datetime import datetime

from vault.core.approval import SHELL, Ground
from vault.core.errors import BadRequestError, ConflictError
from vault.core.freezing import FreezeReason
from vault.core.ids import AppId, CustomerId, PairwiseId
from vault.core.staff import OPERATOR
from vault.crypto.pairwise import pairwise_id
from vault.services import app_change, registered, staff, unit
from vault.services.deps import Deps
from vault.services.proposal_row import Proposal
from vault.services.registered import App
from vault.services.unit import Unit
from vault.store import app as app_store


@dataclass(frozen=True, slots=True)
class Listed:
    """An app in a list; `app` is None when its registration is not intact."""

    id: AppId
    added_at: datetime
    app: App | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the host's shell asked for: done, or waiting for a second person."""

    id: AppId
    waits: Proposal | None = None


async def add(deps: Deps, document: bytes, *, replace: bool = False) -> Asked:
    """Register an app by its metadata, or propose it; the same document again changes nothing.

    Args:
        deps: what the use case may touch.
        document: JSON.
        replace: put it in the place of an app's other registration, whose tokens become void. In
            the place of one that is not intact it is frozen, until somebody thaws it.

    Raises:
        RegistrationError: naming the member that is refused.
        ConflictError: the client id has another registration, and `replace` was not said.
        NotReadyError: no code of ethics is published yet.
        RefusedError: too many proposals wait.
    """

    async def work(one: Unit) -> Asked:
        change = await app_change.weigh(deps, one.conn, document, now=one.now)
        app = AppId(change.read.registration.client_id)
        if change.is_nothing:
            return Asked(app)
        if change.known and not replace:
            raise ConflictError(app_change.TAKEN)
        if not await staff.is_bootstrap(one.conn):
            return Asked(app, await app_change.propose(one, change, by=OPERATOR))
        await app_change.register(one, change, SHELL)
        return Asked(app)

    asked, _ = await unit.run(deps, work)
    return asked


async def list_(deps: Deps) -> list[Listed]:
    """Return all apps by id."""
    async with deps.database.connect() as conn:
        rows = await app_store.load_all(conn)
        return [
            Listed(row.app, row.added_at, await registered.load(deps, conn, row.app))
            for row in rows
        ]


async def show(deps: Deps, app_id: str) -> App:
    """Return one app.

    Raises:
        BadRequestError: there is none of this id.
    """
    async with deps.database.connect() as conn:
        app = await registered.load(deps, conn, app_id)
    if app is None:
        raise BadRequestError(app_change.UNKNOWN)
    return app


async def freeze(
    deps: Deps, app_id: str, *, by: str = OPERATOR, reason: FreezeReason = FreezeReason.OTHER
) -> None:
    """Stop an app at its very next call; anyone but support may do it alone.

    Args:
        deps: what the use case may touch.
        app_id: its client id.
        by: a pseudonym, or the host's shell.
        reason: why; the access log has it.

    Raises:
        BadRequestError: there is none of this id.
    """

    async def work(one: Unit) -> None:
        app = await app_change.live(one, app_id)
        alone = by == OPERATOR and await staff.is_bootstrap(one.conn)
        await app_change.stop(one, app, SHELL if alone else Ground(by=by), reason=reason)

    await unit.run(deps, work)


async def thaw(deps: Deps, app_id: str) -> Asked:
    """Let an app ask for tokens again, or propose it; those from before stay void.

    Raises:
        BadRequestError: there is none of this id.
        RefusedError: too many proposals wait.
    """

    async def work(one: Unit) -> Asked:
        app = await app_change.live(one, app_id)
        if not await staff.is_bootstrap(one.conn):
            return Asked(app.id, await app_change.propose_thaw(one, app, by=OPERATOR))
        await app_change.melt(one, app, SHELL)
        return Asked(app.id)

    asked, _ = await unit.run(deps, work)
    return asked


async def pairwise(deps: Deps, app_id: str, customer: CustomerId) -> PairwiseId:
    """Return the id by which an app knows a customer.

    Raises:
        BadRequestError: there is no app of this id.
    """
    app = await show(deps, app_id)
    sector = app.registered.registration.sector
    return pairwise_id(deps.keys.service("pairwise"), sector, customer)
