"""Read a posted form: urlencoded, at most 64 KiB (or what its way allows) and 100 names, nothing else.

What is longer, of another type or not UTF-8 is refused before any page sees it. The names a page
expects are a Pydantic model of that page; a name given twice that stands once is refused.
Source: security note, 6; portal note, 9.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from vault.core.errors import BadRequestError, MediaTypeError, TooLargeError

MAX_FORM: Final = 65_536  # bytes
MAX_NAMES: Final = 100  # pairs, repeated names counted
_TYPE: Final = b"application/x-www-form-urlencoded"

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Form:
    """The pairs of a form, in the order they came."""

    pairs: tuple[tuple[str, str], ...] = ()

    def many(self, name: str) -> tuple[str, ...]:
        """Return every value of a name."""
        return tuple(value for found, value in self.pairs if found == name)

    def one(self, name: str) -> str | None:
        """Return the only value of a name, None when it is absent.

        Raises:
            BadRequestError: the name stands more than once.
        """
        values = self.many(name)
        if len(values) > 1:
            raise BadRequestError
        return values[0] if values else None

    def read(self, model: type[Model]) -> Model:
        """Fill a page's model; a tuple takes each value of a repeated name.

        Raises:
            BadRequestError: a name is missing, doubled or has a form that no page of ours sends.
        """
        found: dict[str, object] = {}
        for name, shape in model.model_fields.items():
            repeated = str(shape.annotation).startswith("tuple")
            value: object = self.many(name) if repeated else self.one(name)
            if value is not None:
                found[name] = value
        try:
            return model.model_validate(found)
        except ValidationError:
            raise BadRequestError from None


async def receive(content_type: bytes, stream: Receive, *, max_bytes: int = MAX_FORM) -> Form:
    """Read a request's body as a form.

    Raises:
        TooLargeError: over `max_bytes` or 100 names; the rest of the body is not read.
        MediaTypeError: another type.
        BadRequestError: bytes that are not an urlencoded UTF-8 form.
    """
    if content_type.split(b";")[0].strip().lower() != _TYPE:
        raise MediaTypeError
    body = await _body(stream, max_bytes=max_bytes)
    # Counted before parsing: `max_num_fields` raises the same error as a broken form would.
    if body.count(b"&") >= MAX_NAMES:
        raise TooLargeError
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict"
        )
    except ValueError:
        raise BadRequestError from None
    return Form(tuple(pairs))


async def skip(stream: Receive) -> None:
    """Read a body of any type and forget it: what it may say is known (RFC 8058).

    Raises:
        TooLargeError, BadRequestError: as for `receive`, for its size and its end.
    """
    await _body(stream)


async def _body(stream: Receive, *, max_bytes: int = MAX_FORM) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await stream()
        if message["type"] != "http.request":  # the client has gone
            raise BadRequestError
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise TooLargeError
        more = message.get("more_body", False)
    return bytes(body)
