"""Call a running vault by HTTP, as any program outside would; the demonstration's only way in.

It follows nothing, trusts no proxy of the environment and keeps cookies like a browser.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx2

SECONDS: Final = 10.0


class Caller:
    """A client of one origin; cookies are its own."""

    def __init__(self, origin: str) -> None:
        """Call nothing yet."""
        self.origin = origin
        self._client = httpx2.Client(
            base_url=origin, timeout=SECONDS, trust_env=False, follow_redirects=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Get a path."""
        # No query given leaves the path's own; an empty one would take it away.
        params = dict(query) if query else None
        return self._client.get(path, params=params, headers=dict(headers or {}))

    def post(
        self,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,  # noqa: ANN401  whatever JSON holds
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Post a form or JSON."""
        if form is not None:
            return self._client.post(path, data=dict(form), headers=dict(headers or {}))
        return self._client.post(path, json=json, headers=dict(headers or {}))
