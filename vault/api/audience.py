"""List everyone whom an app may see for one purpose, page by page, from a sealed cursor.

A token needs the scope `profile.list`: to know one customer's id and to be told of all of them are
two things. Within a chunk the order is that of the app's own ids, so that it says nothing about
customers and two apps cannot lay their lists side by side.
Source: docs/decisions/0013; INTERFACES, Data API.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import chunk, examples, ndjson
from vault.api.calls import (
    answered,
    ask_of,
    caller_of,
    covered,
    names_of,
    query_of,
    spend,
)
from vault.api.chunk import Ended
from vault.core.errors import BadRequestError
from vault.core.ids import NOBODY, CustomerId
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import audience, bulk
from vault.services.access import Caller
from vault.services.ask import Answer, Ask
from vault.services.bulk import Outcome
from vault.services.deps import Deps

PAGE = 100  # customers of a page, unless the app asks otherwise
MAX_PAGE = 1_000
_LIMIT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Part:
    """The candidates of one chunk, in the order of the app's ids."""

    ids: tuple[tuple[str, CustomerId], ...]
    behind: UUID | None  # where the list goes on behind this chunk; None at its end


@dataclass(frozen=True, slots=True)
class _Told:
    """What one chunk came to."""

    lines: list[bytes]
    end: Ended | None  # None: it was not recorded, and the page ends before it
    next: str | None  # cursor


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["profile"])

    @routes.get(
        "/profiles",
        summary="List everyone who allows one purpose",
        openapi_extra=examples.AUDIENCE,
    )
    async def list_(request: Request) -> Response:
        caller = await caller_of(request, deps)
        query = query_of(request, needed=("purpose",), allowed=("fields", "cursor", "limit"))
        purpose = query["purpose"]
        if "fields" in query:
            names = names_of(query["fields"].split(","))
        else:
            names = covered(caller, purpose, Action.READ)
        ask = ask_of(
            caller,
            NOBODY,
            scope=Scope.PROFILE_LIST,
            purpose=purpose,
            action=Action.READ,
            names=names,
        )
        page = await audience.page(
            deps, ask, cursor=query.get("cursor"), limit=_limit(query.get("limit"))
        )
        await spend(caller, deps, len(page.customers))
        parts = _parts(deps, caller, page)
        chunks = bulk.disclose(
            deps, ([replace(ask, customer=one) for _, one in part.ids] for part in parts)
        )
        first = await anext(chunks)  # a refusal of the whole call comes before the first byte
        chunk.refuse_whole(first)
        told = _told(deps, ask, parts, first, chunks)
        if ndjson.wanted(request):
            return ndjson.Lines(_ndjson(told), ndjson.headers_of(caller))
        return answered({"purpose": purpose, **await _whole(told)}, caller)

    return routes


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not _LIMIT.fullmatch(text) or int(text) > MAX_PAGE:
        raise BadRequestError("limit is a number from 1 to 1,000.")
    return int(text)


def _parts(deps: Deps, caller: Caller, page: audience.Page) -> list[_Part]:
    key = deps.keys.service("pairwise")
    parts = []
    for start in range(0, len(page.customers), bulk.CHUNK):
        customers = page.customers[start : start + bulk.CHUNK]
        is_last = start + bulk.CHUNK >= len(page.customers)
        ids = sorted((pairwise_id(key, caller.sector, one), one) for one in customers)
        parts.append(_Part(tuple(ids), page.behind if is_last else customers[-1]))
    return parts


async def _told(
    deps: Deps,
    ask: Ask,
    parts: Sequence[_Part],
    first: list[Outcome],
    rest: AsyncGenerator[list[Outcome]],
) -> AsyncGenerator[_Told]:
    """Give each chunk's lines; who is not allowed, or could not be decided about, has none."""
    before: UUID | None = None
    async with aclosing(rest):
        outcomes = first
        for number, part in enumerate(parts):
            if number:
                outcomes = await anext(rest)
            end = chunk.ended(outcomes)
            behind = part.behind if end else before
            yield _Told(
                lines=[
                    chunk.line(deps, ask.purpose or "", customer, one)
                    for (customer, _), one in zip(part.ids, outcomes, strict=True)
                    if isinstance(one, Answer) and one.allowed
                ],
                end=end,
                next=audience.cursor_of(deps, ask, behind) if behind else None,
            )
            if end is None:
                return
            before = part.behind


async def _whole(told: AsyncGenerator[_Told]) -> dict[str, object]:
    parts = [one async for one in told]
    ends = [one.end for one in parts if one.end]
    return {
        "code": ends[0].code,
        "results": [orjson.Fragment(line) for one in parts for line in one.lines],
        "receipts": [one.receipt for one in ends],
        "next": parts[-1].next,
    }


async def _ndjson(told: AsyncGenerator[_Told]) -> AsyncGenerator[bytes]:
    following: str | None = None
    async with aclosing(told):
        async for one in told:
            following = one.next
            lines = [*one.lines, one.end.line] if one.end else []
            yield b"".join(line + b"\n" for line in lines)
        yield orjson.dumps({"next": following}) + b"\n"
