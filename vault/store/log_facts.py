"""Write the facts of entries as text, for the time that they wait in the outbox.

Source: access-log note, 3.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError
from vault.store.leaf import Fact

_MEMBERS = tuple(one.name for one in fields(Fact))


def dumps(facts: Sequence[Fact | None]) -> str:
    """Write the facts of a record's entries, in order."""
    return canonical.dumps([fact and _said(fact) for fact in facts]).decode()


def loads(text: str) -> tuple[Fact | None, ...]:
    """Read what `dumps` wrote.

    Raises:
        FormatError: it is something else.
    """
    try:
        said = canonical.loads(text.encode())
        return tuple(None if one is None else _read(**one) for one in said)
    except (CanonicalError, TypeError, ValueError):
        raise FormatError from None


def _said(fact: Fact) -> dict[str, object]:
    said = {name: getattr(fact, name) for name in _MEMBERS}
    return said | {"salt": fact.salt.hex()}


def _read(*, salt: str, clauses: list[str], **members: Any) -> Fact:  # noqa: ANN401  JSON
    return Fact(salt=bytes.fromhex(salt), clauses=tuple(clauses), **members)
