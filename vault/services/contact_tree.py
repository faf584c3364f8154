"""Put contact events that were opened together: each with those under it.

Source: DESIGN 2; portal note, 2.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vault.services.interaction import Told


@dataclass(frozen=True, slots=True)
class Node:
    """One event and what is under it."""

    told: Told
    under: tuple["Node", ...] = ()
    above: tuple[str, datetime] | None = None  # kind and time of the event that it belongs to


def nodes(
    told: Sequence[Told],
    tops: Collection[UUID],
    above: Mapping[UUID, tuple[str, datetime]] | None = None,
) -> tuple[Node, ...]:
    """Return the events that stand on top, each with those under it.

    Args:
        told: all, in the order in which they are shown.
        tops: ids of those on top.
        above: what the ones on top belong to, by its id.
    """
    children: dict[UUID, list[Told]] = {}
    for one in told:
        if one.parent and one.interaction_id not in tops:
            children.setdefault(one.parent, []).append(one)

    def node(one: Told) -> Node:
        below = tuple(node(child) for child in children.get(one.interaction_id, ()))
        return Node(one, below, (above or {}).get(one.parent) if one.parent else None)

    return tuple(node(one) for one in told if one.interaction_id in tops)
