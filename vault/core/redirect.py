"""Say which redirect URIs an app may register.

Absolute https, or http to a loopback address (an app on a member of staff's own machine); no
fragment, no user part, no dot segments, nothing that two parsers may read in two ways. Requests are
later compared with the registered text as strings, port included.
Source: RFC 9700, 2.1 and 4.1; RFC 8252, 7.3.
"""

import re
from typing import Final

MAX_LENGTH: Final = 512  # characters

_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HTTPS: Final = rf"https://{_LABEL}(?:\.{_LABEL})*"
_LOOPBACK: Final = r"http://(?:127\.0\.0\.1|\[::1\])"
_ESCAPED: Final = "%[0-9A-F]{2}"
_PATH: Final = rf"(?:/(?:[A-Za-z0-9._~!$&'()*+,=:-]|{_ESCAPED})*)*"  # neither ";" nor "@"
_QUERY: Final = rf"(?:\?(?:[A-Za-z0-9._~!$&'()*+,=:/-]|{_ESCAPED})*)?"
_REDIRECT: Final = re.compile(rf"(?:{_HTTPS}|{_LOOPBACK})(?::([1-9][0-9]{{0,4}}))?{_PATH}{_QUERY}")
_DOTS: Final = re.compile(r"/(?:\.|%2E){1,2}(?:[/?]|$)")


def is_redirect(text: str) -> bool:
    """Tell whether the URI may be registered.

    >>> is_redirect("https://delivery.shop.example/callback"), is_redirect("http://shop.example/")
    (True, False)
    """
    match = _REDIRECT.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if not match or _DOTS.search(text):
        return False
    return int(match[1] or 0) <= 65_535
