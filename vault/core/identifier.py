"""Bring an identifier to the one form in which it is looked up.

A normaliser is numbered code and stays as it is for ever: an index made by it is found by nothing
else, so a better one gets a new number. The form serves the blind index alone; what a person typed
is kept beside it, as typed, and is what a person is shown.

    1  e-mail    NFC, trimmed, domain to its A-label by IDNA 2008, lower case; no plus or dot tricks
    2  phone     E.164; a number without a country is read in the region of the publisher
    3  card      no separators, upper case, check digit
    4  external  trimmed, NFC

Source: crypto note, 6; RFC 5321; RFC 5890; ITU-T E.164; ISO/IEC 7812-1 (Luhn).
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from policies.names import Identifier
from vault.core.errors import WrongValueError

MAX_EMAIL = 254  # characters, RFC 5321
MAX_PHONE = 64  # characters as typed
MAX_CARD = 64  # characters as typed
MAX_EXTERNAL = 256  # characters

_NUMBERS = {
    Identifier.EMAIL: 1,
    Identifier.PHONE: 2,
    Identifier.CARD: 3,
    Identifier.EXTERNAL: 4,
}
_LOCAL = re.compile(r"(?=.{1,64}$)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*")
_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")
_CARD = re.compile(r"[0-9A-Z]{4,32}")


def normaliser_of(kind: Identifier) -> int:
    """Return the number of the normaliser, which the index and its rows carry."""
    return _NUMBERS[kind]


def normalise(kind: Identifier, text: str, *, region: str) -> str:
    """Return the form in which an identifier is looked up; normalising it again changes nothing.

    Args:
        kind: which identifier it is.
        text: as a person typed it.
        region: ISO 3166 code of the publisher's country, for phone numbers without one.

    Raises:
        WrongValueError: the text is no such identifier.

    >>> normalise(Identifier.EMAIL, " Ana@Example.ORG ", region="IE")
    'ana@example.org'
    >>> normalise(Identifier.PHONE, "01 234 5678", region="IE")
    '+35312345678'
    """
    return _NORMALISERS[kind](text, region)


def _email(text: str, _: str) -> str:
    trimmed = _trimmed(text, MAX_EMAIL)
    local, _, domain = trimmed.rpartition("@")
    if _LOCAL.fullmatch(local) and (known := _domain(domain)):
        # Nothing to judge about such a name; mailboxes are many and their domains few.
        if len(local) + len(known) < MAX_EMAIL:
            return f"{local}@{known}".lower()
        raise WrongValueError
    try:
        # Deliverability would be a question to the network; syntax and IDNA alone are looked at.
        found = validate_email(trimmed, check_deliverability=False)
    except EmailNotValidError:
        raise WrongValueError from None
    # Lower case and not case folding, which would make one mailbox of "ß" and "ss": a code to sign
    # in would then go to somebody else.
    return f"{trimmed.rpartition('@')[0]}@{found.ascii_domain}".lower()


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str | None:
    """Return the A-label form of a domain that can have mailboxes; None for any other text."""
    try:
        return validate_email(f"a@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        return None


def _phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(_trimmed(text, MAX_PHONE), region)
    except phonenumbers.NumberParseException:
        raise WrongValueError from None
    # E.164 has no extensions: all the people behind one switchboard would be one customer.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise WrongValueError
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _card(text: str, _: str) -> str:
    card = _SEPARATORS.sub("", _trimmed(text, MAX_CARD)).upper()
    if not _CARD.fullmatch(card) or not _luhn(card):
        raise WrongValueError
    return card


def _external(text: str, _: str) -> str:
    return _trimmed(text, MAX_EXTERNAL)


def _trimmed(text: str, limit: int) -> str:
    trimmed = unicodedata.normalize("NFC", text).strip()
    if not 0 < len(trimmed) <= limit:
        raise WrongValueError
    if not trimmed.isprintable() and any(
        unicodedata.category(char) in {"Cc", "Cs"} for char in trimmed
    ):
        raise WrongValueError
    return trimmed


def _luhn(card: str) -> bool:
    """Check the last digit; a letter counts as two digits, A is 10, as in ISO 6166."""
    digits = "".join(str(int(char, 36)) for char in card)
    total = sum(int(digit) for digit in digits[-1::-2])
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return total % 10 == 0


_NORMALISERS: dict[Identifier, Callable[[str, str], str]] = {
    Identifier.EMAIL: _email,
    Identifier.PHONE: _phone,
    Identifier.CARD: _card,
    Identifier.EXTERNAL: _external,
}
