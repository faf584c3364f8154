"""Read one purpose of a code of ethics from YAML: what it does, on which basis, with what it uses.

It says whether the clause is written as one; whether it fits the rest is for `policies/checks.py`.
Source: DESIGN 5.
"""

import re

from policies import form
from policies.document import Benefit, Purpose, Use
from policies.names import FIELD, NAME, Action, Basis, StaffRole
from policies.section import MAX_LINE, Entry, Section

_URL = re.compile(r"https://\S+")


def read(root: Section, entry: Entry) -> Purpose:
    """Read a purpose; every mistake of form is noted."""
    section = root.under(entry, form.PURPOSE)
    return Purpose(
        id=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        types=section.words("types"),
        what=section.texts("what"),
        why=section.texts("why"),
        benefit=section.texts("benefit"),
        without=section.texts("without"),
        basis=section.pick("basis", Basis),
        uses=(*_uses(section, "required"), *_uses(section, "optional")),
        recipients=section.words("recipients") if section.has("recipients") else (),
        staff=section.picks("staff", StaffRole) if section.has("staff") else (),
        expiry=section.duration("expiry") if section.has("expiry") else None,
        until=section.texts("until") if section.has("until") else None,
        law=section.texts("law") if section.has("law") else None,
        balancing=section.texts("balancing") if section.has("balancing") else None,
        explicit=section.flag("explicit"),
        profiling=section.flag("profiling"),
        delay=section.duration("delay") if section.has("delay") else None,
        keep=section.duration("keep") if section.has("keep") else None,
        assessment=section.line("assessment", pattern=_URL) if section.has("assessment") else None,
        benefits=tuple(
            _benefit(section, one)
            for one in section.entries("benefits", NAME, "birthday", needed=False)
        ),
    )


def _benefit(root: Section, entry: Entry) -> Benefit:
    section = root.under(entry, form.BENEFIT)
    return Benefit(
        id=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        needs=section.words("needs"),
    )


def _uses(section: Section, key: str) -> list[Use]:
    return [
        Use(entry.key, section.picks_of(entry.node, key, Action), required=key == "required")
        for entry in section.entries(key, FIELD, "contact.email", needed=False)
    ]
