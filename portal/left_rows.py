"""Say in words what is stored that the code of ethics no longer names, why it stays, and how it goes.

Source: GDPR 5(1)(e) and 18(1); portal note, 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from portal import ended
from portal.labels import Labels
from portal.language import N_, translate
from portal.visit import Visit
from vault.services.left_over import Leftover


@dataclass(frozen=True, slots=True)
class Left:
    """One detail, or kind of contact, that is not kept any more."""

    label: str
    words: str
    action: str  # where its restriction is lifted; "" where there is none of its own
    csrf: str


def of(found: Iterable[Leftover], visit: Visit) -> tuple[Left, ...]:
    """Return the rows, in their order."""
    return tuple(_left(one, visit) for one in found)


def _left(one: Leftover, visit: Visit) -> Left:
    lang, action = visit.lang, f"/home/{one.name}"
    return Left(
        label=Labels(one.book, lang).of(one.name) if one.book else one.name,
        words=" ".join(_words(one, lang)),
        action=action if one.restricted else "",
        csrf=visit.csrf(action),
    )


def _words(one: Leftover, lang: str) -> Iterable[str]:
    for hold in one.holds:
        yield translate(lang, N_("A legal hold keeps it."))
        yield ended.hold(hold, lang)
    if one.restricted:
        yield translate(lang, N_("It stays because you restricted it. Lift that, and it goes."))
    if one.whole:
        yield translate(lang, N_("It stays while everything is restricted."))
    if not (one.holds or one.restricted or one.whole):
        yield translate(lang, N_("It is deleted within a day."))
