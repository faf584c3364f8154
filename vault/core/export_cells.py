"""Write records of a package as rows of text: for spreadsheets, and for the page to read.

A spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe in front;
the README of a package says so. The true copy is the one in JSON, where nothing is added.
Source: security note, 11; RFC 4180.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from vault.core.export import Part
from vault.core.export_words import say
from vault.core.notice_words import say_duration

Record = Mapping[str, Any]
Writer = Callable[[Record, str], str]  # of a cell: a record in a language

# What a spreadsheet takes for the beginning of a formula, with the full-width forms.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MARK: Final = "'"
START: Final = "\ufeff"  # a spreadsheet knows UTF-8 by it
END: Final = "\r\n"

_YES: Final = {True: "yes", False: "no"}
_SOURCES: Final = {
    "told": "you told us",
    "observed": "we observed it",
    "inferred": "we inferred it",
    "third-party": "somebody else told us",
}
_FOLLOWED: Final = {
    "open": "we have to see to it",
    "offered": "we say that it is settled, and you may say yes or no",
    "settled": "you said that it is settled",
}
DAMAGED: Final = "This did not pass its check and was not opened."


def columns(part: Part, lang: str) -> tuple[str, ...]:
    """Return the headings of a part's table."""
    return tuple(say(lang, heading) for heading, _ in _COLUMNS[part])


def cells(part: Part, record: Record, lang: str) -> tuple[str, ...]:
    """Return a record as the cells of a row, in the order of `columns`."""
    return tuple(write(record, lang) for _, write in _COLUMNS[part])


def line(row: Iterable[str]) -> str:
    """Return a row of CSV: every cell quoted, none that a spreadsheet would run.

    >>> print(line(["=1+1", "12 inch", "plain"]), end="")
    "'=1+1","12 inch","plain"
    """
    return ",".join(f'"{_harmless(cell).replace(chr(34), chr(34) * 2)}"' for cell in row) + END


def text(value: object, lang: str) -> str:
    """Return a JSON value as people read it: a line for each member, nothing of its brackets."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return say(lang, _YES[value])
    if isinstance(value, dict):
        return "\n".join(f"{name}: {_inline(item, lang)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_inline(item, lang) for item in value)
    return str(value)


def _inline(value: object, lang: str) -> str:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False)
    return text(value, lang)


def _harmless(cell: str) -> str:
    return MARK + cell if cell.startswith(FORMULA) else cell


def _names(list_: str, name: str) -> Writer:
    return lambda record, _: "; ".join(str(one[name]) for one in record[list_])


def _value(record: Record, lang: str) -> str:
    return say(lang, DAMAGED) if record["damaged"] else str(record["text"])


def _content(record: Record, lang: str) -> str:
    return say(lang, DAMAGED) if record["damaged"] else text(record["content"], lang)


def _source(record: Record, lang: str) -> str:
    words = _SOURCES.get(record["source"] or "", "")
    return say(lang, words) if words else ""


def _followed(record: Record, lang: str) -> str:
    one = record["follow_up"]
    if one is None:
        return ""
    return say(lang, DAMAGED if one["damaged"] else _FOLLOWED[one["state"]])


def _lasting(record: Record, lang: str) -> str:
    return say_duration(lang, record["retention"])


def _withheld(record: Record, _: str) -> str:
    return "; ".join(f"{one['field']} ({one['reason']})" for one in record["withheld"])


def _at(name: str) -> Writer:
    """Write a time to the second, as spreadsheets read it; the zone stands in the README."""
    return lambda record, _: (record[name] or "")[:19].replace("T", " ")


def _of(name: str) -> Writer:
    return lambda record, lang: text(record[name], lang)


def _word(name: str) -> Writer:
    """Write a member that is one of a few English words."""
    return lambda record, lang: say(lang, record[name])


_COLUMNS: Final[Mapping[Part, tuple[tuple[str, Writer], ...]]] = {
    Part.PROFILE: (
        ("Detail", _of("label")),
        ("What we hold", _value),
        ("How we know", _source),
        ("Since", _at("since")),
        ("You said it is wrong", _at("disputed")),
        ("You said it is right", _at("verified")),
        ("Why we keep it", _of("why")),
        ("Used for", _names("purposes", "label")),
        ("Who may read it", _names("readers", "name")),
        ("Kept for", _lasting),
        ("Can be taken to another business", _of("portable")),
        ("Name in the code of ethics", _of("field")),
    ),
    Part.EVENTS: (
        ("When", _at("at")),
        ("What", _of("label")),
        ("By which way", _of("channel")),
        ("What was said or done", _content),
        ("Who", _of("who")),
        ("What came of it", _of("outcome")),
        ("Attached files (in the package as JSON)", _names("attachments", "name")),
        ("What follows it", _followed),
        ("How we know", _source),
        ("Noted by", _of("app")),
        ("Noted for", _of("purpose")),
        ("Can be taken to another business", _of("portable")),
        ("Number", _of("id")),
        ("Belongs to", _of("parent")),
    ),
    Part.CONSENTS: (
        ("When", _at("at")),
        ("What for", _of("label")),
        ("Decision", _word("state")),
        ("Details", _of("fields")),
        ("Until", _at("until")),
        ("Receipt", _of("receipt_id")),
        ("What was shown (SHA-256)", _of("notice")),
        ("Code of ethics (SHA-256)", _of("code")),
    ),
    Part.TERMS: (("Term", _of("label")), ("Set to", _of("value")), ("Name", _of("term"))),
    Part.WHO_LOOKED: (
        ("When", _at("logtime")),
        ("Who", _of("receiver")),
        ("What", _of("action")),
        ("Outcome", _word("decision")),
        ("What for", _of("purpose")),
        ("Details", _of("fields")),
        ("Refused", _withheld),
        ("Told on", _at("opens")),
        ("Case", _of("case")),
        ("Reference", _of("request")),
        ("Number in the log", lambda record, _: str(record["log"]["position"])),
    ),
}
