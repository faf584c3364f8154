"""Make the small nodes that every part of a code's linked data is built of."""

from collections.abc import Iterable

from policies.document import Texts
from policies.vocabulary import dpv_iri

Node = dict[str, object]


def texts(said: Texts) -> Node:
    """Return one text in its languages."""
    return dict(said.entries)


def ref(iri: str) -> Node:
    """Return a reference to a node."""
    return {"@id": iri}


def refs(here: str, names: Iterable[str]) -> list[Node]:
    """Return references to what the code names."""
    return [ref(f"{here}#{name}") for name in names]


def storage(duration: str) -> Node:
    """Return for how long something is kept."""
    return {"@type": dpv_iri("StorageDuration"), "duration": duration}
