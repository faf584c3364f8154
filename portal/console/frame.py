"""Hold what every page of the console shows around its own matter: who is signed in, where to go.

The menu is made of the ways that the member's role may come; nothing else knows what it holds.
"""

from dataclasses import dataclass
from typing import ClassVar

from portal.frame import Frame, Visitor
from portal.language import N_

ROLES = {
    "compliance": N_("Compliance"),
    "steward": N_("Data steward"),
    "support": N_("Support"),
    "admin": N_("Administration"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu."""

    path: str
    words: str
    about: str


@dataclass(frozen=True, slots=True)
class StaffVisitor(Visitor):
    """The signed-in member of staff, as far as a frame must know."""

    name: str = ""
    handle: str = ""
    role: str = ""
    menu: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleFrame(Frame):
    """What surrounds a page of the console."""

    layout: ClassVar = "console/base.html"
