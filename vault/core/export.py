"""Say what a customer can take along: its parts, its forms, its bounds, and what is portable.

A pure description: it knows the code of ethics and no customer. What stands in a package is made
from records, one dict for each line, in the shape that `vault/core/export_schema.py` publishes.
Source: GDPR 15 and 20; docs/export.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from policies.model import Basis, Purpose, Source

VERSION: Final = 1  # of the schema: a change of meaning gets a new one, members are only added
LIFE: Final = timedelta(days=7)
MOST_BYTES: Final = 64 * 1024 * 1024  # of one package
MOST_RECORDS: Final = 20_000  # of one part; more come in a second package of another period


class Part(StrEnum):
    """What can be taken along, in the order of a package."""

    PROFILE = "profile"
    EVENTS = "events"
    CONSENTS = "consents"
    TERMS = "terms"
    WHO_LOOKED = "who_looked"


class Form(StrEnum):
    """What a package is read with."""

    HTML = "html"  # a browser; one file to read and to print
    JSON = "json"  # a program: the true copy
    CSV = "csv"  # a spreadsheet; a zip of one file a part


SUFFIXES: Final = {Form.HTML: "html", Form.JSON: "json", Form.CSV: "zip"}
MEDIA_TYPES: Final = {
    Form.HTML: "text/html; charset=utf-8",
    Form.JSON: "application/json",
    Form.CSV: "application/zip",
}
# How a file of each form begins: a row that was edited makes no page of what is none.
STARTS: Final = {Form.HTML: b"<!doctype html>", Form.JSON: b'{"schema":', Form.CSV: b"PK\x03\x04"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer orders; the period is for parts that have one: events and who looked."""

    parts: tuple[Part, ...]
    form: Form
    since: datetime | None = None  # None: from the beginning
    until: datetime | None = None  # exclusive; None: to the end
    lang: str = "en"  # BCP 47

    def covers(self, at: datetime) -> bool:
        """Say whether a moment lies in the period."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Cut:
    """That a part holds less than was asked for."""

    part: Part
    records: int  # those that are there, the newest
    oldest: str | None  # time of the last of them


def is_portable(source: Source, purposes: Iterable[Purpose]) -> bool:
    """Say whether the right to take data to another business covers a value.

    It covers what the person provided, told or observed, and what is used by consent or contract.
    Source: GDPR 20(1); WP 242 rev.01, II.
    """
    provided = source in {Source.TOLD, Source.OBSERVED}
    return provided and any(one.basis in {Basis.CONSENT, Basis.CONTRACT} for one in purposes)


def dump_parts(parts: Iterable[Part]) -> str:
    """Return parts as the store keeps them.

    >>> dump_parts([Part.TERMS, Part.PROFILE])
    'profile terms'
    """
    wanted = frozenset(parts)
    return " ".join(one.value for one in Part if one in wanted)


def load_parts(text: str) -> tuple[Part, ...]:
    """Read parts.

    >>> load_parts("profile terms")
    (<Part.PROFILE: 'profile'>, <Part.TERMS: 'terms'>)
    """
    return tuple(Part(name) for name in text.split())
