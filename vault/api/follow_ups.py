"""List what still has to follow a customer's contacts, of the kinds that the token may read.

Kind, day, owner and state, and nothing that was said. Events have the ids of the app's own sector.
Source: docs/api.md; RFC 3339.
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
    spend,
    stamp,
)
from vault.core.follow_up import FollowUp
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import follow_up_app
from vault.services.access import Caller
from vault.services.deps import Deps
from vault.services.follow_up_row import Case


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["interactions"])

    @routes.get(
        "/customers/{customer}/follow-ups",
        summary="List what still has to follow contact events, what is due first first",
        openapi_extra=examples.FOLLOW_UPS,
    )
    async def list_(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        purpose = query_of(request, needed=("purpose",))["purpose"]
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.INTERACTIONS_READ,
            purpose=purpose,
            action=Action.READ,
            names=covered(caller, purpose, Action.READ, interactions=True),
        )
        await spend(caller, deps)
        found = await follow_up_app.unsettled(deps, ask)
        return answered(
            {
                "customer": customer,
                "purpose": purpose,
                "follow_ups": [
                    _told(deps, caller, one, one.follow_up) for one in found.cases if one.follow_up
                ],
                "code": {"version": found.version, "digest": f"sha256:{found.digest}"},
                "receipt": found.receipt,
            },
            caller,
        )

    return routes


def _told(deps: Deps, caller: Caller, case: Case, one: FollowUp) -> dict[str, object]:
    return {
        "event": pairwise_id(deps.keys.service("pairwise"), caller.sector, case.event),
        "kind": one.kind,
        "due": stamp(one.due),
        "owner": one.owner.value,
        "state": one.state.value,
    }
