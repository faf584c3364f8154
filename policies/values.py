"""Check a value against its field: type, form and size, and never more than that.

What a person typed comes back exactly: names in any script, of one letter or two hundred, with
apostrophes, hyphens and joiners, are neither normalised nor trimmed. Refused are only control
characters, lone surrogates, nothing at all, and more than 8 KB. An e-mail address or a number is
looked at just closely enough to find a slip; finding a customer by it is `vault/core/identifier`.
Source: DESIGN 11 (promise 8); security note, 6 (field value 8 KB).
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from policies.document import Field
from policies.names import FieldType

MAX_BYTES = 8_192  # of a value in UTF-8
MAX_ITEMS = 50  # of a list
MAX_INTEGER = 2**53 - 1  # the largest that every JSON reader keeps exact
MAX_EMAIL = 254  # characters, RFC 5321

Value = str | int | bool | list[str]

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_PHONE = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})


class Refusal(StrEnum):
    """Why a value is refused."""

    WRONG_TYPE = "wrong-type"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    CONTROL_CHARACTER = "control-character"
    NOT_AN_EMAIL = "not-an-email"
    NOT_A_PHONE = "not-a-phone"
    NOT_A_CARD = "not-a-card"
    NOT_A_DATE = "not-a-date"
    NOT_A_CHOICE = "not-a-choice"
    NOT_A_NUMBER = "not-a-number"
    NOT_YES_OR_NO = "not-yes-or-no"
    TWICE = "twice"


class ValueRefused(Exception):
    """A value that its field does not take; it names the reason and never holds the value."""

    def __init__(self, reason: Refusal) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(reason.value)


def check_value(field: Field, value: object) -> Value:
    """Return the value as it is kept; texts are kept exactly as they came.

    Raises:
        ValueRefused: for a wrong type, form or size.
    """
    return _CHECKS[field.type](field, value)


def from_text(field: Field, text: str) -> Value:
    """Return the value that a person, a form or a table's cell wrote as text.

    A list is written with semicolons; yes and no also as true, false, 1 and 0.

    Raises:
        ValueRefused: for a wrong form or size.
    """
    if field.type is FieldType.NUMBER:
        # Digits are bounded before they are read: reading very many takes long.
        if not _NUMBER.fullmatch(text.strip()):
            raise ValueRefused(Refusal.NOT_A_NUMBER)
        return check_value(field, int(text.strip()))
    if field.type is FieldType.FLAG:
        word = text.strip().lower()
        if word not in _YES | _NO:
            raise ValueRefused(Refusal.NOT_YES_OR_NO)
        return word in _YES
    if field.type is FieldType.LIST:
        return check_value(field, [part.strip() for part in text.split(";") if part.strip()])
    return check_value(field, text)


def _text(value: object, *, limit: int = MAX_BYTES, lines: bool = False) -> str:
    if not isinstance(value, str):
        raise ValueRefused(Refusal.WRONG_TYPE)
    # Characters are counted first, so that nothing large is walked through.
    if len(value) > limit:
        raise ValueRefused(Refusal.TOO_LONG)
    for char in "" if value.isprintable() else value:  # what is printable is neither of these
        category = unicodedata.category(char)
        if category == "Cs" or (category == "Cc" and not (lines and char in "\r\n")):
            raise ValueRefused(Refusal.CONTROL_CHARACTER)
    if len(value.encode()) > MAX_BYTES:
        raise ValueRefused(Refusal.TOO_LONG)
    if not value.strip():
        raise ValueRefused(Refusal.EMPTY)
    return value


def _plain(field: Field, value: object) -> str:
    return _text(value, limit=field.max_length or MAX_BYTES)


def _address(field: Field, value: object) -> str:
    return _text(value, limit=field.max_length or MAX_BYTES, lines=True)


def _email(_: Field, value: object) -> str:
    text = _text(value, limit=MAX_EMAIL)
    if not _EMAIL.fullmatch(text.strip()):
        raise ValueRefused(Refusal.NOT_AN_EMAIL)
    return text


def _phone(_: Field, value: object) -> str:
    text = _text(value, limit=40)
    digits = sum(char.isdecimal() for char in text)
    if not (_PHONE.fullmatch(text.strip()) and 3 <= digits <= 20):
        raise ValueRefused(Refusal.NOT_A_PHONE)
    return text


def _card(_: Field, value: object) -> str:
    text = _text(value, limit=64)
    if not all(char.isascii() and (char.isalnum() or char in " -") for char in text):
        raise ValueRefused(Refusal.NOT_A_CARD)
    return text


def _date(_: Field, value: object) -> str:
    text = _text(value, limit=10)
    try:
        date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise ValueRefused(Refusal.NOT_A_DATE) from None
    return text


def _choice(field: Field, value: object) -> str:
    text = _text(value)
    if text not in {choice.id for choice in field.choices}:
        raise ValueRefused(Refusal.NOT_A_CHOICE)
    return text


def _flag(_: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueRefused(Refusal.WRONG_TYPE)
    return value


def _number(_: Field, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueRefused(Refusal.WRONG_TYPE)
    if abs(value) > MAX_INTEGER:
        raise ValueRefused(Refusal.NOT_A_NUMBER)
    return value


def _list(field: Field, value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueRefused(Refusal.WRONG_TYPE)
    if not value:
        raise ValueRefused(Refusal.EMPTY)
    if len(value) > MAX_ITEMS:
        raise ValueRefused(Refusal.TOO_LONG)
    items = [_choice(field, item) if field.choices else _text(item) for item in value]
    if len(set(items)) != len(items):
        raise ValueRefused(Refusal.TWICE)
    if sum(len(item.encode()) for item in items) > MAX_BYTES:
        raise ValueRefused(Refusal.TOO_LONG)
    return items


_CHECKS: dict[FieldType, Callable[[Field, object], Value]] = {
    FieldType.TEXT: _plain,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.CARD: _card,
    FieldType.DATE: _date,
    FieldType.ADDRESS: _address,
    FieldType.CHOICE: _choice,
    FieldType.FLAG: _flag,
    FieldType.NUMBER: _number,
    FieldType.LIST: _list,
}
