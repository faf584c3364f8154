"""Show staff the contacts of one customer that a purpose may see, as a tree; hand over their files.

Each time is a look. What stands under an event is shown under it; an event whose own parent may not
be seen stands by itself. No address holds an id: events are named by tokens of this member's own.
Source: security note, 8; portal note, 8; docs/knowing.md.
"""

import json
from dataclasses import dataclass
from urllib.parse import quote

from policies.model import Rulebook
from portal import event_words
from portal.answers import Document, Page
from portal.console.pages.customers import HERE
from portal.console.visit import StaffVisit
from portal.event_words import Attached
from portal.labels import Labels
from portal.language import N_, translate
from portal.pages.attachment import handed
from portal.words import Moment, moment
from vault.core.errors import NotAvailableError
from vault.services import staff_event, staff_look
from vault.services.contact_tree import Node

_DONE = "done"  # parameter: what was written is there


@dataclass(frozen=True, slots=True)
class Event:
    """One contact event, and those under it."""

    kind: str
    at: Moment
    channel: str
    said: tuple[tuple[str, str], ...]  # (name, text) of each part
    speaker: str
    outcome: str
    noted: str  # the app or staff; "" for neither
    files: tuple[Attached, ...]
    add: str  # path of the form for what belongs to it; "" where the role may add nothing
    under: tuple["Event", ...]


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """Everything of `/console/customers/{look}/contacts`."""

    title: str
    purpose: str
    case: str
    message: str
    add: str  # path of the form; "" where the role may add nothing
    events: tuple[Event, ...]
    cut: bool
    older: str
    back: str
    request: str


async def show(visit: StaffVisit) -> Page:
    """Record the look and show a page of contact events."""
    place = visit.params["look"]
    look, found = await staff_look.contacts(
        visit.deps,
        visit.member,
        place,
        request=visit.request_id,
        cursor=visit.query.get("cursor"),
    )
    async with visit.deps.database.connect() as conn:
        rulebook = await visit.deps.codes.by_digest(conn, found.digest)
    here = f"{HERE}/{quote(place)}"
    may_add = bool(staff_event.kinds(rulebook, look.purpose, visit.member.role))
    add = f"{here}/contacts/new" if may_add else ""
    page = ContactsPage(
        title=translate(visit.lang, N_("Contacts that this purpose may see")),
        purpose=Labels(rulebook, visit.lang).purpose(look.purpose),
        case=look.case,
        message=_message(visit),
        add=add,
        events=tuple(_event(visit, one, rulebook, here, add) for one in found.tree),
        cut=found.cut,
        older=f"{here}/contacts?cursor={quote(found.cursor)}" if found.cursor else "",
        back=here,
        request=visit.request_id,
    )
    return Page("console/contacts.html", page, HERE)


async def fetch(visit: StaffVisit) -> Document:
    """Record the look and hand over a file of an event."""
    number = visit.params["number"]
    if not (number.isascii() and number.isdigit() and len(number) == 1):
        raise NotAvailableError
    found = await staff_look.file(
        visit.deps,
        visit.member,
        visit.params["look"],
        event=visit.params["event"],
        number=int(number),
        request=visit.request_id,
    )
    return handed(found)


def _message(visit: StaffVisit) -> str:
    if _DONE not in visit.query:
        return ""
    return translate(visit.lang, N_("It is written down. The customer sees it too."))


def _event(visit: StaffVisit, node: Node, rulebook: Rulebook, here: str, add: str) -> Event:
    one, labels = node.told, Labels(rulebook, visit.lang)
    token = quote(staff_look.event_token(visit.deps, visit.member, one.interaction_id))
    content = one.content if isinstance(one.content, dict) else {}
    return Event(
        kind=labels.of(f"interaction.{one.kind}"),
        at=moment(one.at, visit.lang),
        channel=one.channel,
        said=tuple((name, _text(value)) for name, value in content.items()),
        speaker=event_words.who(one.who, visit.lang, you=False),
        outcome=event_words.outcome(one.outcome, visit.lang),
        noted=event_words.noted(one, labels),
        files=event_words.attached(one.files, f"{here}/contacts/{token}/attachments", visit.lang),
        add=f"{add}?under={token}" if add else "",
        under=tuple(_event(visit, child, rulebook, here, add) for child in node.under),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
