"""Say legal holds in words: how they stand, on which ground, what they keep, who set them.

Who a customer is stands nowhere here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal import request_words
from portal.ended import GROUNDS
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, day
from vault.core.hold import Ground
from vault.services.hold_list import Listed, State

_STATES: Final[Mapping[State, tuple[str, str, str]]] = {
    State.STANDS: (N_("In force"), "law", "law"),
    State.ENDED: (N_("Over"), "end", "off"),
    State.BROKEN: (N_("Not intact"), "wrong", "open"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One hold."""

    number: str
    href: str
    state: Badge
    stands: bool
    broken: bool
    ground: str
    until: Moment
    made: Moment | None
    by: str
    names: tuple[str, ...]
    erased: bool


def line(one: Listed, labels: Labels) -> Line:
    """Return a hold as pages show it."""
    lang = labels.lang
    words, icon, tone = _STATES[one.state]
    broken = one.state is State.BROKEN
    return Line(
        number=str(one.hold_id),
        href=f"/console/holds/{one.hold_id}",
        state=Badge(translate(lang, words), icon, tone),
        stands=one.state is State.STANDS,
        broken=broken,
        ground=ground(one.ground, lang),
        until=day(one.until, lang),
        made=day(one.made_at, lang) if one.made_at else None,
        by=request_words.who_for_staff(one.made_by, lang) if one.made_by else "",
        names=_names(one, labels, broken=broken),
        erased=one.erased,
    )


def ground(word: str, lang: str) -> str:
    """Return a ground in words; one that an edited row made up as it is."""
    return translate(lang, GROUNDS[Ground(word)]) if word in set(Ground) else word


def _names(one: Listed, labels: Labels, *, broken: bool) -> tuple[str, ...]:
    if one.names or broken:
        return labels.all_of(sorted(one.names))
    return (translate(labels.lang, N_("Everything")),)
