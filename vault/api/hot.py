"""Serve the one hot route, a read of one profile, as plain ASGI inside of the FastAPI application.

It stands before the ordinary route of the same path (`vault/api/profile.py`), which documents it in
OpenAPI and answers the same bytes; a test sends every call to both. What is left out is only what
the framework does around a route: dependencies, models, response objects. Nothing is decided here.
Source: performance note, 6.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from policies.model import Action
from vault.api.calls import JSON_TYPE, body_bytes, code_of, names_in, parameters, refuse, wanted
from vault.api.fields import fields_of
from vault.core.errors import BadRequestError
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

    def __init__(self, deps: Deps) -> None:
        """Keep what the use case may touch."""
        self._deps = deps

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; an error is left to the application's one mapper."""
        del receive  # a read has no body
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
        purpose, text = query["purpose"], scope["path_params"]["customer"]

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
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
