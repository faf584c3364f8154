"""Hand out the code of ethics: each version at its own address, as page, text, JSON and JSON-LD.

Everything here is public. The page and the text are in the reader's language, or in the one that the
address asks for; JSON is the same bytes for everybody. What each form says is `policies`' matter.
Source: DESIGN 5 and 10; portal note, 2.
"""

from policies import linked
from policies import render as policy_render
from policies.model import Rulebook
from portal.answers import Document, Page
from portal.code_page import code_page
from portal.visit import Visit
from portal.words import day
from vault.services import published


async def show(visit: Visit) -> Page:
    """Show the code in force."""
    return await _page(visit, await published.in_force(visit.deps), in_force=True)


async def show_version(visit: Visit) -> Page:
    """Show one version, for ever at the same address."""
    found = await _version(visit)
    current = await published.in_force(visit.deps)
    return await _page(visit, found, in_force=found.digest == current.digest)


async def text(visit: Visit) -> Document:
    """Hand out one version as plain text."""
    found = await _version(visit)
    asked = visit.query.get("lang", "")
    lang = asked if asked in found.code.languages else visit.lang
    body = policy_render.text(found, lang).encode()
    return Document(body, "text/plain; charset=utf-8", "public", lang=lang)


async def json(visit: Visit) -> Document:
    """Hand out one version's canonical JSON, the bytes under its digest."""
    return Document(policy_render.json_(await _version(visit)), "application/json", "public")


async def jsonld(visit: Visit) -> Document:
    """Hand out one version as linked data."""
    body = linked.jsonld(await _version(visit), visit.deps.issuer)
    return Document(body, linked.MEDIA_TYPE, "public")


async def _version(visit: Visit) -> Rulebook:
    return await published.version(visit.deps, visit.params["version"])


async def _page(visit: Visit, rulebook: Rulebook, *, in_force: bool) -> Page:
    lang = visit.lang
    versions = await published.versions(visit.deps)
    # A first code takes effect at once, whatever day it was written for.
    since = next(one.effective_at for one in versions if one.digest == rulebook.digest)
    earlier = await published.before(visit.deps, rulebook)
    page = code_page(
        rulebook,
        lang,
        since=day(since, lang),
        in_force=in_force,
        versions=tuple((one.version, day(one.effective_at, lang)) for one in versions),
        changes=f"/code/{rulebook.version}/changes" if earlier else "",
    )
    return Page("code.html", page, "/code")
