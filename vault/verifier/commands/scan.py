"""`scan DIR LOGKEY`: every entry about you, whether the list is whole, whether a no was heeded."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from vault.verifier import listed, logkey
from vault.verifier.barrier import Late
from vault.verifier.commands.arguments import Commands, add_folder, add_key, moment, printable, read
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.folder import Folder
from vault.verifier.scan import OWN, Found, Report, scan

MOST: Final = 20  # lines of each sort that are written out
_KINDS: Final = {
    1: "read",
    2: "written",
    3: "refused",
    4: "own look",
    5: "staff look",
    6: "export",
    7: "looked up",
    8: "marked",
    9: "asked whether to reach",
    16: "consent given",
    17: "consent refused",
    18: "consent ended",
    19: "terms changed",
    20: "objected",
    21: "restricted",
    22: "restriction lifted",
    23: "erased",
    24: "legal hold set",
    25: "legal hold lifted",
}


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "scan", help="find every entry about you in a log, with your log key"
    )
    add_folder(command)
    command.add_argument("logkey", type=Path, metavar="LOGKEY", help="your log key, a file")
    add_key(command, "the log")
    command.add_argument(
        "--list",
        type=Path,
        action="append",
        metavar="FILE",
        help="what you were shown: usage.json or who-looked.json; again for each page",
    )
    command.add_argument("--lines", action="store_true", help="write out every entry about you")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    key = logkey.parse(read(options.logkey))
    shown = [read(one) for one in options.list or ()]
    report = scan(
        Folder(options.folder),
        key,
        verifier_key=options.key,
        origin=options.origin,
        listed=listed.read(shown, options.origin) if shown else None,
    )
    if options.lines:
        for one in report.found:
            print(_line(one))
    faults = [*_broken(report), *(_unlisted(report) if shown else ())]
    if faults:
        raise BadError("\n".join(faults))
    if report.older or any(one.entry.kind not in OWN for one in report.newer):
        raise CannotTellError(_incomplete(report))
    return "\n".join(_good(report, with_list=bool(shown)))


def _broken(report: Report) -> Iterator[str]:
    """Say what the epochs prove against the publisher."""
    for first, last in report.judged.hidden:
        yield f"{_changes(first, last)} of your choices is not in the log: it was hidden or lost."
    for epoch in report.judged.doubled:
        yield f"Change {epoch} of your choices is in the log twice."
    for look, change in report.judged.breaches[:MOST]:
        yield (
            f"Entry {look.place} ({_kind(look.kind)}, {moment(look.at)}) was allowed by what you had "
            f"ended: entry {change.place} ({_kind(change.kind)}, {moment(change.at)}) stood in the log "
            "before it began."
        )
    yield from _more(len(report.judged.breaches), "looks that were allowed by what you had ended")


def _unlisted(report: Report) -> Iterator[str]:
    """Say where list and log differ."""
    for one in report.missing[:MOST]:
        yield (
            f"Entry {one.entry.place} ({_kind(one.entry.kind)}, {moment(one.entry.at)}) is about you "
            "and is not on the list that you were shown."
        )
    yield from _more(len(report.missing), "entries that are not on the list")
    for index in report.foreign[:MOST]:
        yield f"The list shows entry {index}, which is not about you."
    yield from _more(len(report.foreign), "lines that are not about you")
    for index in report.changed[:MOST]:
        yield f"The list shows entry {index} otherwise than it is in the log."
    yield from _more(len(report.changed), "lines that are otherwise in the log")


def _more(count: int, of: str) -> Iterator[str]:
    if count > MOST:
        yield f"There are {count:,} {of} in all."


def _incomplete(report: Report) -> str:
    if report.older:
        oldest = report.older[-1].entry
        return (
            f"The list begins in the middle: entry {oldest.place} ({moment(oldest.at)}) and "
            f"{len(report.older) - 1:,} before it are older than its oldest line. Give the older "
            "pages too, each with --list."
        )
    first = next(one.entry for one in report.newer if one.entry.kind not in OWN)
    return (
        f"The log is newer than the list: entry {first.place} ({_kind(first.kind)}, "
        f"{moment(first.at)}) came after it. Download the list again; it must be on it then."
    )


def _good(report: Report, *, with_list: bool) -> Iterator[str]:
    size = report.checkpoint.size
    yield (
        f"GOOD: {len(report.found):,} of {size - report.first:,} entries of "
        f"{report.checkpoint.origin} are about you, up to {moment(report.newest_at)}."
    )
    if report.first:
        yield f"Entries before {report.first:,} are over by the publisher's term and were not read."
    if with_list:
        yield f"The list is complete and shows them as they are{_but_own(report.newer)}."
    judged = report.judged
    yield (
        f"{_count(judged.changes, 'change')} of your choices, none hidden. Nothing was allowed by "
        "what you had ended."
    )
    for one in judged.late[:MOST]:
        yield _overlap(one)
    yield from _more(len(judged.late), "looks that overlapped a change")
    yield "A look that was never written into the log does not show here."


def _but_own(newer: Sequence[Found]) -> str:
    if not newer:
        return ""
    return f" (but {_count(len(newer), 'look')} of your own, made since)"


def _overlap(one: Late) -> str:
    return (
        f"Entry {one.look.place} ({_kind(one.look.kind)}) was under way when entry "
        f"{one.change.place} ({_kind(one.change.kind)}) took effect: {one.ms} ms after it."
    )


def _line(one: Found) -> str:
    what = f"{one.entry.place:>12,}  {moment(one.entry.at)}  {_kind(one.entry.kind)}"
    said = one.said
    if said is None:
        return what
    names = [str(name) for name, _ in said.get("allowed", ())]
    held = [f"{name} ({why})" for name, why in said.get("withheld", ())]
    parts = [str(said.get("actor")), str(said.get("purpose") or ""), ", ".join(names)]
    parts.append(f"refused: {', '.join(held)}" if held else "")
    return f"{what}  {printable(' | '.join(part for part in parts if part))}"


def _changes(first: int, last: int) -> str:
    return f"Change {first}" if first == last else f"Each of the changes {first} to {last}"


def _count(count: int, of: str) -> str:
    return f"{count:,} {of}" + ("" if count == 1 else "s")


def _kind(kind: int) -> str:
    return _KINDS.get(kind, f"kind {kind}")
