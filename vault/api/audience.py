"""List everyone whom an app may see for one purpose, page by page, from a sealed cursor.

A token needs the scope `profile.list`: to know one customer's id and to be told of all of them are
two things. The order is one that the app's sector alone has, so that two apps cannot lay their
lists side by side.
Source: docs/decisions/0013 and 0014; INTERFACES, Data API.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import chunk, examples, leave, ndjson
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
from vault.services.audience_cell import Place
from vault.services.bulk import Outcome
from vault.services.deps import Deps

PAGE = 100  # customers of a page, unless the app asks otherwise
MAX_PAGE = 1_000
_LIMIT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Part:
    """The candidates of one chunk."""

    customers: tuple[CustomerId, ...]
    behind: Place | None  # where the list goes on behind this chunk; None at its end


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
            deps,
            ask,
            sector=caller.sector,
            cursor=query.get("cursor"),
            limit=_limit(query.get("limit")),
        )
        await spend(caller, deps, len(page.customers))
        parts = _parts(page)
        chunks = bulk.disclose(deps, ask, (part.customers for part in parts))
        first = await anext(chunks)  # a refusal of the whole call comes before the first byte
        chunk.refuse_whole(first)
        told = _told(deps, caller, ask, parts, first, chunks)
        if ndjson.wanted(request):
            return ndjson.Lines(_ndjson(told), ndjson.headers_of(caller))
        async with aclosing(told), leave.watching(request) as client:
            found = []
            async for one in told:
                found.append(one)
                if client.has_left:
                    return leave.nobody()
        return answered({"purpose": purpose, **_whole(found)}, caller)

    return routes


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    if not _LIMIT.fullmatch(text) or int(text) > MAX_PAGE:
        raise BadRequestError("limit is a number from 1 to 1,000.")
    return int(text)


def _parts(page: audience.Page) -> list[_Part]:
    parts = []
    for start in range(0, len(page.customers), bulk.CHUNK):
        end = start + bulk.CHUNK
        behind = page.behind if end >= len(page.customers) else page.places[end - 1]
        parts.append(_Part(page.customers[start:end], behind))
    return parts


async def _told(
    deps: Deps,
    caller: Caller,
    ask: Ask,
    parts: Sequence[_Part],
    first: list[Outcome],
    rest: AsyncGenerator[list[Outcome]],
) -> AsyncGenerator[_Told]:
    """Give each chunk's lines; who is not allowed, or could not be decided about, has none."""
    before: Place | None = None
    key = deps.keys.service("pairwise")
    async with aclosing(rest):
        outcomes = first
        for number, part in enumerate(parts):
            if number:
                outcomes = await anext(rest)
            end = chunk.ended(outcomes)
            behind = part.behind if end else before
            yield _Told(
                lines=[
                    chunk.line(
                        deps, ask.purpose or "", pairwise_id(key, caller.sector, customer), one
                    )
                    for customer, one in zip(part.customers, outcomes, strict=True)
                    if isinstance(one, Answer) and one.allowed
                ],
                end=end,
                next=(
                    audience.cursor_of(deps, ask, behind, sector=caller.sector) if behind else None
                ),
            )
            if end is None:
                return
            before = part.behind


def _whole(parts: Sequence[_Told]) -> dict[str, object]:
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
