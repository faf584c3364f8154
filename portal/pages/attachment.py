"""Hand over a file that is attached to one of the customer's contact events, to be saved.

Each time is a look of the customer's own, recorded first. The file is never shown in the browser: it
came from somebody else, and its type was found by its bytes alone.
Source: portal note, 2 and 10; GDPR 15(3).
"""

from uuid import UUID

from portal.answers import Document
from portal.visit import Visit
from vault.core.attachment import Media
from vault.core.errors import NotAvailableError
from vault.services import attachment
from vault.services.attachment import Fetched


async def fetch(visit: Visit) -> Document:
    """Record the look and hand the file over."""
    try:
        event, number = UUID(visit.params["event"]), int(visit.params["number"])
    except ValueError:
        raise NotAvailableError from None
    if visit.path != f"/interactions/{event}/attachments/{number}":
        raise NotAvailableError  # another spelling of an id or a number is none
    found = await attachment.fetch_own(
        visit.deps, visit.customer, event, number, request=visit.request_id
    )
    return handed(found)


def handed(found: Fetched) -> Document:
    """Return a file as it is handed over."""
    text = "; charset=utf-8" if found.head.media == Media.TEXT else ""
    return Document(found.data, f"{found.head.media}{text}", "page", filename=found.head.name)
