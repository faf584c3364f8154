"""Get files over HTTP, with bounds: the only module of the checker that uses the network.

Only http and https, no redirects, no user in the address, a time limit for each wait, and never
more bytes than asked for. A server that asks to wait is waited for, a few times.
Source: RFC 9110, 10.2.3; access-log note, 12.
"""

import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message

from vault.verifier.errors import BadError, CannotTellError

TIMEOUT = 30  # seconds without a byte
WAIT_TIMES = 5
MAX_WAIT = 60  # seconds
NOT_FOUND = {404, 410}
BUSY = {429, 503}


class Site:
    """A place to get files from."""

    def __init__(self, url: str) -> None:
        """Take an address.

        Raises:
            CannotTellError: it is none of http or https, or has more than host and path.
        """
        if not _is_plain(url):
            raise CannotTellError("The address is not one of http or https with host and path.")
        self.url = url.rstrip("/")
        # No handler for redirects, files or ftp: what is not listed here is not done.
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)

    def get(self, name: str, limit: int) -> bytes | None:
        """Return a file of at most `limit` bytes; None where the server has none.

        Raises:
            CannotTellError: the server cannot be reached, or answers otherwise.
            BadError: it sends more.
        """
        request = urllib.request.Request(  # noqa: S310  `__init__` takes http and https alone
            f"{self.url}/{name}", headers={"Accept-Encoding": "identity"}
        )
        for _ in range(WAIT_TIMES):
            try:
                with self._opener.open(request, timeout=TIMEOUT) as answer:
                    data: bytes = answer.read(limit + 1)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code in NOT_FOUND:
                        return None
                    if error.code not in BUSY:
                        raise CannotTellError(
                            f"The server answers {name} with {error.code}."
                        ) from None
                    time.sleep(_wait(error.headers))
            except (OSError, ValueError, http.client.HTTPException):
                raise CannotTellError(
                    f"The server cannot be reached for {name}. Run the same again to go on."
                ) from None
            else:
                if len(data) > limit:
                    raise BadError(f"The server sends more for {name} than any such file has.")
                return data
        raise CannotTellError(f"The server is too busy for {name}. Run the same again to go on.")


def _is_plain(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        parts.port  # noqa: B018  asking for it is what refuses a port that is none
        more = parts.username, parts.password, parts.query, parts.fragment
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(more)
    except ValueError:
        return False


def _wait(headers: Message) -> int:
    """Return how many seconds a server asks to wait."""
    text = headers.get("Retry-After", "")
    return min(int(text), MAX_WAIT) if text.isascii() and text.isdigit() and len(text) < 9 else 1
