"""Say which benefits a customer is given for what they share, and what each one lacks.

A benefit is given when its purpose may use everything that it needs and everything is there; nothing
else counts, and no benefit needs what another one needs. So to stop one detail ends what needs it,
and that alone. Nothing is opened for it and nothing is recorded: what is stored is known by name.
Source: portal note, 2 (`/card`); GDPR 7(4) and recital 42.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from policies.document import Benefit
from policies.model import Purpose
from policies.names import INTERACTION
from vault.services.choices import Choice


@dataclass(frozen=True, slots=True)
class Need:
    """One detail that a benefit needs."""

    name: str  # "group.name" or "interaction.kind"
    allowed: bool  # whether the purpose may use it as the customer decided
    there: bool  # whether it is stored; contact events come by themselves
    held: bool  # whether the customer's own rules hold it back

    @property
    def met(self) -> bool:
        """Say whether nothing is lacking."""
        return self.allowed and self.there and not self.held


@dataclass(frozen=True, slots=True)
class Offer:
    """One benefit, as it stands for one customer."""

    purpose: Purpose
    benefit: Benefit
    needs: tuple[Need, ...]

    @property
    def given(self) -> bool:
        """Say whether the customer gets it."""
        return all(one.met for one in self.needs)


def offers(found: Iterable[Choice], stored: Collection[str]) -> tuple[Offer, ...]:
    """Return every benefit of the code in force, in its order.

    Args:
        found: how each purpose stands.
        stored: the names of the fields that hold a value.
    """
    return tuple(
        Offer(
            one.purpose,
            benefit,
            tuple(_need(one, name, stored) for name in benefit.needs),
        )
        for one in found
        for benefit in one.purpose.benefits
    )


def lost(every: Sequence[Offer], purpose: str, name: str | None = None) -> tuple[Benefit, ...]:
    """Return what ends when a purpose stops, or when it may not use one detail any more."""
    return tuple(
        one.benefit
        for one in every
        if one.purpose.id == purpose and one.given and (name is None or name in one.benefit.needs)
    )


def _need(one: Choice, name: str, stored: Collection[str]) -> Need:
    return Need(
        name=name,
        allowed=one.allows(name),
        there=name in stored or name.startswith(f"{INTERACTION}."),
        held=one.held.whole or name in one.held.names,
    )
