"""Hold what every page shows around its own matter: who publishes, who is signed in, where to turn.

A frame is made once a request and is frozen. It carries no value of a customer.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from policies.model import Rulebook
from portal.language import Language
from portal.words import Moment, day


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who runs this vault, as the code of ethics in force says."""

    name: str
    contact: str  # e-mail address or page of the person to turn to
    contact_url: str
    authority: str  # the supervisory authority, where a complaint may go
    authority_url: str
    code_version: str
    code_since: Moment


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in customer, as far as a frame must know."""

    out_csrf: str  # token of the sign-out form
    leave_csrf: str  # token of *Leave now*
    last_sign_in: Moment | None  # the one before this; None for the first


@dataclass(frozen=True, slots=True)
class Switch:
    """The languages to choose from, and where the choice leads: back to the same page."""

    languages: tuple[Language, ...] = ()
    back: str = "/"
    csrf: str = ""  # "" without a session
    action: str = "/language"


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page."""

    layout: ClassVar = "base.html"  # template of pages that both doors show

    lang: str
    here: str  # path of the menu entry that this page belongs to; "" for none
    publisher: Publisher | None  # None before a code is published
    visitor: Visitor | None
    switch: Switch = field(default_factory=Switch)


def publisher_of(rulebook: Rulebook, lang: str, *, since: datetime) -> Publisher:
    """Return who runs this vault, from the code of ethics in force."""
    code = rulebook.code
    return Publisher(
        name=code.publisher.name,
        contact=code.publisher.dpo.name,
        contact_url=f"mailto:{code.publisher.dpo.email}",
        authority=code.publisher.authority.name,
        authority_url=code.publisher.authority.url,
        code_version=rulebook.version,
        code_since=day(since, lang),
    )
