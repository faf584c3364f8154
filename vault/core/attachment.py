r"""Judge a file that is attached to a contact event: its type by its bytes, its size, its name.

1. **Four types**, each known by its first bytes, never by what is claimed: a file that is not what
   it says is refused. Text is UTF-8 without control characters, and nothing that begins like another
   type.
2. **At most 4 files of 1 MB** on one event.
3. **A name is made harmless**: its last part alone, no mark that turns or hides text, nothing that a
   shell, a page or a file system reads, and the ending of its type.

>>> name_of("..\\..\\in\u202evoice<b>.exe", Media.PDF)
'invoice_b_.exe.pdf'
>>> name_of("/", Media.TEXT)
'attachment.txt'

Source: security note, 6; OWASP File Upload Cheat Sheet; docs/formats.md, 24.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vault.core.errors import WrongValueError

MOST: Final = 4  # files of one event
MAX_BYTES: Final = 1_000_000  # of one file; a request's body may have a little more
MAX_NAME: Final = 100  # characters
_EMPTY: Final = "attachment"
_HEAD_OF_PNG: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_HEAD_OF_JPEG: Final = b"\xff\xd8\xff"
_HEAD_OF_PDF: Final = b"%PDF-"
_IN_TEXT: Final = frozenset("\t\n\r")
# What Windows, a shell, a header or a page gives a meaning to.
_READ_BY_OTHERS: Final = re.compile(r"[<>:\"'`|?*%$&;#{}\[\]^~!=]")
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Media(StrEnum):
    """What a file may be."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TEXT = "text/plain"


ENDINGS: Final = {
    Media.PDF: (".pdf",),
    Media.JPEG: (".jpg", ".jpeg"),
    Media.PNG: (".png",),
    Media.TEXT: (".txt", ".csv", ".md"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that may be attached."""

    name: str
    media: Media
    data: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What a list tells of an attached file, without opening it."""

    number: int  # from 1
    name: str  # "" where it did not pass its check
    media: str
    size: int  # bytes
    damaged: bool = False


def check(data: bytes, *, claimed: str, name: str) -> File:
    """Return a file that may be attached.

    Args:
        data: its bytes.
        claimed: its media type, as it was sent.
        name: its name, as it was sent.

    Raises:
        WrongValueError: empty, too large, of a type that is not taken, or not what it says.
    """
    if not 0 < len(data) <= MAX_BYTES:
        raise WrongValueError("An attachment has 1 to 1,000,000 bytes.")
    said = claimed.partition(";")[0].strip().lower()
    if said not in set(Media):
        raise WrongValueError(f"An attachment is one of {', '.join(Media)}.")
    media = media_of(data)
    if media != said:
        raise WrongValueError("The attachment is not what its type says.")
    return File(name_of(name, media), media, data)


def media_of(data: bytes) -> Media | None:
    """Return what a file is by its bytes; None for what is not taken."""
    if data.startswith(_HEAD_OF_PDF):
        return Media.PDF
    if data.startswith(_HEAD_OF_JPEG):
        return Media.JPEG
    if data.startswith(_HEAD_OF_PNG):
        return Media.PNG
    return Media.TEXT if _is_text(data) else None


def name_of(typed: str, media: Media) -> str:
    """Return a name that no reader takes for more than a name, with an ending of its type."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", typed))[-1]
    # Controls, marks of direction, halves of characters, private and unassigned ones are left out.
    kept = "".join(one for one in last if unicodedata.category(one)[0] != "C")
    # Once more: what stood between two characters may be gone.
    kept = unicodedata.normalize("NFC", kept)
    plain = " ".join(_READ_BY_OTHERS.sub("_", kept).split()).strip(". ")
    if _DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    endings = ENDINGS[media]
    ending = next((one for one in endings if plain.lower().endswith(one)), "")
    stem = plain[: len(plain) - len(ending)] if ending else plain
    ending = plain[len(stem) :] or endings[0]
    return (stem[: MAX_NAME - len(ending)].rstrip(". ") or _EMPTY) + ending


def _is_text(data: bytes) -> bool:
    try:
        said = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(one in _IN_TEXT or unicodedata.category(one) != "Cc" for one in said)
