"""Tell an app whether it may reach customers now, by one channel for one purpose, and note that it does.

The answer is yes or no, with the reason as far as an app may know it; nothing is opened. An unknown
customer is a plain no, as any other without a basis.
Source: docs/api.md, may we contact; decision in docs/decisions.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from policies.model import Action, Channel
from vault.api import contact_examples, leave, ndjson
from vault.api.calls import (
    answered,
    ask_of,
    body_bytes,
    body_of,
    caller_of,
    covered,
    customer_in,
    query_of,
    spend,
    stamp,
    text_of,
)
from vault.core.errors import BadRequestError, VaultError
from vault.core.ids import NOBODY
from vault.core.scope import Scope
from vault.crypto.pairwise import pairwise_id
from vault.services import contact, interaction
from vault.services.access import Caller
from vault.services.contact import Chunk, Note, Said, Wish
from vault.services.deps import Deps

MAX_CUSTOMERS = 1_000
_NAMED = ("purpose", "channel")
_NOTED = ("kind", "content")


def router(deps: Deps) -> APIRouter:
    """Return the routes, on these dependencies."""
    routes = APIRouter(tags=["contacts"])

    @routes.post(
        "/customers/{customer}/contacts",
        summary="Ask whether a customer may be reached now, and note that they are",
        openapi_extra=contact_examples.CONTACT,
    )
    async def one(customer: str, request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=_NAMED, allowed=_NOTED)
        wish = _wish(caller, body)
        await spend(caller, deps)
        chunk = await contact.ask(deps, wish, [customer_in(caller, deps, customer)])
        (said,) = chunk.answers
        if isinstance(said, VaultError):
            raise said
        return answered({**_said(deps, caller, said), "receipt": chunk.receipt}, caller)

    @routes.post(
        "/contacts:batch",
        summary="Ask the same about many customers, and note those who are reached",
        openapi_extra=contact_examples.CONTACTS,
    )
    async def batch(request: Request) -> Response:
        caller = await caller_of(request, deps)
        query_of(request)
        body = await body_of(request, needed=(*_NAMED, "customers"), allowed=_NOTED)
        wish = _wish(caller, body)
        customers = _customers(body["customers"])
        await spend(caller, deps, len(customers))
        asked = [
            customers[at : at + contact.CHUNK] for at in range(0, len(customers), contact.CHUNK)
        ]
        whom = ([customer_in(caller, deps, text) for text in ids] for ids in asked)
        chunks = contact.ask_all(deps, wish, whom)
        first = await anext(chunks)  # a refusal of the whole call comes before the first byte
        if ndjson.wanted(request):
            parts = _parts(deps, caller, asked, first, chunks)
            return ndjson.Lines(parts, ndjson.headers_of(caller))
        lines, receipts = _lines(deps, caller, asked[0], first), [first.receipt]
        async with aclosing(chunks), leave.watching(request) as client:
            for ids in asked[1:]:
                if client.has_left:
                    return leave.nobody()
                chunk = await anext(chunks)
                lines += _lines(deps, caller, ids, chunk)
                receipts.append(chunk.receipt)
        return answered(
            {
                "purpose": wish.ask.purpose,
                "channel": wish.channel.value,
                "code": _code(first),
                "results": [orjson.Fragment(line) for line in lines],
                "receipts": [receipt for receipt in receipts if receipt],
            },
            caller,
        )

    return routes


def _wish(caller: Caller, body: dict[str, object]) -> Wish:
    purpose, channel = text_of(body, "purpose"), text_of(body, "channel")
    if channel not in set(Channel):
        raise BadRequestError("channel is one of phone, email and post.")
    look = ask_of(
        caller,
        NOBODY,
        scope=Scope.CONSENTS_READ,
        purpose=purpose,
        action=Action.READ,
        names=covered(caller, purpose, Action.READ),
    )
    return Wish(look, Channel(channel), _note(caller, purpose, body))


def _note(caller: Caller, purpose: str, body: dict[str, object]) -> Note | None:
    if "kind" not in body:
        if "content" in body:
            raise BadRequestError("content goes with a kind.")
        return None
    content = body.get("content", {})
    if not isinstance(content, dict):
        raise BadRequestError("content is an object.")
    kind = text_of(body, "kind")
    append = ask_of(
        caller,
        NOBODY,
        scope=Scope.INTERACTIONS_APPEND,
        purpose=purpose,
        action=Action.APPEND,
        names=(interaction.name(kind),),
    )
    return Note(append, kind, content)


def _customers(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadRequestError("customers is a list of ids.")
    if not 0 < len(value) <= MAX_CUSTOMERS:
        raise BadRequestError("customers holds 1 to 1,000 ids.")
    if len(set(value)) != len(value):  # whoever stands there twice would be reached twice
        raise BadRequestError("customers holds each id once.")
    return value


def _said(deps: Deps, caller: Caller, said: Said) -> dict[str, object]:
    answer: dict[str, object] = {"allowed": said.allowed}
    if said.reason is not None:
        answer["reason"] = said.reason
    if said.not_before is not None:
        answer["not_before"] = stamp(said.not_before)
    if said.event is not None:
        answer["id"] = pairwise_id(deps.keys.service("pairwise"), caller.sector, said.event)
    return answer


def _code(chunk: Chunk) -> dict[str, str]:
    return {"version": chunk.version, "digest": f"sha256:{chunk.digest}"}


def _lines(deps: Deps, caller: Caller, ids: Sequence[str], chunk: Chunk) -> list[bytes]:
    """Return a line for each customer: the answer, or the code of what went wrong."""
    return [
        body_bytes(
            {"customer": customer, "error": one.code}
            if isinstance(one, VaultError)
            else {"customer": customer, **_said(deps, caller, one)}
        )
        for customer, one in zip(ids, chunk.answers, strict=True)
    ]


async def _parts(
    deps: Deps,
    caller: Caller,
    asked: Sequence[Sequence[str]],
    first: Chunk,
    rest: AsyncGenerator[Chunk],
) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        chunk = first
        for number, ids in enumerate(asked):
            if number:
                chunk = await anext(rest)
            lines = _lines(deps, caller, ids, chunk)
            if chunk.receipt:
                lines.append(body_bytes({"code": _code(chunk), "receipt": chunk.receipt}))
            yield b"\n".join(lines) + b"\n"
