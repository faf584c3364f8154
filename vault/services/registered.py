"""Know the apps as they are registered: metadata under its MAC, keys ready to verify, live state.

The state (frozen, valid from, version) is read from the primary each time; what is kept here is the
parsed registration of one version, because a registration of a version never changes. A row whose
MAC is not ours registers nobody, whoever wrote it into the database; and the state's MAC names the
registration, so that an older one put back, or a state that nobody made here, registers nobody too.
Source: docs/oauth.md, apps; DESIGN 6.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from policies.model import Permission
from vault.core import registration
from vault.core.errors import (
    FormatError,
    FrozenError,
    NotReadyError,
    RegistrationError,
    ReviewOverdueError,
    SignatureError,
)
from vault.core.ids import AppId, DeploymentId
from vault.core.registration import Registration
from vault.crypto.jwk import PublicJwk
from vault.crypto.row_mac import APP, APP_STATE, app_row, app_state_row, check_row
from vault.crypto.service_key import ServiceKey
from vault.services.deps import Deps
from vault.services.recent import Recent
from vault.store import app as app_store
from vault.store.app import AppRow, AppStateRow
from vault.store.engine import Conn

CACHED: Final = 1_000  # registrations
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Registered:
    """One version of an app's registration."""

    registration: Registration
    keys: tuple[tuple[str, PublicJwk], ...]  # (kid, key) in the order of the registration
    permissions: frozenset[Permission]
    document: str  # canonical JSON
    digest: str  # its SHA-256, hex


@dataclass(frozen=True, slots=True)
class App:
    """An app and how it stands at this moment."""

    id: AppId
    registered: Registered
    frozen: bool
    valid_from: datetime  # tokens issued before are void
    version: int

    def check(self, now: datetime) -> None:
        """Return when the app may act.

        Raises:
            FrozenError: staff froze it.
            ReviewOverdueError: its registration was to be reviewed before today.
        """
        if self.frozen:
            raise FrozenError
        if now.astimezone(UTC).date() > self.registered.registration.review_by:
            raise ReviewOverdueError


_recent: Recent[tuple[DeploymentId, str, int], Registered] = Recent(CACHED)
# A state with its MAC, and the key that the MAC is of: that it is good never changes. Whether the
# primary still says so is asked each time; this is about what it said.
_proven: Recent[tuple[ServiceKey, AppStateRow], App] = Recent(CACHED)
_newest: Recent[tuple[DeploymentId, str], Registered] = Recent(CACHED)


async def load(deps: Deps, conn: Conn, app_id: str) -> App | None:
    """Return an app; None for an unknown one, and for one whose registration is not intact."""
    states = await app_store.load_states(conn, [app_id])
    state = states.get(app_id)
    return None if state is None else await with_state(deps, conn, state)


async def with_state(deps: Deps, conn: Conn, state: AppStateRow) -> App | None:
    """Return the app of a state that was just read from the primary; None as for `load`."""
    known = recent(deps, state)
    if known is not None:
        return known
    row = await app_store.load(conn, state.app)
    registered = None if row is None else read(deps, row)
    if registered is None:
        return None
    if not stands(deps, state, registered.digest):
        logger.error("registration-broken", app=state.app)
        return None
    _recent.put((deps.deployment, state.app, state.version), registered)
    _newest.put((deps.deployment, state.app), registered)
    return _app(state, registered)


def recent(deps: Deps, state: AppStateRow) -> App | None:
    """Return the app of a state that was just read, where its registration is known here already."""
    try:
        key = deps.keys.service("row-mac", state.mac[0])
    except (IndexError, NotReadyError):
        return None
    app = _proven.get((key, state))
    if app is None:
        registered = _recent.get((deps.deployment, state.app, state.version))
        if registered is None or not stands(deps, state, registered.digest):
            return None
        app = _app(state, registered)
        _proven.put((key, state), app)
    place = (deps.deployment, state.app)
    if _newest.get(place) is not app.registered:
        _newest.put(place, app.registered)
    return app


def newest(deps: Deps, app: AppId) -> Registered | None:
    """Return the registration that this process read last of an app: a guess, never an answer.

    Whoever prepares by it must ask the primary, and begin again when the state says another one.
    """
    return _newest.get((deps.deployment, app))


def _app(state: AppStateRow, registered: Registered) -> App:
    return App(state.app, registered, state.frozen, state.valid_from, state.version)


def read(deps: Deps, row: AppRow) -> Registered | None:
    """Return what a row registers; None, and an alarm, when it is not as it was registered."""
    try:
        # The MAC covers the digest, so the document must be the one that it was made of.
        if digest(row.document) != row.digest:
            raise FormatError
        key = deps.keys.service("row-mac", row.mac[0])
        body = app_row(deps.deployment, app=row.app, registration=row.digest)
        if not check_row(key, APP, body, row.mac):
            raise FormatError
        return parse(row.document)
    except (FormatError, IndexError, NotReadyError, RegistrationError):
        logger.error("registration-broken", app=row.app)
        return None


def stands(deps: Deps, state: AppStateRow, registration: str) -> bool:
    """Tell whether a state is as it was made, and made for the registration of this digest."""
    try:
        key = deps.keys.service("row-mac", state.mac[0])
        return check_row(key, APP_STATE, state_body(deps, state, registration), state.mac)
    except (FormatError, IndexError, NotReadyError):
        return False


def state_body(deps: Deps, state: AppStateRow, registration: str) -> bytes:
    """Return what the MAC of a state covers.

    Raises:
        FormatError: a member has no place in the format.
    """
    return app_state_row(
        deps.deployment,
        app=state.app,
        registration=registration,
        version=state.version,
        frozen=state.frozen,
        valid_from_ms=(state.valid_from - _EPOCH) // _MS,
    )


def parse(document: str) -> Registered:
    """Read a registration's canonical JSON, its keys included.

    Raises:
        RegistrationError: naming the member, or the key that is none.
    """
    read = registration.parse(document.encode())
    keys = []
    for key in read.keys:
        try:
            keys.append((key.kid, PublicJwk.parse(dict(key.members))))
        except SignatureError:
            msg = f"The key {key.kid} of jwks is weak, or no key at all."
            raise RegistrationError(msg) from None
    return Registered(read, tuple(keys), read.permissions(), document, digest(document))


def digest(document: str) -> str:
    """Return the digest by which the access log names a registration."""
    return hashlib.sha256(document.encode()).hexdigest()
