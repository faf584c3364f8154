"""Authenticate a call of the API: whose it is, and what its token may cover at the most.

1. one `Authorization: DPoP …` and one `DPoP` header;
2. the token is ours and its time is not over;
3. the proof is of this request and of the token's key;
4. the proof is claimed, committed before anything is loaded: a replay ends here, on any replica;
5. from the primary, on every call: the token is not revoked, the app is registered, not frozen, not
   overdue, and the token is not older than the app's tokens may be.

What may be opened is not decided here: the caller is an input of the decision.
Source: docs/oauth.md, access tokens and DPoP; RFC 9449, 7; INTERFACES, refusals.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from policies.model import Permission
from vault.core.errors import AuthenticationError, ProofError, TokenError
from vault.core.ids import AppId, CustomerId
from vault.core.scope import Scope
from vault.services import proof, registered, token
from vault.services.deps import Deps
from vault.services.load_gate import Arrival, Arrived
from vault.services.lookup_row import Key
from vault.services.registered import App
from vault.services.token import Claims
from vault.store import app as app_store
from vault.store.app import AppStateRow
from vault.store.engine import Conn
from vault.store.once import Claim

_SCHEME: Final = b"dpop "
_ONE_OF_EACH: Final = "Send one header Authorization: DPoP and one header DPoP."


# Named tuples and not dataclasses: each read makes one of each, and they cost a third.
class Caller(NamedTuple):
    """An app that proved itself, with all that a decision wants to know of it."""

    app: AppId
    sector: str
    jti_hash: str  # SHA-256 of the token's jti, hex
    permissions: frozenset[Permission]  # the token's ceiling
    scopes: frozenset[Scope]
    registration: frozenset[Permission]
    registration_digest: str
    daily_limit: int  # customers that it may ask about in a day
    request: str | None  # our request id
    nonce: str | None  # when given, the answer carries it as DPoP-Nonce
    proven: "Proven | None" = None  # by which its state is asked again with each load


class Proven(NamedTuple):
    """A call whose token and proof hold by themselves; the primary was not asked yet."""

    claims: Claims
    claim: Claim
    renew: bool  # the nonce ends soon

    def arrival(self, customer: CustomerId | None = None, key: Key | None = None) -> Arrival:
        """Return what the load gate is asked: of a customer, or of whose identifier that is."""
        return Arrival(self.claim, self.claims.app, self.claims.jti, customer, key)

    def again(self, customer: CustomerId) -> Arrival:
        """Return what the load gate is asked once the proof is claimed: the state, and a load."""
        return Arrival(None, self.claims.app, self.claims.jti, customer)


def prove(
    deps: Deps, method: str, raw_path: bytes, headers: Iterable[tuple[bytes, bytes]], *, now: int
) -> Proven:
    """Take steps 1 to 3: nothing is asked of the primary, and nothing may be answered yet.

    Args:
        deps: what the use case may touch.
        method: as received.
        raw_path: the path as received, still escaped; what follows a `?` is dropped.
        headers: as ASGI gives them, names in lower case.
        now: unix seconds.

    Raises:
        TokenError, ProofError: as `authenticate`.
    """
    try:
        sent, dpop = _credentials(headers)
        claims = token.read(deps, sent, now=now)
        one = proof.verify(
            deps,
            dpop,
            role=proof.RS,
            method=method,
            path=raw_path.partition(b"?")[0].decode("latin-1"),
            now=now,
            ath=claims.ath,
            jkt=claims.jkt,
        )
    except AuthenticationError as error:
        raise _challenged(deps, error, now) from None
    return Proven(claims, one.claim, one.renew)


async def authenticate(
    deps: Deps,
    method: str,
    raw_path: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    *,
    request: str | None = None,
) -> Caller:
    """Return who calls.

    Args:
        deps: what the use case may touch.
        method: as received.
        raw_path: the path as received, still escaped; what follows a `?` is dropped.
        headers: as ASGI gives them, names in lower case.
        request: our id of the request.

    Raises:
        TokenError: a `FrozenError` or `ReviewOverdueError` for those.
        ProofError: a `NonceError` when the nonce alone is missing or old.
        BusyError: the primary cannot be asked.
    """
    now = int(deps.clock.now().timestamp())
    proven = prove(deps, method, raw_path, headers, now=now)
    return await admit(deps, proven, await deps.loads.arrive(proven.arrival()), request=request)


async def admit(deps: Deps, proven: Proven, arrived: Arrived, *, request: str | None) -> Caller:
    """Take steps 4 and 5, on what the primary said of this very call.

    Raises:
        TokenError, ProofError: as `authenticate`.
    """
    now = deps.clock.now()
    try:
        if not arrived.fresh:
            raise ProofError("This DPoP proof was used before. Sign a new one for each request.")
        live = arrived.state
        if live is None or arrived.revoked or not _is_young(proven.claims, live):
            raise TokenError
        app = registered.recent(deps, live)
        if app is None:
            async with deps.database.connect() as conn:
                app = await registered.with_state(deps, conn, live)
        if app is None:
            raise TokenError
        app.check(now)
    except AuthenticationError as error:
        raise _challenged(deps, error, int(now.timestamp())) from None
    return caller(deps, proven, app, request=request, now=int(now.timestamp()))


def caller(deps: Deps, proven: Proven, app: App, *, request: str | None, now: int) -> Caller:
    """Return the caller that a proven call of a live app is."""
    claims = proven.claims
    return Caller(
        app=app.id,
        sector=app.registered.registration.sector,
        jti_hash=claims.jti_hash,
        permissions=claims.permissions,
        scopes=claims.scopes,
        registration=app.registered.permissions,
        registration_digest=app.registered.digest,
        daily_limit=app.registered.registration.daily_limit,
        request=request,
        nonce=proof.nonce(deps, proof.RS, now=now) if proven.renew else None,
        proven=proven,
    )


def _challenged(deps: Deps, error: AuthenticationError, now: int) -> AuthenticationError:
    """Let a refusal carry the nonce that the next proof needs."""
    error.nonce = proof.nonce(deps, proof.RS, now=now)
    return error


def _credentials(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    tokens, proofs = [], []
    for name, value in headers:
        if name == b"authorization":
            tokens.append(value)
        elif name == b"dpop":
            proofs.append(value)
    if len(tokens) != 1 or tokens[0][: len(_SCHEME)].lower() != _SCHEME:
        raise TokenError(_ONE_OF_EACH)  # `Bearer` too: a token without proof is anybody's
    if len(proofs) != 1:
        raise ProofError(_ONE_OF_EACH)
    return tokens[0][len(_SCHEME) :].strip(b" "), proofs[0]


async def holder(deps: Deps, conn: Conn, claims: Claims) -> App | None:
    """Return the app whose token still stands; it may be frozen or overdue.

    Args:
        deps: what the use case may touch.
        conn: a connection to the primary; nothing that is read here may be kept for another call.
        claims: of a token whose signature and time were checked.

    Returns:
        None when the token is revoked or older than the app's tokens may be, or its app unknown.
    """
    state = await app_store.token_state(conn, [claims.app], tokens=[claims.jti])
    live = state.apps.get(claims.app)
    if live is None or claims.jti in state.revoked or not _is_young(claims, live):
        return None
    return await registered.with_state(deps, conn, live)


def _is_young(claims: Claims, live: AppStateRow) -> bool:
    return claims.issued_at >= live.valid_from.timestamp()
