"""Turn a call of an app into an ask: read query and body strictly, narrow the ceiling by the scope.

Refuses to know what a field holds. Unknown, missing and doubled parameters are refused, and so are
unknown and doubled JSON members: what was not understood must not be guessed at.
Source: INTERFACES, Data API; security note, T03 and T23.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl

import orjson
from fastapi import Request
from starlette.responses import Response

from policies.decide import ActorKind, Permission
from policies.model import Action
from vault.api.group import is_group, spread
from vault.core import canonical
from vault.core.entry import Kind
from vault.core.errors import (
    BadRequestError,
    MediaTypeError,
    NotAvailableError,
    OutsideTokenError,
)
from vault.core.ids import CustomerId
from vault.core.scope import Scope
from vault.crypto.pairwise import customer_of
from vault.services.access import Caller, authenticate
from vault.services.ask import MAX_NAMES, Answer, Ask, Decided
from vault.services.deps import Deps

MAX_QUERY = 4_096  # bytes
JSON_TYPE = "application/json"
_TIMES = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS
_NOTHING: frozenset[Permission] = frozenset()


async def caller_of(request: Request, deps: Deps) -> Caller:
    """Return the app that calls, proved by token and proof.

    Raises:
        AuthenticationError: 401 with what is wrong with token or proof.
    """
    return await authenticate(
        deps,
        request.scope["state"]["method"],
        request.scope["raw_path"],
        request.scope["headers"],
        request=request.scope["state"]["request_id"],
    )


async def spend(caller: Caller, deps: Deps, count: int = 1) -> None:
    """Count customers that the call is about, before anything of them is looked at.

    Raises:
        TooManyError: the app's budget of the day is used up.
    """
    await deps.budgets.spend(
        deps.database,
        caller.app,
        limit=caller.daily_limit,
        count=count,
        now=deps.clock.now(),
    )


def query_of(
    request: Request, *, needed: tuple[str, ...] = (), allowed: tuple[str, ...] = ()
) -> Mapping[str, str]:
    """Return the query's parameters, each given once.

    Raises:
        BadRequestError: naming the parameter.
    """
    return parameters(request.scope["query_string"], needed=needed, allowed=allowed)


def parameters(
    raw: bytes, *, needed: tuple[str, ...] = (), allowed: tuple[str, ...] = ()
) -> Mapping[str, str]:
    """Return the parameters of a query string, each given once; errors as for `query_of`."""
    if len(raw) > MAX_QUERY:
        raise BadRequestError("The query is longer than 4,096 bytes.")
    return _parameters(raw, needed, allowed)


@lru_cache(maxsize=256)  # apps send the same few again and again; what is refused is not kept
def _parameters(raw: bytes, needed: tuple[str, ...], allowed: tuple[str, ...]) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=16,
        )
    except ValueError:
        raise BadRequestError("The query cannot be read.") from None
    query = dict(pairs)
    if len(query) != len(pairs):
        raise BadRequestError("A query parameter is given twice.")
    if query.keys() - {*needed, *allowed}:
        raise BadRequestError("The query has a parameter that this call does not know.")
    for name in needed:
        if not query.get(name):
            raise BadRequestError(f"The query parameter {name} is missing.")
    return MappingProxyType(query)


async def body_of(
    request: Request, *, needed: tuple[str, ...], allowed: tuple[str, ...] = ()
) -> dict[str, object]:
    """Return the members of a JSON body.

    Raises:
        MediaTypeError: another content type.
        BadRequestError: no JSON object, or unknown or missing members.
        CanonicalError: duplicate members, floats, too deep.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != JSON_TYPE:
        raise MediaTypeError("Send the body as application/json.")
    value = canonical.loads(await request.body())
    if not isinstance(value, dict):
        raise BadRequestError("The body is a JSON object.")
    if value.keys() - {*needed, *allowed}:
        raise BadRequestError("The body has a member that this call does not know.")
    for name in needed:
        if name not in value:
            raise BadRequestError(f"The member {name} is missing.")
    return value


def text_of(members: Mapping[str, object], name: str) -> str:
    """Return a member that must be text.

    Raises:
        BadRequestError: it is something else.
    """
    value = members[name]
    if not isinstance(value, str) or not value:
        raise BadRequestError(f"The member {name} is text.")
    return value


def names_of(value: object) -> tuple[str, ...]:
    """Return a list of field names.

    Raises:
        BadRequestError: empty, doubled, too many, or no texts.
    """
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise BadRequestError("fields is a list of names.")
    if not 0 < len(value) <= MAX_NAMES or len(set(value)) != len(value) or "" in value:
        raise BadRequestError("fields holds 1 to 64 names, each once.")
    return tuple(value)


def names_in(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the field names of a query; None where it names none.

    Raises:
        BadRequestError: as `names_of`.
    """
    return _named(query["fields"]) if "fields" in query else None


@lru_cache(maxsize=256)
def _named(text: str) -> tuple[str, ...]:
    return names_of(text.split(","))


def covered(
    caller: Caller, purpose: str, action: Action, *, interactions: bool = False
) -> tuple[str, ...]:
    """Return what the token covers for a purpose and an action: fields, or kinds of interaction."""
    return _covered(caller.permissions, purpose, action, interactions=interactions)


@lru_cache(maxsize=1024)  # by the token's ceiling, which never changes
def _covered(
    permissions: frozenset[Permission], purpose: str, action: Action, *, interactions: bool
) -> tuple[str, ...]:
    return tuple(
        sorted(
            one.name
            for one in permissions
            if one.purpose == purpose
            and one.action == action
            and one.name.startswith("interaction.") is interactions
        )
    )


def customer_in(caller: Caller, deps: Deps, text: str) -> CustomerId:
    """Return whom an app's id names; `NOBODY` for anything else, which then looks like unknown."""
    return customer_of(deps.keys.service("pairwise"), caller.sector, text)


def ask_of(
    caller: Caller,
    customer: CustomerId,
    *,
    scope: Scope,
    purpose: str,
    action: Action,
    names: tuple[str, ...],
    looks: Kind = Kind.READ,
) -> Ask:
    """Return the ask of an app. A scope that the token lacks leaves nothing covered."""
    return Ask(
        customer=customer,
        kind=ActorKind.APP,
        actor=f"app:{caller.app}",
        app=caller.app,
        names=names,
        purpose=purpose,
        action=action,
        registration=caller.registration,
        registration_digest=caller.registration_digest,
        ceiling=caller.permissions if scope in caller.scopes else _NOTHING,
        token=caller.jti_hash,
        request=caller.request,
        looks=looks,
        proven=caller.proven,
    )


def wanted(
    caller: Caller,
    customer: CustomerId,
    *,
    scope: Scope,
    purpose: str,
    action: Action,
    names: tuple[str, ...] | None,
) -> Ask:
    """Return the ask for these names, or for all that the token covers; `group.*` is a group's."""
    if names is None:
        names = covered(caller, purpose, action)
    elif is_group(names):
        names = spread(names, covered(caller, purpose, action))
    return ask_of(caller, customer, scope=scope, purpose=purpose, action=action, names=names)


def code_of(answer: Answer) -> dict[str, str]:
    """Return the code of ethics that an answer was decided by."""
    return {"version": answer.version, "digest": f"sha256:{answer.digest}"}


def answered(body: Mapping[str, object], caller: Caller, *, status: int = 200) -> Response:
    """Return a JSON answer that no cache keeps; it renews the proof's nonce where due."""
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    if caller.nonce:
        headers["dpop-nonce"] = caller.nonce
    return Response(body_bytes(body), status_code=status, headers=headers, media_type=JSON_TYPE)


def body_bytes(body: Mapping[str, object]) -> bytes:
    """Return an answer's JSON; times that `utc` gave stand in it as `stamp` writes them."""
    return orjson.dumps(body, option=_TIMES)


def refuse(answer: Answer | Decided) -> None:
    """Return when something is allowed.

    Raises:
        OutsideTokenError, NotAvailableError: in this order.
    """
    if answer.outside_token:
        raise OutsideTokenError
    if not answer.allowed:
        raise NotAvailableError


def stamp(moment: datetime) -> str:
    """Return a time as apps read it.

    >>> stamp(datetime(2026, 11, 1, 9, tzinfo=UTC))
    '2026-11-01T09:00:00Z'
    """
    return f"{utc(moment).isoformat()[:19]}Z"


def utc(moment: datetime) -> datetime:
    """Return a time as `body_bytes` takes it."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
