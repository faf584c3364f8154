"""Name the coarse scopes of a token and say which of them concern customers' data.

A scope opens a part of the API; what may be seen there is said by authorization details alone, so a
scope on customers' data without details is refused: no token means "the whole profile".
Source: docs/oauth.md, scopes.
"""

from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a registration may name."""

    PROFILE_READ = "profile.read"
    PROFILE_LIST = "profile.list"
    PROFILE_WRITE = "profile.write"
    CUSTOMERS_RESOLVE = "customers.resolve"
    INTERACTIONS_READ = "interactions.read"
    INTERACTIONS_APPEND = "interactions.append"
    CONSENTS_READ = "consents.read"
    EVENTS_READ = "events.read"
    GRANT_QUERY = "grant_management_query"
    GRANT_REVOKE = "grant_management_revoke"
    OFFLINE_ACCESS = "offline_access"


# What the API answers; a token for a scope that opens nothing would only mislead its holder.
LIVE: Final = frozenset(
    {
        Scope.PROFILE_READ,
        Scope.PROFILE_LIST,
        Scope.PROFILE_WRITE,
        Scope.CUSTOMERS_RESOLVE,
        Scope.INTERACTIONS_READ,
        Scope.INTERACTIONS_APPEND,
        Scope.CONSENTS_READ,
    }
)
ON_CUSTOMERS: Final = LIVE


def parse(text: str) -> frozenset[Scope] | None:
    """Return the scopes of a space-separated list; None for unknown, doubled or no names.

    >>> sorted(parse("profile.read consents.read"))
    [<Scope.CONSENTS_READ: 'consents.read'>, <Scope.PROFILE_READ: 'profile.read'>]
    """
    names = text.split(" ")
    if len(set(names)) != len(names) or not set(names) <= set(Scope):
        return None
    return frozenset(Scope(name) for name in names)


def render(scopes: frozenset[Scope]) -> str:
    """Return the list as it stands in tokens and answers: sorted, by single spaces."""
    return " ".join(sorted(scopes))
