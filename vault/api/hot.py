"""Serve the one hot route, a read of one profile, as plain ASGI inside of the FastAPI application.

It stands before the ordinary route of the same path (`vault/api/profile.py`), which documents it in
OpenAPI and answers the same bytes; a test sends every call to both. What is left out is only what
the framework does around a route: layers, dependencies, models, response objects. Nothing is
decided here.
Source: performance note, 6.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from policies.model import Action
from vault.api.calls import JSON_TYPE, body_bytes, code_of, names_in, parameters, refuse, wanted
from vault.api.fields import fields_of
from vault.api.problems import problem
from vault.core.errors import BadRequestError, VaultError
from vault.core.ids import CustomerId
from vault.core.scope import Scope
from vault.services.access import Caller, admit, prove
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.one_pass import Look, look

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_HEAD: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_TYPE: Final = (b"content-type", JSON_TYPE.encode())


class HotRead:
    """`GET …/customers/{customer}/profile`."""

    def __init__(self, deps: Deps, path: str) -> None:
        """Keep what the use case may touch, and the path that is served, `{customer}` in it."""
        self._deps = deps
        head, _, tail = path.partition("{customer}")
        self._path = re.compile(re.escape(head) + "([^/]+)" + re.escape(tail))

    def customer(self, scope: MutableMapping[str, Any]) -> str | None:
        """Return whom a request is about; None when it is another route's."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        found = self._path.fullmatch(scope["path"])
        return found[1] if found else None

    async def serve(
        self, customer: str, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        """Answer one request; errors are mapped as the framework's handlers map them."""
        try:
            headers, body = await self._answer(customer, scope)
        except VaultError as error:
            await problem(error, self._deps.issuer)(scope, receive, send)
            return
        except Exception:
            await problem(VaultError(), self._deps.issuer)(scope, receive, send)
            raise  # the guard logs its class
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(
        self, text: str, scope: MutableMapping[str, Any]
    ) -> tuple[list[tuple[bytes, bytes]], bytes]:
        deps, state = self._deps, scope["state"]
        now = int(deps.clock.now().timestamp())
        proven = prove(deps, state["method"], scope["raw_path"], scope["headers"], now=now)
        try:
            query = parameters(scope["query_string"], needed=("purpose",), allowed=("fields",))
            given = names_in(query)
        except BadRequestError:
            # Who may not ask at all is told that first.
            await admit(deps, proven, await deps.loads.arrive(proven.arrival()), request=None)
            raise
        purpose = query["purpose"]

        def ask(caller: Caller, customer: CustomerId) -> Ask:
            return wanted(
                caller,
                customer,
                scope=Scope.PROFILE_READ,
                purpose=purpose,
                action=Action.READ,
                names=given,
            )

        caller, found = await look(deps, proven, Look(text, ask, state["request_id"]))
        refuse(found)
        body = body_bytes(
            {
                "customer": text,
                "purpose": purpose,
                **fields_of(found, purpose, deps),
                "code": code_of(found),
                "receipt": found.receipt,
            }
        )
        headers = [*_HEAD]
        if caller.nonce:
            headers.append((b"dpop-nonce", caller.nonce.encode()))
        headers += ((b"content-length", b"%d" % len(body)), _TYPE)
        return headers, body
