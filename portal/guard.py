"""Refuse what was not sent from a page of ours.

1. An unsafe method needs `Sec-Fetch-Site: same-origin` or `none` (typed by the person); where a
   browser sends no such header, an `Origin` that is the issuer; with neither, it is refused.
2. The form carries a token bound to the session (before sign-in: to a cookie that stands for it)
   and to the path it is sent to.
Both must hold: the first stops other sites, the second also forms that another page was tricked
into holding.
Source: portal note, 7; Fetch Metadata; Go 1.25 CrossOriginProtection.
"""

from collections.abc import Mapping
from typing import Final

from portal.forms import Form
from vault.core.errors import ForbiddenError
from vault.crypto.tokens import check_csrf, csrf

__all__ = ["SAFE", "check_form", "check_origin", "csrf"]

SAFE: Final = frozenset({"GET", "HEAD"})
_OURS: Final = frozenset({b"same-origin", b"none"})


def check_origin(headers: Mapping[bytes, bytes], *, issuer: str) -> None:
    """Return when an unsafe request comes from a page of ours.

    Raises:
        ForbiddenError: it comes from elsewhere, or does not say where from.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        if site not in _OURS:
            raise ForbiddenError
        return
    if headers.get(b"origin") != issuer.encode("ascii"):
        raise ForbiddenError


def check_form(form: Form, *, secret: str | None, path: str) -> None:
    """Return when the form's token is of this secret and path.

    Raises:
        ForbiddenError: it is not, or there is none.
    """
    given = form.one("csrf")
    if secret is None or given is None:
        raise ForbiddenError
    check_csrf(secret, path, given)
