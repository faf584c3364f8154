"""Say what came of the browser's signal against passing on, and that this vault heeds it.

Source: consent-standards note, 7; Global Privacy Control, 4.
"""

from dataclasses import dataclass
from typing import Final

from policies.situation import Terms
from portal.answers import Document
from portal.visit import Visit
from portal.words import Moment, moment, of_ms
from vault.core import canonical
from vault.services import gpc

# `lastUpdate` is the day on which what this vault does with the signal last changed.
_SUPPORT: Final = canonical.dumps({"gpc": True, "lastUpdate": "2026-11-27"})


@dataclass(frozen=True, slots=True)
class Signal:
    """What the signal of a customer's browser came to."""

    first: Moment
    kept: bool  # whether the rule still stands
    paused: tuple[str, ...]  # labels of purposes to be asked about; empty once answered


async def support(_: Visit) -> Document:
    """Hand out what `/.well-known/gpc.json` says."""
    return Document(_SUPPORT, "application/json", "public")


async def signal(visit: Visit, stated: Terms) -> Signal | None:
    """Return what came of the signal; None for a customer whose browser never sent one."""
    if not stated.gpc_ms:
        return None
    asked = await gpc.question(visit.deps, visit.customer, stated)
    return Signal(
        first=moment(of_ms(stated.gpc_ms), visit.lang),
        kept=stated.no_sharing,
        paused=tuple(one.purpose.label.get(visit.lang) for one in asked),
    )
