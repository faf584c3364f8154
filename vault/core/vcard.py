"""Read and write the properties of a vCard: seven of a person, and two about the card itself.

FN, N, EMAIL, TEL, ADR, BDAY and LANG say who somebody is; UID names the card and REV says when it was
written. A column of an import is a property, perhaps with a TYPE (`TEL.cell`) and perhaps with one
component (`N.family`, `ADR.home.locality`). Of several that fit, the preferred one counts, else the
first. What the values are for is not known here.
Source: RFC 2426 (3.0); RFC 6350 (4.0); ecosystem note, 9.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

COMPONENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "N": ("family", "given", "additional", "prefix", "suffix"),
    "ADR": ("box", "extended", "street", "locality", "region", "code", "country"),
}
PROPERTIES: Final = ("FN", "N", "EMAIL", "TEL", "ADR", "BDAY", "LANG", "UID", "REV")
VERSIONS: Final = ("3.0", "4.0")
UNSAID: Final = 101  # a preference after every one that is said, 1 to 100
WIDTH: Final = 75  # bytes of a line before it is folded

_SPOKEN: Final = ("prefix", "given", "additional", "family", "suffix")
_WHOLE: Final = {"N": "family", "ADR": "street"}  # where a text without components is written
_WORD: Final = re.compile(r"[a-z0-9-]{1,40}")
# A group, a name, parameters of which quoted ones may hold any of the separators, and the colon.
_HEAD: Final = re.compile(
    r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;[^\":;]*(?:\"[^\"]*\"[^\":;]*)*)*):"
)
_PARAMETER: Final = re.compile(r";([^\";=]*)=?([^\";]*(?:\"[^\"]*\"[^\";]*)*)")
_ESCAPE: Final = re.compile(r"\\([\\,;:nN])")
_PIECE: Final = re.compile(r"((?:[^\\;]|\\.|\\$)*)(?:;|$)", re.DOTALL)
_COMPACT: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?")


@dataclass(frozen=True, slots=True)
class Column:
    """What of a card becomes a cell."""

    name: str  # of the property
    kind: str = ""  # its TYPE, in lower case; "" for any
    part: str = ""  # a component of it; "" for the whole


@dataclass(frozen=True, slots=True)
class Property:
    """A line of a card, unfolded; its value still escaped."""

    name: str
    kinds: frozenset[str]
    preference: int  # 1 before 100; `UNSAID`
    coded: bool  # its value is in another coding than text
    value: str


def column(text: str) -> Column | None:
    """Return what a column's name asks for; None for what no card has.

    >>> column("ADR.home.locality")
    Column(name='ADR', kind='home', part='locality')
    """
    name, *rest = text.split(".")
    name = name.upper()
    if name not in PROPERTIES:
        return None
    part = ""
    if rest and rest[-1].lower() in COMPONENTS.get(name, ()):
        part = rest.pop().lower()
    kind = rest.pop().lower() if rest else ""
    if rest or (kind and not _WORD.fullmatch(kind)):
        return None
    return Column(name, kind, part)


def read(line: str) -> Property | None:
    """Return the property of an unfolded line; None where it is none.

    >>> read("item1.TEL;TYPE=cell,voice;PREF=1:+44 7700 900001").value
    '+44 7700 900001'
    """
    head = _HEAD.match(line)
    if head is None:
        return None
    kinds: set[str] = set()
    preference, coded = UNSAID, False
    for key, value in _PARAMETER.findall(head[2]):
        said = value.replace('"', "").lower()
        match key.upper():
            case "TYPE":
                kinds.update(one.strip() for one in said.split(","))
            case "PREF":
                preference = int(said) if re.fullmatch("[0-9]{1,3}", said, re.ASCII) else UNSAID
            case "ENCODING":
                coded = coded or said != "8bit"
            case "CHARSET":
                coded = coded or said not in {"utf-8", "utf8", "us-ascii"}
            case _:
                if not value:  # written so before there was a TYPE
                    kinds.add(key.lower())
    if "pref" in kinds:
        preference = min(preference, 1)
    return Property(head[1].upper(), frozenset(kinds), preference, coded, line[head.end() :])


def text(wanted: Column, value: str) -> str:
    """Return what a column holds of a property's escaped value.

    >>> text(Column("N"), "Stevenson;John;Philip,Paul;Dr.;Jr.")
    'Dr. John Philip, Paul Stevenson Jr.'
    """
    names = COMPONENTS.get(wanted.name)
    if names is not None:
        pieces = [unescaped(_listed(one)) for one in _PIECE.findall(value)]
        said = dict(zip(names, pieces, strict=False))
        if wanted.part:
            return said.get(wanted.part, "")
        order = _SPOKEN if wanted.name == "N" else names
        parted = " " if wanted.name == "N" else "\n"
        return parted.join(said[one] for one in order if said.get(one))
    plain = unescaped(value)
    if wanted.name == "BDAY" and (found := _COMPACT.fullmatch(plain)):
        return "-".join(found.groups())
    if wanted.name == "TEL" and plain[:4].lower() == "tel:":
        return plain[4:].partition(";")[0]
    return plain


def unescaped(value: str) -> str:
    """Return a text as it is meant; a backslash before anything else is one."""
    return _ESCAPE.sub(lambda one: "\n" if one[1] in "nN" else one[1], value)


def escaped(value: str) -> str:
    """Return a text as a component or a value holds it; line ends become one kind."""
    for char in "\\,;":
        value = value.replace(char, "\\" + char)
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def card(cells: Mapping[Column, str]) -> bytes:
    """Return a card of version 4.0 that holds these cells, each found again by its column.

    Precondition: no property is written both as a whole and by its components.
    """
    lines = ["BEGIN:VCARD", "VERSION:4.0"]
    if Column("FN") not in cells:
        lines.append("FN:")  # a card has one
    done: set[tuple[str, str]] = set()
    for wanted in cells:
        place = (wanted.name, wanted.kind)
        if place in done:
            continue
        done.add(place)
        value = _value(cells, wanted)
        typed = any(one.name == wanted.name and one.kind for one in cells)
        if wanted.kind:
            if value.strip(";"):
                lines.append(f"{wanted.name};TYPE={wanted.kind}:{value}")
        elif typed:
            # The one without a TYPE comes first, also where it is empty, so that none of the others
            # is taken for it.
            lines.append(f"{wanted.name};PREF=1:{value}")
        elif value.strip(";") or wanted.name == "FN":
            lines.append(f"{wanted.name}:{value}")
    lines.append("END:VCARD")
    return b"".join(map(_folded, lines))


def _value(cells: Mapping[Column, str], wanted: Column) -> str:
    names = COMPONENTS.get(wanted.name)
    if names is None:
        return escaped(cells[wanted])
    parts = {
        one.part: said for one, said in cells.items() if (one.name, one.kind) == wanted_at(wanted)
    }
    if "" in parts:
        parts = {_WHOLE[wanted.name]: parts[""]}
    return ";".join(escaped(parts.get(one, "")) for one in names)


def wanted_at(wanted: Column) -> tuple[str, str]:
    """Return which line of a card a column is of."""
    return wanted.name, wanted.kind


def _listed(piece: str) -> str:
    """Return a component with a space behind the commas that part its items."""
    return re.sub(r"(\\.)|,\s*", lambda one: one[1] or ", ", piece, flags=re.DOTALL)


def _folded(line: str) -> bytes:
    """Return a line in UTF-8, folded between letters."""
    found, width = [], 0
    for char in line:
        raw = char.encode()
        if width + len(raw) > WIDTH:
            found.append(b"\r\n ")
            width = 1
        found.append(raw)
        width += len(raw)
    return b"".join(found) + b"\r\n"
