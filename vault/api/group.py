"""Let one word stand for all of a group that a token covers: `preferences.*`.

So a till asks for all small preferences and need not learn each new one; what the token does not
cover is no part of it.
Source: docs/api.md, at the till.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

ALL: Final = ".*"


def is_group(names: Sequence[str]) -> bool:
    """Say whether one of these names stands for a group."""
    return any(name[-1] == "*" for name in names)


@lru_cache(maxsize=256)  # apps ask for the same again and again
def spread(names: tuple[str, ...], covered: tuple[str, ...]) -> tuple[str, ...]:
    """Put what is covered of a group in the place of `group.*`, each name once.

    A group of which nothing is covered leaves nothing at all: the call is refused as a whole, as
    for a name outside of the token.

    >>> spread(("a.x", "b.*"), ("a.x", "b.y", "b.z"))
    ('a.x', 'b.y', 'b.z')
    >>> spread(("a.x", "c.*"), ("a.x", "b.y", "b.z"))
    ()
    """
    found: list[str] = []
    for name in names:
        if not name.endswith(ALL):
            found.append(name)
            continue
        group = [one for one in covered if one.startswith(name[: -len(ALL) + 1])]
        if not group:
            return ()
        found += group
    return tuple(dict.fromkeys(found))
