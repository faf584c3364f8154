"""Read the profile of whoever shows a card, an e-mail address or a number: one call for a till.

The answer is that of `GET …/profile`, with the id by which the app knows the customer from then on.
Source: docs/api.md, at the till.
"""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import examples_till
from vault.api.calls import (
    answered,
    body_of,
    code_of,
    names_of,
    query_of,
    refuse,
    text_of,
    wanted,
)
from vault.api.fields import fields_of
from vault.core.errors import BadRequestError, OutsideTokenError, VaultError
from vault.core.ids import NOBODY
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import lookup
from vault.services.access import Caller, admit, prove
from vault.services.ask import Answer, Ask
from vault.services.deps import Deps
from vault.services.lookup import Shown

PATH = "/profiles:lookup"


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["profile"])

    @routes.post(
        PATH,
        summary="Read consented fields of whoever an identifier names",
        openapi_extra=examples_till.LOOKUP,
    )
    async def look(request: Request) -> Response:
        scope = request.scope
        state, now = scope["state"], int(deps.clock.now().timestamp())
        proven = prove(deps, state["method"], scope["raw_path"], scope["headers"], now=now)
        try:
            purpose, shown, names = await _asked(request)
        except VaultError:
            # Who may not ask at all is told that first.
            await admit(deps, proven, await deps.loads.arrive(proven.arrival()), request=None)
            raise

        def ask(caller: Caller) -> Ask:
            return _ask(caller, purpose, names)

        caller, found = await lookup.look(deps, proven, shown, ask=ask, request=state["request_id"])
        if found.outside_token:
            raise OutsideTokenError
        lookup.check(shown)
        found = _only(found, ask(caller).names)
        refuse(found)
        key = deps.keys.service("pairwise")
        return answered(
            {
                "customer": pairwise_id(key, caller.sector, found.customer),
                "purpose": purpose,
                **fields_of(found, purpose, deps),
                "code": code_of(found),
                "receipt": found.receipt,
            },
            caller,
        )

    return routes


async def _asked(request: Request) -> tuple[str, Shown, tuple[str, ...] | None]:
    query_of(request)
    body = await body_of(request, needed=("purpose", "identifier"), allowed=("fields",))
    given = body["identifier"]
    if not isinstance(given, Mapping) or given.keys() != {"field", "value"}:
        raise BadRequestError("identifier has the members field and value.")
    names = names_of(body["fields"]) if "fields" in body else None
    return text_of(body, "purpose"), Shown(text_of(given, "field"), given["value"]), names


def _ask(caller: Caller, purpose: str, names: tuple[str, ...] | None) -> Ask:
    ask = wanted(
        caller,
        NOBODY,
        scope=Scope.PROFILE_READ,
        purpose=purpose,
        action=Action.READ,
        names=names,
    )
    # To find somebody is a power of its own, which the registration grants apart.
    if Scope.CUSTOMERS_RESOLVE in caller.scopes:
        return ask
    return replace(ask, ceiling=frozenset())


def _only(found: Answer, asked: tuple[str, ...]) -> Answer:
    """Return what was asked for: the identifier was judged too, and the app has it already.

    So it is no answer by itself: where nothing else is allowed, nothing is, as in `GET …/profile`.
    """
    return found._replace(
        allowed=found.allowed.intersection(asked),
        opened=tuple(one for one in found.opened if one.name in asked),
        withheld=tuple(one for one in found.withheld if one.name in asked),
    )
