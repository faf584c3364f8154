"""Show each benefit beside the details that it needs: given, or what would give it.

What is lacking has a link to the choice, and nothing is chosen by following it. It is said once and
plainly; what a customer does not share is never called a loss.
Source: portal note, 2, 3 and 5.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from policies.names import INTERACTION
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from vault.services import field
from vault.services.benefit import Need, Offer


@dataclass(frozen=True, slots=True)
class Part:
    """One detail that a benefit needs, and how it stands."""

    label: str
    state: Badge
    href: str  # where it can be decided or told; "" where nothing is lacking
    link: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit."""

    label: str
    purpose: str
    state: Badge
    needs: tuple[Part, ...]


def of(offers: Iterable[Offer], labels: Labels) -> tuple[Benefit, ...]:
    """Return benefits in words, in their order."""
    return tuple(
        Benefit(
            label=one.benefit.label.get(labels.lang),
            purpose=one.purpose.label.get(labels.lang),
            state=_state(one, labels.lang),
            needs=tuple(_part(one, need, labels) for need in one.needs),
        )
        for one in offers
    )


def _state(one: Offer, lang: str) -> Badge:
    if one.given:
        return Badge(translate(lang, N_("You get this")), "on", "on")
    return Badge(translate(lang, N_("Given when all of this is shared")), "off", "off")


def _part(one: Offer, need: Need, labels: Labels) -> Part:
    lang = labels.lang
    label = labels.of(need.name)
    if need.met:
        return Part(label, Badge(translate(lang, N_("You share this")), "on", "on"), "", "")
    if not need.allowed:
        said, link = N_("You do not share this"), N_("Read and decide")
        href = f"/privacy/{one.purpose.id}?view=grid"
    elif need.held:
        said, link = N_("Your own rules hold this back"), N_("Your own rules")
        href = "/privacy/terms"
    else:
        said, link = N_("Allowed, and not known yet"), N_("See it")
        href = f"/home/{need.name}"
        kept = labels.rulebook.fields.get(need.name)
        if kept is not None and field.may_tell(kept):
            link = N_("Tell us")
    if one.purpose.expiry is None and not need.allowed:  # nothing is asked: it was objected to
        href = f"/privacy#{one.purpose.id}"
    if need.name.startswith(f"{INTERACTION}.") and need.allowed and not need.held:
        href = ""
    return Part(
        label,
        Badge(translate(lang, said), "off", "off"),
        href,
        translate(lang, link) if href else "",
    )
