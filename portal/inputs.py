"""Make the one input that fits a field, and read back what was typed in it.

The code of ethics says the type; what a value may be is for `policies.values`. What was typed comes
back as it was when it is refused, with what to write instead.
Source: portal note, 11 (1.3.5, 3.3.1, 3.3.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.model import Field, FieldType
from policies.values import Refusal, Value, ValueRefused, check_value, from_text
from portal.forms import Form
from portal.language import N_, translate

NAME: Final = "value"  # of the input, whatever the field
_SHAPES: Final[Mapping[FieldType, str]] = {
    FieldType.ADDRESS: "lines",
    FieldType.CHOICE: "one",
    FieldType.FLAG: "one",
    FieldType.LIST: "many",
}
_TYPES: Final[Mapping[FieldType, str]] = {
    FieldType.DATE: "date",
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
}
_MODES: Final[Mapping[FieldType, str]] = {
    FieldType.NUMBER: "numeric",
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
}
# WCAG 1.3.5, by the category of the code of ethics: the browser may fill in the person's own data.
_TOKENS: Final[Mapping[str, str]] = {
    "Name": "name",
    "EmailAddress": "email",
    "TelephoneNumber": "tel",
    "PhysicalAddress": "street-address",
    "PostalCode": "postal-code",
    "BirthDate": "bday",
    "Username": "username",
}
_WRONG: Final = {
    Refusal.WRONG_TYPE: N_("This is not what the detail can be. Choose or write it again."),
    Refusal.EMPTY: N_("Write something here, or leave this page as it is."),
    Refusal.TOO_LONG: N_("This is too long. Write it shorter."),
    Refusal.CONTROL_CHARACTER: N_("There is an invisible sign in it. Type it by hand."),
    Refusal.NOT_AN_EMAIL: N_("Write the address with an @, such as name@example.org."),
    Refusal.NOT_A_PHONE: N_("Write the number with digits, such as +353 1 234 5678."),
    Refusal.NOT_A_CARD: N_("Write the letters and digits that stand on the card."),
    Refusal.NOT_A_DATE: N_("Write a date of the calendar: year, month, day, such as 1980-02-29."),
    Refusal.NOT_A_CHOICE: N_("Choose one of the list."),
    Refusal.NOT_A_NUMBER: N_("Write a whole number in digits, such as 12."),
    Refusal.NOT_YES_OR_NO: N_("Choose yes or no."),
    Refusal.TWICE: N_("The same stands there twice. Leave one out."),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that may be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """The input of one field, filled. No length: browsers count other units than the code does."""

    shape: str  # line, lines, one, many
    type: str
    value: str
    options: tuple[Option, ...]
    complete: str
    mode: str


def of(field: Field, lang: str, given: Sequence[str]) -> Input:
    """Return the input of a field, filled with texts: what is stored, or what was typed."""
    return Input(
        shape=_shape(field),
        type=_TYPES.get(field.type, "text"),
        value="\n".join(given),
        options=_options(field, lang, given),
        complete=_TOKENS.get(field.category, "off"),
        mode=_MODES.get(field.type, "text"),
    )


def texts(value: object) -> tuple[str, ...]:
    """Return a stored value as its input holds it; None is an empty one."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (str(value),)


def typed(form: Form) -> tuple[str, ...]:
    """Return what was typed or chosen; a browser's line ends become ours."""
    return tuple(one.replace("\r\n", "\n") for one in form.many(NAME))


def read(field: Field, given: Sequence[str]) -> Value:
    """Return the value that was typed.

    Raises:
        ValueRefused: for a wrong form or size, or nothing at all.
    """
    if field.type is FieldType.LIST:
        items = [line.strip() for one in given for line in one.split("\n")]
        return check_value(field, [item for item in items if item])
    if not given or not given[-1].strip():
        raise ValueRefused(Refusal.EMPTY)
    if len(given) > 1:
        raise ValueRefused(Refusal.WRONG_TYPE)
    return from_text(field, given[0])


def wrong(refusal: Refusal, lang: str) -> str:
    """Return what to write instead."""
    return translate(lang, _WRONG[refusal])


def _shape(field: Field) -> str:
    if field.type is FieldType.LIST and not field.choices:
        return "lines"
    return _SHAPES.get(field.type, "line")


def _options(field: Field, lang: str, given: Sequence[str]) -> tuple[Option, ...]:
    if field.type is FieldType.FLAG:
        pairs = [("yes", translate(lang, N_("Yes"))), ("no", translate(lang, N_("No")))]
    else:
        pairs = [(one.id, one.label.get(lang)) for one in field.choices]
    return tuple(Option(value, label, value in given) for value, label in pairs)
