"""Read the profiles of many customers for one purpose, in chunks that share a record.

Each chunk is recorded before it is opened and sent, so that a stream that breaks off has given
nothing that is not in the log. What the first chunk is refused is the answer to the whole call; a
later chunk that is not recorded says so of each of its customers.
Source: INTERFACES, Batch; performance note, 10.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action
from vault.api import chunk, examples, leave, ndjson
from vault.api.calls import (
    answered,
    ask_of,
    body_of,
    caller_of,
    covered,
    customer_in,
    names_of,
    query_of,
    spend,
    text_of,
)
from vault.core.errors import BadRequestError
from vault.core.ids import NOBODY
from vault.core.scope import Scope
from vault.services import bulk
from vault.services.bulk import Outcome
from vault.services.deps import Deps

MAX_CUSTOMERS = 1_000


def router(deps: Deps) -> APIRouter:
    """Return the route, on these dependencies."""
    routes = APIRouter(tags=["profile"])

    @routes.post(
        "/profiles:batch",
        summary="Read many customers for one purpose",
        openapi_extra=examples.BATCH,
    )
    async def batch(request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=("purpose", "customers"), allowed=("fields",))
        purpose = text_of(body, "purpose")
        customers = _customers(body["customers"])
        names = (
            names_of(body["fields"]) if "fields" in body else covered(caller, purpose, Action.READ)
        )
        await spend(caller, deps, len(customers))
        asked = [customers[at : at + bulk.CHUNK] for at in range(0, len(customers), bulk.CHUNK)]
        ask = ask_of(
            caller,
            NOBODY,
            scope=Scope.PROFILE_READ,
            purpose=purpose,
            action=Action.READ,
            names=names,
        )
        whom = ([customer_in(caller, deps, text) for text in one] for one in asked)
        chunks = bulk.disclose(deps, ask, whom)
        first = await anext(chunks)  # a refusal of the whole call comes before the first byte
        chunk.refuse_whole(first)
        if ndjson.wanted(request):
            parts = _parts(deps, purpose, asked, first, chunks)
            return ndjson.Lines(parts, ndjson.headers_of(caller))
        ends = [chunk.ended(first)]
        lines = _lines(deps, purpose, asked[0], first)
        async with aclosing(chunks), leave.watching(request) as client:
            for ids in asked[1:]:
                if client.has_left:
                    return leave.nobody()
                outcomes = await anext(chunks)
                lines += _lines(deps, purpose, ids, outcomes)
                ends.append(chunk.ended(outcomes))
        recorded = [one for one in ends if one]
        return answered(
            {
                "purpose": purpose,
                "code": recorded[0].code,
                "results": [orjson.Fragment(one) for one in lines],
                "receipts": [one.receipt for one in recorded],
            },
            caller,
        )

    return routes


def _lines(
    deps: Deps, purpose: str, customers: Sequence[str], outcomes: Sequence[Outcome]
) -> list[bytes]:
    return [
        chunk.line(deps, purpose, customer, one)
        for customer, one in zip(customers, outcomes, strict=True)
    ]


async def _parts(
    deps: Deps,
    purpose: str,
    asked: Sequence[Sequence[str]],
    first: list[Outcome],
    rest: AsyncGenerator[list[Outcome]],
) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        outcomes = first
        for number, customers in enumerate(asked):
            if number:
                outcomes = await anext(rest)
            lines = _lines(deps, purpose, customers, outcomes)
            end = chunk.ended(outcomes)
            if end:
                lines.append(end.line)
            yield b"\n".join(lines) + b"\n"


def _customers(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequestError("customers is a list of ids.")
    if not 0 < len(value) <= MAX_CUSTOMERS:
        raise BadRequestError("customers holds 1 to 1,000 ids.")
    return value
