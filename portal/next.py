"""List where one may be led after signing in: pages of ours that need a session, and nothing else.

A path that is not here leads home; so no form, mail or link can send anybody elsewhere.
"""

import re
from typing import Final

_NAME: Final = "[a-z][a-z0-9_]{0,31}"
_PAGES: Final = (
    "/home",
    rf"/home/{_NAME}\.{_NAME}",
    "/interactions",
    "/tell-us",
    "/follow-ups",
    "/card",
    "/privacy",
    "/privacy/[a-z][a-z0-9_.]{0,98}",
    "/who-looked",
    "/who-looked/key",
    "/who-looked/[0-9]{1,19}(?:/check)?",
    "/your-data",
    "/your-data/[a-z][a-z-]{0,31}",
    "/your-data/package/[0-9a-f-]{36}",
    "/requests",
    "/requests/[0-9a-f-]{36}",
    "/receipts",
    "/receipts/[0-9a-f-]{36}",
    "/security",
    "/security/address",
    "/security/address/code",
)
_NEXT: Final = re.compile("|".join(_PAGES))


def checked(wish: str) -> str:
    """Return a wish that is a page of ours, and "" for any other.

    >>> checked("/privacy/marketing"), checked("//evil.example"), checked("/home?x=1")
    ('/privacy/marketing', '', '')
    """
    return wish if _NEXT.fullmatch(wish) else ""
