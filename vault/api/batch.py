"""Read the profiles of many customers for one purpose, in chunks that share a record.

Each chunk is recorded before it is opened and sent, so that a stream that breaks off has given
nothing that is not in the log. Memory holds one chunk.
Source: INTERFACES, Batch; performance note, 10.
"""

from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from policies.model import Action
from vault.api import examples
from vault.api.calls import (
    answered,
    ask_of,
    body_of,
    caller_of,
    code_of,
    covered,
    customer_in,
    names_of,
    query_of,
    refuse,
    spend,
    text_of,
)
from vault.api.profile import fields_of
from vault.core.errors import BadRequestError, NotAvailableError
from vault.core.scope import Scope
from vault.services.access import Caller
from vault.services.ask import Answer
from vault.services.deps import Deps
from vault.services.disclosure import disclose

MAX_CUSTOMERS = 1_000
CHUNK = 100  # customers of one record and one receipt
NDJSON = "application/x-ndjson"

Line = dict[str, object]


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
        chunks = _chunks(deps, caller, purpose, names, customers)
        first = await anext(chunks)  # a refusal of the whole call comes before the first byte
        if NDJSON in request.headers.get("accept", ""):
            headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
            if caller.nonce:
                headers["dpop-nonce"] = caller.nonce
            return StreamingResponse(_lines(first, chunks), headers=headers, media_type=NDJSON)
        results, receipts, code = list(first[0]), [first[1]["receipt"]], first[1]["code"]
        async for lines, end in chunks:
            results += lines
            receipts.append(end["receipt"])
        return answered(
            {"purpose": purpose, "code": code, "results": results, "receipts": receipts}, caller
        )

    return routes


async def _chunks(
    deps: Deps, caller: Caller, purpose: str, names: tuple[str, ...], customers: list[str]
) -> AsyncIterator[tuple[list[Line], Line]]:
    """Give the results of each chunk with the line that ends it."""
    for start in range(0, len(customers), CHUNK):
        texts = customers[start : start + CHUNK]
        asks = [
            ask_of(
                caller,
                customer_in(caller, deps, text),
                scope=Scope.PROFILE_READ,
                purpose=purpose,
                action=Action.READ,
                names=names,
            )
            for text in texts
        ]
        answers = await disclose(deps, asks)
        lines = [
            _line(deps, text, purpose, answer) for text, answer in zip(texts, answers, strict=True)
        ]
        yield lines, {"code": code_of(answers[0]), "receipt": answers[0].receipt}


def _line(deps: Deps, customer: str, purpose: str, answer: Answer) -> Line:
    try:
        refuse(answer)
    except NotAvailableError as error:
        return {"customer": customer, "error": error.code}
    return {"customer": customer, **fields_of(answer, purpose, deps)}


async def _lines(
    first: tuple[list[Line], Line], rest: AsyncIterator[tuple[list[Line], Line]]
) -> AsyncIterator[bytes]:
    yield _ndjson(*first)
    async for lines, end in rest:
        yield _ndjson(lines, end)


def _ndjson(lines: list[Line], end: Line) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in (*lines, end))


def _customers(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequestError("customers is a list of ids.")
    if not 0 < len(value) <= MAX_CUSTOMERS:
        raise BadRequestError("customers holds 1 to 1,000 ids.")
    return value
