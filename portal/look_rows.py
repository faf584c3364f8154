"""Write lines of "who looked" for machines: the members of `/me/usage.json`, and a table.

The members begin with those of Estonia's data tracker (`logtime`, `action`, `receiver`); ours are
added. A cell of the table never begins with what a spreadsheet takes for a formula.
Source: consent-standards note, 7; docs/formats.md, lines of "who looked".
"""

import base64
import csv
import io
from collections.abc import Sequence
from datetime import UTC
from typing import Final

from portal import looks, reasons
from portal.language import N_, translate
from portal.looks import Names
from portal.words import of_ms
from vault.core.entry import Kind
from vault.core.look import STAFF, Line, known_of, outcomes
from vault.core.place import position

COLUMNS: Final = (
    "logtime",
    "action",
    "receiver",
    "decision",
    "purpose",
    "basis",
    "clause",
    "fields",
    "withheld",
    "case",
    "staff",
    "request",
    "opens",
    "position",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_ACTIONS: Final = {
    Kind.READ: N_("read"),
    Kind.WRITTEN: N_("written"),
    Kind.DENIED: N_("refused"),
    Kind.OWN_LOOK: N_("looked at by yourself"),
    Kind.STAFF_LOOK: N_("looked at by staff"),
    Kind.EXPORT: N_("exported"),
    Kind.RESOLVE: N_("looked up"),
    Kind.MARKED: N_("marked"),
    Kind.MAY_REACH: N_("asked whether you may be reached"),
    Kind.GIVEN: N_("consent given"),
    Kind.REFUSED: N_("consent refused"),
    Kind.WITHDRAWN: N_("consent ended"),
    Kind.TERMS: N_("terms changed"),
    Kind.OBJECTED: N_("objected"),
    Kind.RESTRICTED: N_("restricted"),
    Kind.LIFTED: N_("restriction lifted"),
    Kind.ERASED: N_("erased"),
    Kind.HELD: N_("legal hold set"),
    Kind.RELEASED: N_("legal hold lifted"),
}


def members(line: Line, names: Names, *, issuer: str) -> dict[str, object]:
    """Return one line as JSON has it."""
    labels = names.of(line)
    clause = looks.clause(line, names)
    purpose = labels.rulebook.purposes.get(line.purpose) if line.purpose else None
    return {
        "logtime": _time(line.at),
        "action": _action(line, labels.lang),
        "receiver": looks.who(line, labels),
        "decision": _decision(line),
        "kind": line.kind.name.lower().replace("_", "-") if line.kind else None,
        "purpose": line.purpose,
        "purpose_label": labels.purpose(line.purpose) if line.purpose else None,
        "basis": purpose.basis.value if purpose else None,
        "clause": f"{issuer}{clause.href}" if clause else None,
        "fields": [name for name, _ in line.allowed],
        "withheld": [
            {"field": name, "reason": reason, "sentence": reasons.sentence(reason, labels.lang)}
            for name, reason in line.withheld
        ],
        "app": line.app,
        "staff": line.actor.removeprefix(STAFF) if line.actor.startswith(STAFF) else None,
        "case": line.case,
        "request": line.request,
        "code": line.code or None,
        "opens": _time(line.opens),
        "log": position(issuer, line.place) | {"hash": _hash(line.leaf)},
    }


def table(lines: Sequence[Line], names: Names, *, issuer: str) -> bytes:
    """Return lines as CSV: UTF-8 with a byte order mark, as spreadsheets want it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        said = members(line, names, issuer=issuer)
        said["fields"] = "; ".join(names.of(line).of(name) for name, _ in line.allowed)
        said["withheld"] = "; ".join(
            f"{', '.join(one.fields)}: {one.why}" for one in looks.refusals(line, names.of(line))
        )
        said["purpose"] = said["purpose_label"]
        said["position"] = line.place
        writer.writerow([_cell(said[name]) for name in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # An apostrophe makes a spreadsheet show the text instead of working it out.
    return f"'{text}" if text.startswith(_FORMULA) else text


def _action(line: Line, lang: str) -> str:
    if line.opens is not None:
        return translate(lang, N_("sealed"))
    if line.kind is None:
        return translate(lang, N_("cannot be read"))
    return translate(lang, _ACTIONS.get(line.kind, N_("other")))


def _decision(line: Line) -> str:
    known = known_of(line)
    if known is None:
        return "sealed" if line.opens is not None else "unreadable"
    return "partly" if len(outcomes(known)) > 1 else next(iter(outcomes(known))).value


def _hash(leaf: bytes | None) -> str | None:
    return None if leaf is None else base64.b64encode(leaf).decode()


def _time(at: int | None) -> str | None:
    if at is None:
        return None
    return of_ms(at).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
