"""Turn an identifier into the app's own id of a customer; make the customer where that is allowed.

Source: INTERFACES, Resolve.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import examples
from vault.api.calls import answered, ask_of, body_of, caller_of, query_of, spend, text_of
from vault.core.errors import BadRequestError
from vault.core.ids import NOBODY
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import resolve
from vault.services.access import Caller
from vault.services.ask import Ask
from vault.services.deps import Deps


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["customers"])

    @routes.post(
        "/customers:resolve",
        summary="Find a customer by an identifier",
        openapi_extra=examples.RESOLVE,
    )
    async def resolve_(request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=("purpose", "identifier"), allowed=("create",))
        field, value = _identifier(body["identifier"])
        create = body.get("create", False)
        if not isinstance(create, bool):
            raise BadRequestError("create is true or false.")
        purpose = text_of(body, "purpose")
        reading = _ask(caller, purpose, field, Action.READ)
        await spend(caller, deps)
        if create:
            writing = _ask(caller, purpose, field, Action.WRITE)
            found = await resolve.find_or_create(deps, reading, writing, field=field, value=value)
        else:
            found = await resolve.find(deps, reading, field=field, value=value)
        key = deps.keys.service("pairwise")
        answer = {
            "customer": pairwise_id(key, caller.sector, found.customer),
            "created": found.created,
            "receipt": found.receipt,
        }
        return answered(answer, caller)

    return routes


def _ask(caller: Caller, purpose: str, field: str, action: Action) -> Ask:
    return ask_of(
        caller,
        NOBODY,
        scope=Scope.CUSTOMERS_RESOLVE,
        purpose=purpose,
        action=action,
        names=(field,),
    )


def _identifier(value: object) -> tuple[str, str]:
    if not isinstance(value, Mapping) or value.keys() != {"field", "value"}:
        raise BadRequestError("identifier has the members field and value.")
    return text_of(value, "field"), text_of(value, "value")
