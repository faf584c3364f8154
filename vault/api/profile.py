"""Read and write one customer's profile.

`GET …/profile` (served by `vault/api/hot.py` as a rule) answers with consented fields, what was withheld and why, and the receipt of the
record; `PATCH …/profile` writes all or nothing. What may be seen is decided behind this file.
Source: INTERFACES, Data API.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action, Source
from vault.api import examples
from vault.api.calls import (
    answered,
    ask_of,
    body_of,
    caller_of,
    code_of,
    customer_in,
    names_in,
    names_of,
    query_of,
    refuse,
    spend,
    text_of,
    wanted,
)
from vault.api.fields import fields_of
from vault.core.errors import BadRequestError
from vault.core.scope import Scope
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.services.profile import Change, write

PATH = "/customers/{customer}/profile"


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["profile"])

    @routes.get(
        PATH,
        summary="Read consented fields",
        openapi_extra=examples.PROFILE_READ,
    )
    async def read(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query = query_of(request, needed=("purpose",), allowed=("fields",))
        purpose = query["purpose"]
        ask = wanted(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.PROFILE_READ,
            purpose=purpose,
            action=Action.READ,
            names=names_in(query),
        )
        await spend(caller, deps)
        answer = (await disclose(deps, [ask]))[0]
        refuse(answer)
        body = {"customer": customer, "purpose": purpose, **fields_of(answer, purpose, deps)}
        return answered({**body, "code": code_of(answer), "receipt": answer.receipt}, caller)

    @routes.patch(
        PATH,
        summary="Write fields, all or nothing",
        openapi_extra=examples.PROFILE_WRITE,
    )
    async def change(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=("purpose", "source", "fields"))
        values = body["fields"]
        if not isinstance(values, dict):
            raise BadRequestError("fields is an object of names and values.")
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.PROFILE_WRITE,
            purpose=text_of(body, "purpose"),
            action=Action.WRITE,
            names=names_of(list(values)),
        )
        await spend(caller, deps)
        recorded = await write(deps, ask, Change(values, source_of(text_of(body, "source"))))
        return answered({"written": sorted(values), "receipt": recorded.receipt}, caller)

    return routes


def source_of(text: str) -> Source | None:
    """Return the source that a text names; None, which no field allows, when there is no such one."""
    return Source(text) if text in set(Source) else None
