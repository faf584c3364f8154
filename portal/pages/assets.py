"""Hand out our own files: the stylesheet, the icon, and the sheet that empties a browser's cache."""

from typing import Final

from portal import assets
from portal.answers import Document
from portal.visit import Visit
from vault.core.errors import NotAvailableError

_LEAVING: Final = b"/* The answer that brings this empties the cache of pages. */\n"


async def file(visit: Visit) -> Document:
    """Hand out a file under the address that holds its hash."""
    found = assets.find(visit.params["digest"], visit.params["name"])
    if found is None:
        raise NotAvailableError
    return Document(found.body, found.media_type, "asset")


async def icon(_: Visit) -> Document:
    """Hand out the icon where browsers look for it unasked."""
    return Document(assets.ICON.body, assets.ICON.media_type, "public")


async def leaving(_: Visit) -> Document:
    """Hand out the sheet of the signed-out page, whose headers do the work."""
    return Document(_LEAVING, "text/css; charset=utf-8", "leaving")
