"""Write and read what only subtracts: a customer's standing terms and objections.

The text is what the MAC of the standing row covers. A text that is not exactly what is written
here is broken, and a broken standing row denies everything: a term that cannot be read must not
be a term that is not kept.
Source: consent-standards note, 6; crypto note, 8.
"""

from dataclasses import fields

from policies.situation import Terms
from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError

RESTRICTED = 1  # bit of the standing row's flags; the others must be zero
DAY = 86_400_000  # ms
NO_TERMS = "{}"
NO_OBJECTIONS = "[]"

_TYPES = {one.name: type(one.default) for one in fields(Terms)}  # bool, int, str or frozenset


def dump_terms(terms: Terms) -> str:
    """Return the terms as canonical JSON; what forbids nothing is left out.

    >>> dump_terms(Terms(paused=True, never_apps=frozenset({"shop", "crm"})))
    '{"never_apps":["crm","shop"],"paused":true}'
    """
    members: dict[str, object] = {}
    for name, kind in _TYPES.items():
        value = getattr(terms, name)
        if value:
            members[name] = sorted(value) if kind is frozenset else value
    return canonical.dumps(members).decode()


def load_terms(text: str) -> Terms:
    """Read terms.

    Raises:
        FormatError: for anything that `dump_terms` does not write.
    """
    members = _object(text)
    read: dict[str, object] = {
        name: _member(_TYPES[name], value) for name, value in members.items() if name in _TYPES
    }
    terms = Terms(**read)  # type: ignore[arg-type]  # by name; the comparison checks the values
    if dump_terms(terms) != text:  # unknown members, `false` and empty lists fail here
        raise FormatError
    return terms


def lapse(until_ms: int, from_ms: int, terms: Terms) -> int:
    """Return when a consent ends under the customer's own term: unix ms, exclusive.

    >>> lapse(10 * DAY, 0, Terms(lapse_days=3)) == 3 * DAY
    True
    """
    return min(until_ms, from_ms + terms.lapse_days * DAY) if terms.lapse_days else until_ms


def dump_names(names: frozenset[str]) -> str:
    """Return a set of names as canonical JSON, sorted.

    >>> dump_names(frozenset({"b", "a"}))
    '["a","b"]'
    """
    return canonical.dumps(sorted(names)).decode()


def load_names(text: str) -> frozenset[str]:
    """Read a set of names.

    Raises:
        FormatError: for anything that `dump_names` does not write.
    """
    names = frozenset(_names(_json(text)))
    if dump_names(names) != text:
        raise FormatError
    return names


def _member(kind: type, value: object) -> object:
    if kind is frozenset:
        return frozenset(_names(value))
    if type(value) is not kind:
        raise FormatError
    return value


def _names(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise FormatError
    return value


def _object(text: str) -> dict[str, object]:
    value = _json(text)
    if not isinstance(value, dict):
        raise FormatError
    return value


def _json(text: str) -> object:
    try:
        value: object = canonical.loads(text.encode())
    except (UnicodeEncodeError, CanonicalError):
        raise FormatError from None
    return value
