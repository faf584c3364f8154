"""Write registrations of apps and what may change for them, each under its MAC and with its entry.

A registration is checked whole each time, for a change as for the first, against the code of ethics
in force: nobody is approved for what the code does not give that app. On whose word it is written is
the `Ground` that callers hand over; what needs a second person waits as a proposal.
Source: docs/oauth.md, apps; security note, 8.
"""

from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import UTC, datetime, timedelta
from typing import Final

from policies.durations import Duration
from policies.model import Rulebook
from vault.core import approval, canonical, details
from vault.core.approval import Ground
from vault.core.entry import Kind
from vault.core.errors import (
    BadRequestError,
    CanonicalError,
    ConflictError,
    RefusedError,
    RegistrationError,
)
from vault.core.freezing import FreezeReason
from vault.core.ids import AppId
from vault.core.registration import MAX_DOCUMENT, Registration
from vault.crypto.row_mac import APP, APP_STATE, app_row, row_mac
from vault.services import proposal, registered
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.proposal_row import Proposal
from vault.services.registered import App, Registered
from vault.services.unit import Unit
from vault.store import app as app_store
from vault.store.app import AppRow, AppStateRow
from vault.store.engine import Conn

SECOND: Final = timedelta(seconds=1)
NOT_FROZEN: Final = "This app is not frozen."
UNKNOWN: Final = "No app is registered under this id. `ownship app list` names them all."
MAX_APPROVED: Final = 60_000  # characters of what was approved that an entry has room for
TAKEN: Final = "Another registration has this client_id. Replace it on purpose, or choose another."


@dataclass(frozen=True, slots=True)
class Change:
    """A registration before it is made."""

    read: Registered
    known: AppRow | None  # in whose place it comes
    live: App | None  # the same, where it is intact

    @property
    def basis(self) -> str:
        """Return what it was compared with."""
        return self.known.digest if self.known else ""

    @property
    def is_nothing(self) -> bool:
        """Say whether this very document is registered."""
        return self.live is not None and self.live.registered.digest == self.read.digest


async def weigh(deps: Deps, conn: Conn, document: bytes, *, now: datetime) -> Change:
    """Read a registration and compare it with the code in force and with what is registered.

    Raises:
        RegistrationError: naming the member that is refused.
        NotReadyError: no code of ethics is published yet.
    """
    read = parse(document)
    app = AppId(read.registration.client_id)
    check(read.registration, await deps.codes.in_force(conn, now), now)
    known = await app_store.load(conn, app)
    return Change(read, known, await registered.load(deps, conn, app))


async def propose(one: Unit, change: Change, *, by: str) -> Proposal:
    """Let a registration wait for a second person; errors as for `proposal.propose`."""
    return await proposal.propose(
        one,
        approval.Kind.APP,
        subject=change.read.registration.client_id,
        document=change.read.document,
        basis=change.basis,
        by=by,
    )


async def register(one: Unit, change: Change, ground: Ground) -> None:
    """Write a registration; in the place of another one, whose tokens become void.

    Raises:
        ConflictError: the client id was taken at this moment.
    """
    deps, digest = one.deps, change.read.digest
    app = AppId(change.read.registration.client_id)
    row = AppRow(app, change.read.document, digest, _mac(deps, app, digest), one.now)
    if change.known is None:
        state = AppStateRow(app, frozen=False, valid_from=_second(one.now), version=1, mac=b"")
        if not await app_store.add(one.conn, row, state=_made(deps, state, digest)):
            raise ConflictError(TAKEN)
        _log(one, app, "added", ground, change.read)
        return
    before = (await app_store.load_states(one.conn, [app])).get(app)
    state = AppStateRow(
        app,
        # Whether staff had frozen an app is not known when its state is broken.
        frozen=change.live.frozen if change.live else True,
        valid_from=_after(one.now),
        version=before.version + 1 if before else 1,
        mac=b"",
    )
    await app_store.replace(one.conn, row, state=_made(deps, state, digest))
    _log(one, app, "changed", ground, change.read)


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


async def propose_thaw(one: Unit, app: App, *, by: str) -> Proposal:
    """Let an app's thaw wait for a second person.

    Raises:
        RefusedError: it is not frozen, or too many proposals wait.
    """
    if not app.frozen:
        raise RefusedError(NOT_FROZEN)
    return await proposal.propose(
        one, approval.Kind.THAW, subject=app.id, document="", basis=standing(app), by=by
    )


def standing(app: App) -> str:
    """Return what a thaw is compared with: the registration that it lets go on."""
    return f"{app.registered.digest}/{app.version}"


async def melt(one: Unit, app: App, ground: Ground) -> None:
    """Write that an app may ask for tokens again."""
    await _save(one, app, frozen=False, valid_from=_after(one.now))
    _log(one, app.id, "thawed", ground)


async def stop(one: Unit, app: App, ground: Ground, *, reason: FreezeReason) -> None:
    """Write that an app may do nothing any more."""
    await _save(one, app, frozen=True, valid_from=app.valid_from)
    _log(one, app.id, "frozen", ground, reason=reason)


def parse(document: bytes) -> Registered:
    """Read a registration's metadata.

    Raises:
        RegistrationError: naming the member that is refused.
    """
    if len(document) > MAX_DOCUMENT:
        raise RegistrationError("The document is longer than 65,536 bytes.")
    try:
        return registered.parse(canonical.dumps(canonical.loads(document)).decode())
    except CanonicalError:
        raise RegistrationError("The document is not JSON without doubled members.") from None


async def live(one: Unit, app_id: str) -> App:
    """Return an app to change; what is not intact is no ground for a new MAC.

    Raises:
        BadRequestError: there is none of this id.
    """
    app = await registered.load(one.deps, one.conn, app_id)
    if app is None:
        raise BadRequestError(UNKNOWN)
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


def _named(read: Registered) -> tuple[tuple[str, str], ...]:
    """Return what the log keeps of a registration: its digest, and what it may ask for.

    The document names people of the app's team, and is replaced by the next one.
    """
    approved = details.dump(read.registration.approved)
    if len(approved) > MAX_APPROVED:  # has no place in an entry; the digest alone tells
        return (("registration", read.digest),)
    return (("registration", read.digest), ("approved", approved))


def _log(
    one: Unit,
    app: AppId,
    change: str,
    ground: Ground,
    read: Registered | None = None,
    *,
    reason: FreezeReason | None = None,
) -> None:
    members = (("app", app), *ground.members(change))
    named = _named(read) if read else ()
    why = (("reason", reason.value),) if reason else ()
    one.log(SystemDraft(Kind.REGISTRATION, (*members, *named, *why)))
