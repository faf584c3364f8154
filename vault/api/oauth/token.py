"""Answer the token endpoint: an app proves itself and its key, and gets a token that is bound.

1. the form, its size and each parameter once;
2. the assertion: the app is whom it says it is;
3. the proof: of this request, with a nonce of ours. Until here nothing is used up, so that an app
   that is sent a nonce may come back with the same assertion;
4. assertion and proof are claimed, committed first and alone: a replay ends here;
5. in one transaction, after the app's live state: the details against registration and code, then
   the grant, in Authlib's order. A refusal commits, only the unexpected rolls back.

A refusal is RFC 6749's JSON; what concerns HTTP alone (size, type, rate, busy) is a problem.
Source: RFC 6749, 5; RFC 9449, 5; docs/oauth.md, Authlib.
"""

import math
from collections.abc import Mapping
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vault.api.oauth import authlib_server, client, form
from vault.api.oauth import details as approval
from vault.api.oauth.authlib_server import AppRequest, Issue, TokenServer
from vault.api.oauth.errors import INVALID_DETAILS, INVALID_REQUEST, OAuthError
from vault.api.problems import HEADERS
from vault.core import details, scope
from vault.core.details import Detail
from vault.core.errors import DetailsError, NonceError, ProofError
from vault.core.scope import Scope
from vault.services import limit, proof, token
from vault.services.deps import Deps
from vault.services.limit import Hit, Rate
from vault.services.proof import Proof
from vault.services.registered import App
from vault.store import commit
from vault.store.engine import Conn, SyncConn, run_sync

PATH: Final = "/oauth/token"
ISSUED: Final = Rate("token", step=100, burst=10)  # an app, 10 a second


async def respond(deps: Deps, server: TokenServer, request: Request) -> Response:
    """Return a token.

    Raises:
        OAuthError: the request is refused.
        MediaTypeError, TooLargeError, TooManyError, BusyError: as problems.
    """
    now = int(deps.clock.now().timestamp())
    sent = await form.read(request)
    if "grant_type" not in sent:
        raise OAuthError(INVALID_REQUEST, "grant_type is missing.")
    app, used = await client.identify(deps, request, sent, now=now)
    passed = _prove(deps, request, now=now)
    await client.spend(deps, request, used, passed.claim)
    # After the claims: whoever replays an assertion must not wear out the app's own rate.
    await limit.count(deps, [Hit(ISSUED, app.id.encode())])
    asked = _asked(deps, sent)
    uri = deps.issuer + PATH

    async def work(conn: Conn) -> Mapping[str, object] | OAuthError:
        try:
            live = await _live(deps, conn, app, asked)
        except OAuthError as refused:
            return refused
        issue = _issue(deps, live, jkt=passed.jkt, now=now)

        def grant(db: SyncConn) -> Mapping[str, object] | OAuthError:
            one = AppRequest(sent, uri=uri, db=db, app=live, details=asked, issue=issue)
            return authlib_server.respond(server, one)

        return await run_sync(conn, grant)

    answer = await commit.request(deps.database, work)
    if isinstance(answer, OAuthError):
        raise answer
    nonce = proof.nonce(deps, proof.AS, now=now) if passed.renew else None
    return Response(
        orjson.dumps(answer),
        headers={**HEADERS, "pragma": "no-cache", **({"dpop-nonce": nonce} if nonce else {})},
        media_type="application/json",
    )


def _prove(deps: Deps, request: Request, *, now: int) -> Proof:
    proofs = request.headers.getlist("dpop")
    fresh = proof.nonce(deps, proof.AS, now=now)
    if len(proofs) != 1:
        raise OAuthError("invalid_dpop_proof", "Send one header DPoP.", nonce=fresh)
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
    try:
        return proof.verify(
            deps,
            proofs[0].encode("latin-1"),
            role=proof.AS,
            method=request.method,
            path=path,
            now=now,
        )
    except NonceError:
        raise OAuthError("use_dpop_nonce", nonce=fresh) from None
    except ProofError as error:
        raise OAuthError("invalid_dpop_proof", error.detail, nonce=fresh) from None


def _asked(deps: Deps, sent: Mapping[str, str]) -> tuple[Detail, ...]:
    if sent.get("resource", token.resource(deps)) != token.resource(deps):
        raise OAuthError("invalid_target")
    text = sent.get("authorization_details")
    try:
        return () if text is None else details.parse(text)
    except DetailsError as error:
        raise OAuthError(INVALID_DETAILS, error.detail) from None


async def _live(deps: Deps, conn: Conn, app: App, asked: tuple[Detail, ...]) -> App:
    """Return the app as it stands in this transaction, when it may ask for these details."""
    live = await client.live(deps, conn, app)
    if asked:
        named = {item.code_version for item in asked if item.code_version}
        versions = {one for one in named if await deps.codes.knows(conn, one)}
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        approval.check(asked, live.registered, rulebook, versions=versions)
    return live


def _issue(deps: Deps, app: App, *, jkt: str, now: int) -> Issue:
    # An app that was thawed this very second has tokens from the next on: never one that is void.
    issued_at = max(now, math.ceil(app.valid_from.timestamp()))

    def issue(scopes: frozenset[Scope], granted: tuple[Detail, ...]) -> Mapping[str, object]:
        signed = token.issue(
            deps, app.id, scopes=scopes, granted=granted, jkt=jkt, issued_at=issued_at
        )
        answer: dict[str, object] = {
            "access_token": signed,
            "token_type": "DPoP",
            "expires_in": token.LIFETIME,
            "scope": scope.render(scopes),
        }
        if granted:
            answer["authorization_details"] = [item.document() for item in granted]
        return answer

    return issue
