"""Append contact events and list them.

Events are known to an app by ids of its own sector, and lists go on from a sealed cursor.
Source: INTERFACES, Interaction; RFC 3339.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import examples
from vault.api.calls import (
    answered,
    ask_of,
    body_of,
    caller_of,
    covered,
    customer_in,
    query_of,
    spend,
    stamp,
    text_of,
)
from vault.core.errors import BadRequestError
from vault.core.scope import Scope
from vault.crypto.pairwise import event_of, pairwise_id
from vault.services import interaction, interaction_list
from vault.services.access import Caller
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.interaction import Event, Told
from vault.services.interaction_list import Page

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["interactions"])

    @routes.post(
        "/customers/{customer}/interactions",
        summary="Append a contact event",
        status_code=201,
        openapi_extra=examples.INTERACTION_APPEND,
    )
    async def append(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(
            request,
            needed=("purpose", "kind", "at", "channel", "content"),
            allowed=("parent", "who", "outcome"),
        )
        content = body["content"]
        if not isinstance(content, dict):
            raise BadRequestError("content is an object.")
        kind = text_of(body, "kind")
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.INTERACTIONS_APPEND,
            purpose=text_of(body, "purpose"),
            action=Action.APPEND,
            names=(interaction.name(kind),),
        )
        event = Event(
            kind=kind,
            at=time_of(text_of(body, "at")),
            channel=text_of(body, "channel"),
            content=content,
            parent=_parent(deps, caller, body),
            who=_said(body, "who"),
            outcome=_said(body, "outcome"),
        )
        await spend(caller, deps)
        made, recorded = await interaction.append(deps, ask, event)
        answer = {"id": _id(deps, caller, made), "receipt": recorded.receipt}
        return answered(answer, caller, status=201)

    @routes.get(
        "/customers/{customer}/interactions",
        summary="List contact events, the newest first",
        openapi_extra=examples.INTERACTIONS,
    )
    async def list_(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query = query_of(request, needed=("purpose",), allowed=("kind", "cursor", "thread"))
        if "thread" in query and "cursor" in query:
            raise BadRequestError("A thread has no pages.")
        purpose = query["purpose"]
        names = (
            (interaction.name(query["kind"]),)
            if "kind" in query
            else covered(caller, purpose, Action.READ, interactions=True)
        )
        ask = ask_of(
            caller,
            customer_in(caller, deps, customer),
            scope=Scope.INTERACTIONS_READ,
            purpose=purpose,
            action=Action.READ,
            names=names,
        )
        await spend(caller, deps)
        page = await _page(deps, caller, ask, query)
        # Of a thread alone: a list by time has no threads to cut.
        cut = {"cut": page.cut} if "thread" in query else {}
        return answered(
            {
                "customer": customer,
                "purpose": purpose,
                "interactions": [_told(deps, caller, one) for one in page.events],
                "next": page.cursor,
                **cut,
                "code": {"version": page.version, "digest": f"sha256:{page.digest}"},
                "receipt": page.receipt,
            },
            caller,
        )

    return routes


async def _page(deps: Deps, caller: Caller, ask: Ask, query: Mapping[str, str]) -> Page:
    if "thread" not in query:
        return await interaction_list.list_(deps, ask, cursor=query.get("cursor"))
    event = event_of(deps.keys.service("pairwise"), caller.sector, query["thread"])
    return await interaction_list.one_thread(deps, ask, event)


def _told(deps: Deps, caller: Caller, one: Told) -> dict[str, object]:
    return {
        "id": _id(deps, caller, one.interaction_id),
        "kind": one.kind,
        "at": stamp(one.at),
        "channel": one.channel,
        "source": one.source,
        "parent": _id(deps, caller, one.parent) if one.parent else None,
        "content": one.content,
        "who": one.who or None,
        "outcome": one.outcome or None,
        "attachments": [
            {"number": file.number, "name": file.name, "type": file.media, "size": file.size}
            for file in one.files
            if not file.damaged
        ],
    }


def _id(deps: Deps, caller: Caller, event: UUID) -> str:
    return pairwise_id(deps.keys.service("pairwise"), caller.sector, event)


def _said(body: dict[str, object], member: str) -> str:
    return "" if body.get(member) is None else text_of(body, member)


def _parent(deps: Deps, caller: Caller, body: dict[str, object]) -> UUID | None:
    if body.get("parent") is None:
        return None
    return event_of(deps.keys.service("pairwise"), caller.sector, text_of(body, "parent"))


def time_of(text: str) -> datetime | None:
    """Return a time in UTC; None for what is none, which is refused once it may be."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # 30 February; a moment before the year 1
        return None
