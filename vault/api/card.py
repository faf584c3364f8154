"""Give a customer a loyalty card, and count points.

The number is the vault's, so no two customers can have the same and no app chooses one. Points are
counted with the event that they are for, once for each reference.
Source: docs/api.md, at the till.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action, Permission
from vault.api import examples_till
from vault.api.calls import (
    answered,
    ask_of,
    body_of,
    caller_of,
    customer_in,
    query_of,
    spend,
    text_of,
)
from vault.api.interactions import time_of
from vault.core import card as rules
from vault.core.errors import BadRequestError, UnknownFieldError
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import card, interaction, points, published
from vault.services.access import Caller
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.points import Asks, Count


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["card"])

    @routes.post(
        "/customers/{customer}/card",
        summary="Give a loyalty card",
        status_code=201,
        openapi_extra=examples_till.CARD,
    )
    async def issue(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=("purpose",), allowed=("replace",))
        replaces = body.get("replace", False)
        if not isinstance(replaces, bool):
            raise BadRequestError("replace is true or false.")
        purpose = text_of(body, "purpose")
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.PROFILE_WRITE,
            purpose=purpose,
            action=Action.WRITE,
            names=(await card_field(deps, caller, purpose, Action.WRITE),),
        )
        await spend(caller, deps)
        given = await card.issue(deps, ask, replaces=replaces)
        answer = {
            "customer": customer,
            "field": given.field,
            "number": given.number,
            "replaced": given.replaced,
            "receipt": given.receipt,
        }
        return answered(answer, caller, status=201)

    @routes.post(
        "/customers/{customer}/card/points",
        summary="Count points, with the event that they are for",
        status_code=201,
        openapi_extra=examples_till.POINTS,
    )
    async def count(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(
            request,
            needed=("purpose", "kind", "at", "channel", "points", "reference"),
            allowed=("content",),
        )
        more = body.get("content", {})
        if not isinstance(more, dict) or more.keys() & set(points.MEMBERS):
            raise BadRequestError("content is an object, without points and reference.")
        purpose, kind = text_of(body, "purpose"), text_of(body, "kind")
        name = await _points_field(deps, caller, purpose)
        who = customer_in(caller, deps, customer)

        def ask(scope: Scope, action: Action, one: str) -> Ask:
            return ask_of(caller, who, scope=scope, purpose=purpose, action=action, names=(one,))

        asks = Asks(
            reading=ask(Scope.PROFILE_READ, Action.READ, name),
            writing=ask(Scope.PROFILE_WRITE, Action.WRITE, name),
            appending=ask(Scope.INTERACTIONS_APPEND, Action.APPEND, interaction.name(kind)),
        )
        one = Count(
            kind=kind,
            at=time_of(text_of(body, "at")),
            channel=text_of(body, "channel"),
            points=body["points"],
            reference=text_of(body, "reference"),
            more=more,
        )
        await spend(caller, deps)
        done = await points.count(deps, asks, one)
        key = deps.keys.service("pairwise")
        answer = {
            "id": pairwise_id(key, caller.sector, done.event),
            "points": done.balance,
            "counted": done.fresh,
            "receipt": done.receipt,
        }
        return answered(answer, caller, status=201 if done.fresh else 200)

    return routes


async def _points_field(deps: Deps, caller: Caller, purpose: str) -> str:
    rulebook = await published.in_force(deps)
    names = (rules.points_field(rulebook, one) for one in rules.fields(rulebook))
    counted = [one for one in names if one is not None]
    if not counted:
        raise UnknownFieldError
    mine = (one for one in counted if Permission(purpose, Action.WRITE, one) in caller.permissions)
    return next(mine, counted[0])


async def card_field(deps: Deps, caller: Caller, purpose: str, action: Action) -> str:
    """Return the field of the cards that a call is about: the first that the token covers, if any.

    Raises:
        UnknownFieldError: the code of ethics has no cards.
    """
    names = rules.fields(await published.in_force(deps))
    if not names:
        raise UnknownFieldError
    mine = (one for one in names if Permission(purpose, action, one) in caller.permissions)
    return next(mine, names[0])
