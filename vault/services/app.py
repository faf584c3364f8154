"""Register apps, show them, freeze and thaw them: what staff do with an app.

A registration is checked whole each time, for a change as for the first, against the code of ethics
in force: nobody is approved for what the code does not give that app. Every act is an entry of the
access log. Before the first member of staff is enrolled the host's shell decides alone, and the
entry says so.
Source: docs/oauth.md, apps; INTERFACES, commands.
"""

from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import UTC, datetime, timedelta
from typing import Final

from policies.durations import Duration
from policies.model import Rulebook
from vault.core import canonical
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, CanonicalError, ConflictError, RegistrationError
from vault.core.ids import AppId, CustomerId, PairwiseId
from vault.core.registration import MAX_DOCUMENT, Registration
from vault.crypto.pairwise import pairwise_id
from vault.crypto.row_mac import APP, APP_STATE, app_row, row_mac
from vault.services import registered, unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.registered import App, Registered
from vault.services.unit import Unit
from vault.store import app as app_store
from vault.store.app import AppRow, AppStateRow

SECOND: Final = timedelta(seconds=1)
_UNKNOWN: Final = "No app is registered under this id. `ownship app list` names them all."
_TAKEN: Final = "Another registration has this client_id. Replace it on purpose, or choose another."


@dataclass(frozen=True, slots=True)
class Listed:
    """An app in a list; `app` is None when its registration is not intact."""

    id: AppId
    added_at: datetime
    app: App | None


async def add(deps: Deps, document: bytes, *, replace: bool = False) -> AppId:
    """Register an app by its metadata; the same document again changes nothing.

    Args:
        deps: what the use case may touch.
        document: JSON.
        replace: put it in the place of an app's other registration, whose tokens become void. In
            the place of one that is not intact it is frozen, until somebody thaws it.

    Raises:
        RegistrationError: naming the member that is refused.
        ConflictError: the client id has another registration, and `replace` was not said.
        NotReadyError: no code of ethics is published yet.
    """
    read = _read(document)
    app = AppId(read.registration.client_id)

    async def work(one: Unit) -> None:
        rulebook = await deps.codes.in_force(one.conn, one.now)
        check(read.registration, rulebook, one.now)
        row = AppRow(app, read.document, read.digest, _mac(deps, app, read.digest), one.now)
        known = await app_store.load(one.conn, app)
        if known is None:
            state = AppStateRow(app, frozen=False, valid_from=_second(one.now), version=1, mac=b"")
            state = _made(deps, state, read.digest)
            if not await app_store.add(one.conn, row, state=state):
                raise ConflictError(_TAKEN)
            _log(one, app, "added", read.digest)
            return
        live = await registered.load(deps, one.conn, app)
        if live and known.digest == read.digest and known.mac == row.mac:
            return
        if not replace:
            raise ConflictError(_TAKEN)
        before = (await app_store.load_states(one.conn, [app])).get(app)
        state = AppStateRow(
            app,
            # Whether staff had frozen an app is not known when its state is broken.
            frozen=live.frozen if live else True,
            valid_from=_after(one.now),
            version=before.version + 1 if before else 1,
            mac=b"",
        )
        await app_store.replace(one.conn, row, state=_made(deps, state, read.digest))
        _log(one, app, "changed", read.digest)

    await unit.run(deps, work)
    return app


def check(read: Registration, rulebook: Rulebook, now: datetime) -> None:
    """Refuse a registration that goes beyond the code of ethics, or is to be reviewed already.

    Raises:
        RegistrationError: naming what the code does not give this app.
    """
    if read.review_by < now.astimezone(UTC).date():
        raise RegistrationError("review_by: is past.")
    missing = rulebook.uncovered(sorted(read.permissions()), app=read.client_id)
    if missing:
        one = missing[0]
        raise RegistrationError(
            f"approved: the code of ethics in force does not give {read.client_id} "
            f"{one.action} of {one.name} for {one.purpose}."
        )
    for item in read.approved:
        for name in item.datatypes:
            kept = (rulebook.fields.get(name) or rulebook.interactions[name]).retention
            if item.retention and not is_within(item.retention, kept):
                raise RegistrationError(
                    f"approved: {name} is kept for {kept}; {item.retention} is not surely shorter."
                )


def is_within(retention: str, limit: str) -> bool:
    """Tell whether one duration is surely no longer than another; both are well-formed."""
    asked, allowed = Duration.parse(retention), Duration.parse(limit)
    return asked is not None and allowed is not None and asked.within(allowed)


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
        raise BadRequestError(_UNKNOWN)
    return app


async def freeze(deps: Deps, app_id: str) -> None:
    """Stop an app at its very next call; anyone but support may do it alone.

    Raises:
        BadRequestError: there is none of this id.
    """

    async def work(one: Unit) -> None:
        app = await _live(one, app_id)
        await _save(one, app, frozen=True, valid_from=app.valid_from)
        _log(one, AppId(app_id), "frozen")

    await unit.run(deps, work)


async def thaw(deps: Deps, app_id: str) -> None:
    """Let an app ask for tokens again; those from before stay void.

    Raises:
        BadRequestError: there is none of this id.
    """

    async def work(one: Unit) -> None:
        app = await _live(one, app_id)
        await _save(one, app, frozen=False, valid_from=_after(one.now))
        _log(one, AppId(app_id), "thawed")

    await unit.run(deps, work)


async def pairwise(deps: Deps, app_id: str, customer: CustomerId) -> PairwiseId:
    """Return the id by which an app knows a customer.

    Raises:
        BadRequestError: there is no app of this id.
    """
    app = await show(deps, app_id)
    sector = app.registered.registration.sector
    return pairwise_id(deps.keys.service("pairwise"), sector, customer)


def _read(document: bytes) -> Registered:
    if len(document) > MAX_DOCUMENT:
        raise RegistrationError("The document is longer than 65,536 bytes.")
    try:
        return registered.parse(canonical.dumps(canonical.loads(document)).decode())
    except CanonicalError:
        raise RegistrationError("The document is not JSON without doubled members.") from None


async def _live(one: Unit, app_id: str) -> App:
    """Return an app to change; what is not intact is no ground for a new MAC."""
    app = await registered.load(one.deps, one.conn, app_id)
    if app is None:
        raise BadRequestError(_UNKNOWN)
    return app


async def _save(one: Unit, app: App, *, frozen: bool, valid_from: datetime) -> None:
    state = AppStateRow(app.id, frozen, valid_from, app.version, b"")
    await app_store.save_state(one.conn, _made(one.deps, state, app.registered.digest))


def _made(deps: Deps, state: AppStateRow, registration: str) -> AppStateRow:
    """Return a state under its MAC."""
    body = registered.state_body(deps, state, registration)
    return replaced(state, mac=row_mac(deps.keys.service("row-mac"), APP_STATE, body))


def _mac(deps: Deps, app: AppId, digest: str) -> bytes:
    body = app_row(deps.deployment, app=app, registration=digest)
    return row_mac(deps.keys.service("row-mac"), APP, body)


def _second(now: datetime) -> datetime:
    """Return the second that has begun: a token's `iat` knows no smaller part."""
    return now.replace(microsecond=0)


def _after(now: datetime) -> datetime:
    """Return the next second: what was issued up to this moment is void."""
    return _second(now) + SECOND


def _log(one: Unit, app: AppId, change: str, digest: str | None = None) -> None:
    members: list[tuple[str, str | int]] = [("app", app), ("change", change), ("bootstrap", True)]
    if digest:
        members.append(("registration", digest))
    one.log(SystemDraft(Kind.REGISTRATION, tuple(members)))
