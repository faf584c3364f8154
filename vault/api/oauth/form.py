"""Read the form of a request to the authorization server, and nothing but the form.

One content type, a size, a number of names, UTF-8, each parameter once. The query is never read: it
ends in logs and histories. A parameter without a value counts as absent, unknown ones are ignored.
Source: RFC 6749, 3.2 and appendix B; security note, 6.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from vault.api.oauth.errors import INVALID_REQUEST, OAuthError
from vault.core.errors import MediaTypeError, TooLargeError

MAX_BODY: Final = 65_536  # bytes
MAX_NAMES: Final = 100

_TYPE: Final = re.compile(
    r"application/x-www-form-urlencoded(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE
)


async def read(request: Request) -> Mapping[str, str]:
    """Return the parameters by name.

    Raises:
        MediaTypeError: the body is no form.
        TooLargeError: it is longer than 64 KiB.
        OAuthError: `invalid_request` for a repeated name, a broken escape or too many names.
    """
    if not _TYPE.fullmatch(request.headers.get("content-type", "").strip()):
        raise MediaTypeError
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLargeError
    return parse(bytes(body))


def parse(body: bytes) -> Mapping[str, str]:
    """Return the parameters of a form.

    Raises:
        OAuthError: `invalid_request`.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_NAMES,
        )
    except ValueError:
        raise OAuthError(INVALID_REQUEST, "The body is not a form in UTF-8.") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise OAuthError(INVALID_REQUEST, "A parameter is repeated.")
    return {name: value for name, value in found.items() if value}
