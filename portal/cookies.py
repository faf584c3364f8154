"""Name the cookies, read them from a request and write them.

Seven jars of a customer: the session; a secret for forms before there is one; the sign-in under way;
where it is to lead; sealed, a form that came too late (`late.py`); joining under way; and the
language, which staff use too. Staff have three of their own, which go along from no other site. On https each name begins with `__Host-`,
so that no other host and no other path can plant one. Browsers take that prefix, and Secure, over
http only in part: on a loopback issuer the names go without.
Source: portal note, 7.
"""

from dataclasses import dataclass
from typing import Final

from portal.answers import Cookie, Jar

_NAMES: Final[dict[Jar, str]] = {
    "session": "ownship",
    "browser": "ownship-browser",
    "asked": "ownship-asked",
    "wish": "ownship-wish",
    "kept": "ownship-kept",
    "joining": "ownship-joining",
    "lang": "ownship-lang",
    "staff": "ownship-console",
    "staff_browser": "ownship-console-browser",
    "staff_asked": "ownship-console-asked",
}
_SECONDS: Final[dict[Jar, int]] = {
    "session": 43_200,
    "browser": 43_200,
    "asked": 600,
    "wish": 600,
    "kept": 1_800,
    "joining": 3_600,
    "lang": 31_536_000,
    "staff": 28_800,
    "staff_browser": 28_800,
    "staff_asked": 600,
}
# Nobody comes to the console from a link in a mail, so nothing is lost by Strict.
_STRICT: Final = frozenset({"staff", "staff_browser", "staff_asked"})
MAX_VALUE: Final = 200  # characters; ours are shorter
MAX_KEPT: Final = 3_400  # characters of a kept form; a browser takes 4,096 with name and attributes


@dataclass(frozen=True, slots=True)
class Cookies:
    """What a browser sent."""

    session: str | None
    browser: str | None
    asked: str | None
    wish: str | None = None
    kept: str | None = None
    joining: str | None = None
    lang: str | None = None
    staff: str | None = None
    staff_browser: str | None = None
    staff_asked: str | None = None

    def of(self, jar: Jar) -> str | None:
        """Return what a jar holds."""
        found: str | None = getattr(self, jar)
        return found


def name(jar: Jar, *, https: bool) -> str:
    """Return the name of a cookie under this issuer."""
    return f"__Host-{_NAMES[jar]}" if https else _NAMES[jar]


def read(header: bytes, *, https: bool) -> Cookies:
    """Read our cookies from a Cookie header; one that stands twice, or is too long, is none.

    >>> read(b"other=1; ownship-asked=abc", https=False).asked
    'abc'
    """
    found: dict[str, str | None] = {}
    for part in header.decode("latin-1").split(";"):
        key, _, value = part.strip().partition("=")
        most = MAX_KEPT if key == name("kept", https=https) else MAX_VALUE
        usable = 0 < len(value) <= most and value.isascii() and value.isprintable()
        found[key] = value if usable and key not in found else None
    return Cookies(**{jar: found.get(name(jar, https=https)) for jar in _NAMES})


def write(cookie: Cookie, *, https: bool) -> bytes:
    """Return a Set-Cookie header; a customer's is Lax, for Strict breaks links from webmail."""
    seconds = _SECONDS[cookie.jar] if cookie.value else 0
    secure = "; Secure" if https else ""
    site = "Strict" if cookie.jar in _STRICT else "Lax"
    return (
        f"{name(cookie.jar, https=https)}={cookie.value}; Path=/; Max-Age={seconds}"
        f"; HttpOnly; SameSite={site}{secure}"
    ).encode("ascii")
