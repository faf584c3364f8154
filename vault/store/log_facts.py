"""Write the facts of entries as text, for the time that they wait in the outbox.

Source: access-log note, 3.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from vault.core import canonical
from vault.core.canonical import Form
from vault.core.errors import CanonicalError, FormatError
from vault.store.leaf import Fact

_SALT, *_MEMBERS = Fact._fields  # the salt alone differs from one look of an app to the next


def dumps(facts: Sequence[Fact | None]) -> str:
    """Write the facts of a record's entries, in order."""
    return f"[{','.join([_said(fact) for fact in facts])}]"


def loads(text: str) -> tuple[Fact | None, ...]:
    """Read what `dumps` wrote.

    Raises:
        FormatError: it is something else.
    """
    try:
        said = canonical.loads(text.encode())
        return tuple([None if one is None else _read(**one) for one in said])
    except (CanonicalError, TypeError, ValueError):
        raise FormatError from None


def _said(fact: Fact | None) -> str:
    if fact is None:
        return "null"
    return _form(fact[1:]).fill({_SALT: canonical.text(fact.salt.hex())}).decode()


@lru_cache(maxsize=4096)
def _form(members: tuple[object, ...]) -> Form:
    return Form(dict(zip(_MEMBERS, members, strict=True)), (_SALT,))


def _read(*, salt: str, clauses: list[str], **members: Any) -> Fact:  # noqa: ANN401  JSON
    return Fact(salt=bytes.fromhex(salt), clauses=tuple(clauses), **members)
