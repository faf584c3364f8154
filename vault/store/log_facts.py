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
_MARK, _DIGITS = f'"{_SALT}":"', 32  # in a text, a quotation mark would have a backslash before it


def dumps(facts: Sequence[Fact | None]) -> str:
    """Write the facts of a record's entries, in order."""
    return f"[{','.join([_said(fact) for fact in facts])}]"


def loads(text: str) -> tuple[Fact | None, ...]:
    """Read what `dumps` wrote.

    Raises:
        FormatError: it is something else.
    """
    try:
        before, marked, rest = text.partition(_MARK)
        alone = marked and _MARK not in rest and _members(before, rest[_DIGITS:])
        if not alone:  # of a batch, or of the system
            return _all(text)
        return (Fact(bytes.fromhex(rest[:_DIGITS]), *alone),)
    except (CanonicalError, TypeError, ValueError):
        raise FormatError from None


def _all(text: str) -> tuple[Fact | None, ...]:
    said = canonical.loads(text.encode())
    return tuple([None if one is None else _read(**one) for one in said])


@lru_cache(maxsize=4096)
def _members(before: str, behind: str) -> tuple[Any, ...] | None:
    """Read the facts of a lone entry but for their salt: what many looks of an app share, once."""
    facts = _all(f"{before}{_MARK}{'0' * _DIGITS}{behind}")
    if len(facts) != 1 or facts[0] is None or facts[0].salt != bytes(_DIGITS // 2):
        return None
    return facts[0][1:]


def _said(fact: Fact | None) -> str:
    if fact is None:
        return "null"
    return _form(fact[1:]).fill({_SALT: canonical.text(fact.salt.hex())}).decode()


@lru_cache(maxsize=4096)
def _form(members: tuple[object, ...]) -> Form:
    return Form(dict(zip(_MEMBERS, members, strict=True)), (_SALT,))


def _read(*, salt: str, clauses: list[str], **members: Any) -> Fact:  # noqa: ANN401  JSON
    return Fact(salt=bytes.fromhex(salt), clauses=tuple(clauses), **members)
