"""Attach a file to a contact event, and hand one over: bytes as they are, one file a call.

A file is the body of its request, so nothing is parsed to find it, and the guard bounds it. What is
handed over is to be saved and never shown: its type was found by its bytes, and no browser guesses.
Source: INTERFACES, Interaction; RFC 6266; security note, 6.
"""

from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import attachment_examples
from vault.api.calls import answered, ask_of, caller_of, covered, customer_in, query_of, spend
from vault.core.scope import Scope
from vault.crypto.base64url import encode
from vault.crypto.pairwise import event_of
from vault.services import attachment
from vault.services.access import Caller
from vault.services.ask import Ask
from vault.services.deps import Deps

PATH: Final = "/customers/{customer}/interactions/{interaction}/attachments/{number}"
_NONE: Final = 0  # of what is no number: a place that no event has


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["interactions"])

    @routes.put(
        PATH,
        summary="Attach a file to a contact event that this app noted",
        status_code=201,
        openapi_extra=attachment_examples.ATTACH,
    )
    async def attach(customer: str, interaction: str, number: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query = query_of(request, needed=("purpose",), allowed=("name",))
        ask = _ask(deps, caller, customer, query["purpose"], Action.APPEND)
        data = await request.body()
        await spend(caller, deps)
        head, recorded = await attachment.add(
            deps,
            ask,
            _event(deps, caller, interaction),
            _number(number),
            data=data,
            claimed=request.headers.get("content-type", ""),
            name=query.get("name", ""),
        )
        told = {"number": head.number, "name": head.name, "type": head.media, "size": head.size}
        return answered({**told, "receipt": recorded.receipt}, caller, status=201)

    @routes.get(
        PATH,
        summary="Fetch a file that is attached to a contact event",
        openapi_extra=attachment_examples.ATTACHMENT,
    )
    async def fetch(customer: str, interaction: str, number: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        purpose = query_of(request, needed=("purpose",))["purpose"]
        ask = _ask(deps, caller, customer, purpose, Action.READ)
        await spend(caller, deps)
        found = await attachment.fetch(
            deps, ask, _event(deps, caller, interaction), _number(number)
        )
        headers = {
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
            # Names hold letters of any script, which RFC 8187 writes in ASCII.
            "content-disposition": f"attachment; filename*=UTF-8''{quote(found.head.name, safe='')}",
            "ownship-receipt": encode(found.receipt.encode()),
        }
        if caller.nonce:
            headers["dpop-nonce"] = caller.nonce
        return Response(found.data, headers=headers, media_type=found.head.media)

    return routes


def _ask(deps: Deps, caller: Caller, customer: str, purpose: str, action: Action) -> Ask:
    appends = action is Action.APPEND
    return ask_of(
        caller,
        customer_in(caller, deps, customer),
        scope=Scope.INTERACTIONS_APPEND if appends else Scope.INTERACTIONS_READ,
        purpose=purpose,
        action=action,
        names=covered(caller, purpose, action, interactions=True),
    )


def _event(deps: Deps, caller: Caller, text: str) -> UUID:
    return event_of(deps.keys.service("pairwise"), caller.sector, text)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else _NONE
