"""Tell an app whether it may use a customer's data for a purpose: yes or no, and no value.

An unknown customer is a plain no, as any other.
Source: INTERFACES, Consents.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import examples
from vault.api.calls import (
    answered,
    ask_of,
    caller_of,
    covered,
    customer_in,
    query_of,
    refuse,
    spend,
)
from vault.core.errors import NotAvailableError
from vault.core.scope import Scope
from vault.services.access import Caller
from vault.services.deps import Deps
from vault.services.disclosure import judge


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["consents"])

    @routes.get(
        "/customers/{customer}/consents",
        summary="Ask whether a purpose is allowed",
        openapi_extra=examples.CONSENTS,
    )
    async def consents(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        purpose = query_of(request, needed=("purpose",))["purpose"]
        action, names = _asked(caller, purpose)
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.CONSENTS_READ,
            purpose=purpose,
            action=action,
            names=names,
        )
        await spend(caller, deps)
        ((decided, recorded),) = await judge(deps, [ask])
        try:
            refuse(decided)
            allowed = True
        except NotAvailableError:
            allowed = False
        body = {"purpose": purpose, "allowed": allowed, "receipt": recorded.receipt}
        return answered(body, caller)

    return routes


def _asked(caller: Caller, purpose: str) -> tuple[Action, tuple[str, ...]]:
    """Return what the token is for, under this purpose: reading where it may read."""
    for action in (Action.READ, Action.WRITE, Action.APPEND):
        for interactions in (False, True):
            names = covered(caller, purpose, action, interactions=interactions)
            if names:
                return action, names
    return Action.READ, ()
