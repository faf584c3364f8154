"""Authenticate the app behind a request to the authorization server, and use up what it sent.

`identify` uses nothing up, so that an app which is sent a nonce may come back with the same
assertion; `spend` commits the claims, first and alone. Failed tries are counted by address: they
are slowed down, and no honest request of another address with them.
Source: docs/oauth.md, apps and limits; security note, 9.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from vault.api.oauth import assertion
from vault.api.oauth.errors import INVALID_CLIENT, OAuthError
from vault.core.errors import FrozenError, ReviewOverdueError
from vault.services import limit, registered, token
from vault.services.deps import Deps
from vault.services.limit import Hit, Rate
from vault.services.registered import App
from vault.store import commit, once
from vault.store.engine import Conn
from vault.store.once import Claim

FAILED: Final = Rate("oauth-failed", step=3_000, burst=20)  # an address, 20 a minute

_OVERDUE: Final = f"review-overdue: {ReviewOverdueError.sentence}"


async def identify(
    deps: Deps, request: Request, sent: Mapping[str, str], *, now: int
) -> tuple[App, Claim]:
    """Return the app that signed the assertion, and the claim that uses the assertion up.

    Raises:
        OAuthError: `invalid_client`; `invalid_request` for a second way of authentication.
        TooManyError: too many failed tries from this address.
    """
    try:
        said = assertion.read(sent, has_authorization="authorization" in request.headers)
        async with deps.database.connect() as conn:
            app = await registered.load(deps, conn, said.app)
        dummy = next(iter(token.published(deps).values()))
        used = assertion.verify(said, app, issuer=deps.issuer, now=now, dummy=dummy)
        if app is None:
            raise OAuthError(INVALID_CLIENT)
    except OAuthError as error:
        if error.code == INVALID_CLIENT:
            await count_failure(deps, request)
        raise
    return app, used


async def spend(deps: Deps, request: Request, *claims: Claim) -> None:
    """Use up an assertion, and what came with it, which names itself by its place.

    Raises:
        OAuthError: `invalid_client` for an assertion that was used before, `invalid_dpop_proof` for
            such a proof.
        TooManyError: too many failed tries from this address.
    """
    fresh = await commit.claim(deps.database, lambda conn: once.claim_many(conn, claims))
    if not fresh[0]:
        await count_failure(deps, request)
        raise OAuthError(INVALID_CLIENT)
    if not all(fresh):
        raise OAuthError("invalid_dpop_proof", "This DPoP proof was used before.")


async def live(deps: Deps, conn: Conn, app: App) -> App:
    """Return the app as it stands in this transaction.

    Raises:
        OAuthError: `invalid_client` when it is gone, frozen or overdue.
    """
    found = await registered.load(deps, conn, app.id)
    try:
        if found is None:
            raise FrozenError
        found.check(deps.clock.now())
    except FrozenError:
        raise OAuthError(INVALID_CLIENT) from None
    except ReviewOverdueError:
        raise OAuthError(INVALID_CLIENT, _OVERDUE) from None
    return found


async def count_failure(deps: Deps, request: Request) -> None:
    """Count a failed try.

    Raises:
        TooManyError: there were too many from this address.
    """
    address = limit.network(request.client.host if request.client else "")
    await limit.count(deps, [Hit(FAILED, address)])
