"""Write lines of "who looked" as records of a package, under the names of `/me/usage.json`.

Source: docs/export.md; consent-standards note, 7.
"""

from collections.abc import Mapping
from typing import Final

from vault.core.entry import Kind
from vault.core.export_words import say
from vault.core.look import CUSTOMER, STAFF, Line, known_of, outcomes
from vault.core.place import position
from vault.services.export_records import Record, of_ms

ACTIONS: Final = {
    Kind.READ: "read",
    Kind.WRITTEN: "written",
    Kind.DENIED: "refused",
    Kind.OWN_LOOK: "looked at by yourself",
    Kind.STAFF_LOOK: "looked at by staff",
    Kind.EXPORT: "exported",
    Kind.RESOLVE: "looked up",
    Kind.MARKED: "marked",
    Kind.MAY_REACH: "asked whether you may be reached",
    Kind.GIVEN: "consent given",
    Kind.REFUSED: "consent refused",
    Kind.WITHDRAWN: "consent ended",
    Kind.TERMS: "terms changed",
    Kind.OBJECTED: "objected",
    Kind.RESTRICTED: "restricted",
    Kind.LIFTED: "restriction lifted",
    Kind.ERASED: "erased",
    Kind.HELD: "legal hold set",
    Kind.RELEASED: "legal hold lifted",
}
SEALED: Final = "sealed"
UNREADABLE: Final = "cannot be read"
OTHER: Final = "other"
YOU: Final = "you"
BY_STAFF: Final = "staff {handle}"


def of_line(
    line: Line, *, publisher: str, apps: Mapping[str, str], issuer: str, lang: str
) -> Record:
    """Return a line of "who looked", under the names of `/me/usage.json`.

    A line that is sealed, or cannot be read, says so and nothing else.

    Args:
        line: as the page shows it.
        publisher: its name.
        apps: client id -> name.
        issuer: public origin, which the log is named by.
        lang: of the words.
    """
    is_staff = line.actor.startswith(STAFF)
    return {
        "logtime": of_ms(line.at) if line.at is not None else None,
        "action": say(lang, _action(line)),
        "receiver": _receiver(line, publisher, apps, lang),
        "decision": _decision(line),
        "kind": line.kind.name.lower().replace("_", "-") if line.kind else None,
        "purpose": line.purpose,
        "clauses": sorted({clause for _, clause in line.allowed}),
        "fields": [name for name, _ in line.allowed],
        "withheld": [{"field": name, "reason": reason} for name, reason in line.withheld],
        "app": line.app,
        "staff": line.actor.removeprefix(STAFF) if is_staff else None,
        "case": line.case,
        "request": line.request,
        "code": line.code or None,
        "opens": of_ms(line.opens) if line.opens is not None else None,
        "log": position(issuer, line.place),
    }


def _action(line: Line) -> str:
    if line.opens is not None:
        return SEALED
    if line.kind is None:
        return UNREADABLE
    return ACTIONS.get(line.kind, OTHER)


def _decision(line: Line) -> str:
    known = known_of(line)
    if known is None:
        return "sealed" if line.opens is not None else "unreadable"
    found = outcomes(known)
    return "partly" if len(found) > 1 else next(iter(found)).value


def _receiver(line: Line, publisher: str, apps: Mapping[str, str], lang: str) -> str:
    if line.app:
        return apps.get(line.app, line.app)
    if line.kind is None:
        return ""
    if line.actor == CUSTOMER:
        return say(lang, YOU)
    if line.actor.startswith(STAFF):
        return say(lang, BY_STAFF, handle=line.actor.removeprefix(STAFF))
    return publisher
