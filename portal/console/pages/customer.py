"""Show what a clause lets this role see of one customer; each time it is shown is a look.

What was withheld is named with its reason only where something was allowed: who is not there, and
who may not be seen at all, look the same.
Source: security note, 8; portal note, 8.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from policies.model import Source
from portal.answers import Page
from portal.console import reasons
from portal.console.pages.customers import HERE
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import Moment, day
from vault.services import staff_event, staff_look
from vault.services.ask import Opened

_BY: Final = {
    Source.TOLD: N_("The customer told us"),
    Source.OBSERVED: N_("We observed it"),
    Source.INFERRED: N_("We inferred it"),
    Source.THIRD_PARTY: N_("Somebody else told us"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value."""

    label: str
    lines: tuple[str, ...]
    source: str
    since: Moment
    disputed: Moment | None
    verified: Moment | None


@dataclass(frozen=True, slots=True)
class Withheld:
    """One field that was not opened."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Everything of `/console/customers/{look}`."""

    title: str
    purpose: str
    case: str
    values: tuple[Shown, ...]
    empty: tuple[str, ...]  # labels of what is allowed and not there
    withheld: tuple[Withheld, ...]
    nothing: bool
    contacts: str  # path of the contact events; "" where the purpose reads none
    add: str  # path of the form for what happened; "" where the role may add nothing
    message: str
    request: str


async def show(visit: StaffVisit) -> Page:
    """Record the look and show what it may see."""
    place = visit.params["look"]
    seen = await staff_look.show(visit.deps, visit.member, place, request=visit.request_id)
    labels = Labels(seen.rulebook, visit.lang)
    there = {one.name for one in seen.answer.opened}
    allowed = bool(seen.answer.allowed)
    has_contacts = allowed and staff_look.has_contacts(seen.rulebook, seen.look.purpose)
    may_add = bool(staff_event.kinds(seen.rulebook, seen.look.purpose, visit.member.role))
    page = CustomerPage(
        title=translate(visit.lang, N_("What this purpose may see")),
        purpose=labels.purpose(seen.look.purpose),
        case=seen.look.case,
        values=tuple(_shown(one, labels) for one in seen.answer.opened),
        empty=labels.all_of(sorted(seen.answer.allowed - there)),
        withheld=tuple(
            Withheld(labels.of(one.name), reasons.sentence(one.reason, visit.lang))
            for one in seen.answer.withheld
            if allowed
        ),
        nothing=not allowed,
        contacts=f"{HERE}/{quote(place)}/contacts" if has_contacts else "",
        add=f"{HERE}/{quote(place)}/contacts/new" if allowed and may_add else "",
        message=translate(visit.lang, N_("It is written down. The customer sees it too."))
        if "done" in visit.query
        else "",
        request=visit.request_id,
    )
    return Page("console/customer.html", page, HERE)


def _shown(one: Opened, labels: Labels) -> Shown:
    lang = labels.lang
    return Shown(
        label=labels.of(one.name),
        lines=labels.lines(labels.rulebook.fields[one.name], one.value),
        source=translate(lang, _BY[Source(one.source)]),
        since=day(one.since, lang),
        disputed=day(one.disputed, lang) if one.disputed else None,
        verified=day(one.verified, lang) if one.verified else None,
    )
