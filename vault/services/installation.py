"""Make an empty database into a vault: its id, issuer, keys and log, once and for ever.

1. the deployment's id, issuer and log origin; 2. an epoch key in the provider and the first KEK
under it; 3. a service key for each use; 4. the head of the access log. Run again, it changes
nothing: neither keys nor ids are ever made twice. A key for a use that a later release added is
made when that release first opens the vault.
Source: INTERFACES, ownship init; crypto note, 2 and 9; access-log note, 7.
"""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from vault.core import canonical
from vault.core.errors import ConflictError, NotReadyError, RefusedError
from vault.core.ids import DeploymentId
from vault.core.place import origin
from vault.crypto.kek import Keks, new_kek
from vault.crypto.keys import new_service_key, unwrap_service
from vault.crypto.providers.provider import KeyProvider
from vault.crypto.random import random_bytes
from vault.crypto.signing import SigningKey, TokenKey
from vault.services.deps import MAIN_LOG
from vault.services.keys import USES, KeyRing
from vault.store import commit, deployment, integration
from vault.store import kek as kek_store
from vault.store import service_key as service_key_store
from vault.store.deployment import DeploymentRow
from vault.store.engine import Conn, Database
from vault.store.kek import KekRow
from vault.store.service_key import ServiceKeyRow

FIRST_EPOCH = 1
# The public halves are stored in clear, so that old signatures stay checkable for ever.
_ED25519 = frozenset({"entry-receipts", "receipts", "log", "replay"})
_ES256 = frozenset({"tokens"})


@dataclass(frozen=True, slots=True)
class Installed:
    """What `init` found or made."""

    row: DeploymentRow
    made: bool  # False when it was there already


async def install(
    database: Database,
    make_provider: Callable[[DeploymentId], KeyProvider],
    *,
    issuer: str,
    now: datetime,
) -> Installed:
    """Make a migrated, empty database into a vault, or find that it is one.

    Args:
        database: migrated.
        make_provider: makes an empty key ring for a deployment, and refuses where there is one.
        issuer: fixed from here on.
        now: the time.

    Raises:
        RefusedError: the database belongs to another issuer, or the key ring to another vault.
        UnwrapFailedError, ProviderDownError: the key provider refuses or does not answer.
    """
    async with database.connect() as conn:
        found = await deployment.load(conn)
    if found is not None:
        check_issuer(found, issuer)
        return Installed(found, made=False)
    row = DeploymentRow(random_bytes(16), issuer, origin(issuer, MAIN_LOG), now)
    keks, kek_row = await asyncio.to_thread(_first_kek, make_provider, row, now)
    services = [_service_row(keks, use, now) for use in USES]

    async def work(conn: Conn) -> DeploymentRow:
        if not await deployment.create(conn, row):  # another `init` was faster
            raced = await deployment.load(conn)
            if raced is None:
                raise NotReadyError
            return raced
        await kek_store.add(conn, kek_row)
        for service in services:
            await service_key_store.add(conn, service)
        await integration.open_log(conn, MAIN_LOG, row.origin)
        return row

    made = await commit.request(database, work)
    check_issuer(made, issuer)
    return Installed(made, made=made == row)


async def complete(database: Database, ring: KeyRing, *, now: datetime) -> tuple[str, ...]:
    """Make the service keys of uses that this release added; returns the uses.

    Several processes may do it at once: the first row of a use stands. A use whose keys are all
    destroyed is not absent, and gets none.

    Args:
        database: as a role that may add service keys.
        ring: of the deployment; it need not be loaded.
        now: the time.

    Raises:
        NotReadyError, UnwrapFailedError, ProviderDownError: the keys do not open.
    """
    async with database.connect() as conn:
        missing = await absent(conn)
        if not missing:
            return ()
        keks = await ring.load_keks(conn)
    made = []
    for use in missing:
        row = _service_row(keks, use, now)
        with contextlib.suppress(ConflictError):  # another process was faster
            await commit.request(database, functools.partial(service_key_store.add, row=row))
            made.append(use)
    return tuple(made)


async def absent(conn: Conn) -> tuple[str, ...]:
    """Return the uses that have no key yet; none where no vault is installed."""
    there = {row.use for row in await service_key_store.load_all(conn)}
    return tuple(use for use in USES if use not in there) if there else ()


async def installed(database: Database) -> DeploymentRow:
    """Return which vault this database is.

    Raises:
        NotReadyError: none yet.
    """
    async with database.connect() as conn:
        row = await deployment.load(conn)
    if row is None:
        msg = "This database is no vault yet. Run `ownship init`."
        raise NotReadyError(msg)
    return row


def check_issuer(row: DeploymentRow, issuer: str) -> None:
    """Refuse to run under another issuer: passkeys, receipts and the log's origin name the first.

    Raises:
        RefusedError: the stored issuer differs from the setting.
    """
    if row.issuer != issuer:
        msg = (
            f"This vault was made for {row.issuer} and the setting says {issuer}. "
            "Set OWNSHIP_ISSUER to the stored one."
        )
        raise RefusedError(msg)


def _first_kek(
    make_provider: Callable[[DeploymentId], KeyProvider], row: DeploymentRow, now: datetime
) -> tuple[Keks, KekRow]:
    provider = make_provider(DeploymentId(row.deployment_id))
    ref = provider.create(FIRST_EPOCH)
    kek, blob = new_kek(
        provider, ref, deployment=DeploymentId(row.deployment_id), epoch=FIRST_EPOCH
    )
    stored = KekRow(
        kek_id=kek.kek_id,
        epoch=FIRST_EPOCH,
        state="active",
        provider=ref.provider,
        key_ref=ref.ref,
        key_version=ref.version,
        blob=blob,
        made_at=now,
    )
    return Keks(DeploymentId(row.deployment_id), kek), stored


def _service_row(keks: Keks, use: str, now: datetime) -> ServiceKeyRow:
    key = new_service_key(keks, use)
    return ServiceKeyRow(
        use=use,
        generation=key.generation,
        key_id=key.key_id,
        kek_id=key.kek_id,
        wrapped=key.blob,
        public=_public(use, unwrap_service(keks, key).secret),
        made_at=now,
    )


def _public(use: str, secret: bytes) -> bytes | None:
    if use in _ED25519:
        return SigningKey(secret).public
    if use in _ES256:
        return canonical.dumps(TokenKey(secret).jwk.export())
    return None
