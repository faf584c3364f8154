"""Name the things a handler can answer with; the door turns each into HTTP.

A handler never writes a header, a cookie string or markup: it hands over a page object, a document,
a file in pieces, an address to go to, or raises an error of the vault.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

from portal.headers import Kind

Jar = Literal[
    "session",
    "browser",
    "asked",
    "wish",
    "kept",
    "joining",
    "lang",
    "staff",
    "staff_browser",
    "staff_asked",
]


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to set; an empty value takes it away."""

    jar: Jar
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page object and the template that shows it."""

    template: str
    page: object
    here: str = ""  # entry of the menu
    status: int = 200
    retry: int = 0  # seconds after which to try again; 0: nothing is said
    leads_to: str = ""  # address that the browser goes on to by itself: *Leave now* alone
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes that are handed over as they are."""

    body: bytes
    media_type: str
    kind: Kind
    filename: str = ""  # offered for saving, when not empty
    status: int = 200
    lang: str = ""  # of what people read in it; "" for what is in none


@dataclass(frozen=True, slots=True)
class Stream:
    """A file, handed over piece by piece; one that breaks off is cut short, and seen so."""

    pieces: AsyncIterator[bytes]
    length: int | None  # bytes in all; None where nobody knows before the end
    media_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class Go:
    """See another address, by 303."""

    to: str
    cookies: tuple[Cookie, ...] = ()


Answer = Page | Document | Stream | Go
