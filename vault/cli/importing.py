"""Import files by a mapping; rows that are refused are listed beside each file.

Source: ecosystem note, 5 and 9; INTERFACES, Commands.
"""

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import INTERRUPTED, PARTLY, UNREADABLE, fail
from vault.cli.progress import Reporter

if TYPE_CHECKING:
    from policies.model import Rulebook
    from vault.core.import_mapping import File, Mapping
    from vault.services.deps import Deps
    from vault.services.import_done import Progress
    from vault.services.import_form import Form
    from vault.services.import_source import Source


@dataclass(frozen=True, slots=True)
class _Given:
    """A file to import, looked at."""

    rules: "File"
    source: "Source"
    form: "Form"


def register(cli: typer.Typer) -> None:
    """Add the command."""
    epilog = "Example: ownship import mapping.yaml customers=customers.csv orders=orders.csv"
    cli.command("import", epilog=epilog)(import_)


def import_(
    mapping: Annotated[Path, typer.Argument(help="What the columns mean, as YAML.")],
    files: Annotated[
        list[str],
        typer.Argument(metavar="[NAME=]FILE...", help="The files; NAME as the mapping calls it."),
    ],
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="BYTES", help="Take files of this size too.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")
    ] = False,
) -> None:
    """Import customers and their events; run it again to go on after a break."""
    results = with_vault(lambda deps: _import(deps, mapping, files, max_size, dry=dry_run))
    # What is committed is told and ends with its own code, whatever is pressed by now.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for given, done in results:
        name = f"{given.rules.shape.name}: " if len(results) > 1 else ""
        print(name + summary(done, events=given.rules.event is not None), flush=True)
        if dry_run:
            _preview(done)
    for given, done in results:
        _tell_refusals(given, done, dry=dry_run)
    if not all(done.complete for _, done in results):
        fail("Interrupted after a whole batch. Run the same command again to go on.", INTERRUPTED)
    if any(done.refused for _, done in results):
        raise typer.Exit(PARTLY)


def summary(done: "Progress", *, events: bool = False) -> str:
    """Return one line about the import of a file."""
    if events:
        return (
            f"{done.rows:,} rows: {done.events_added:,} interactions added, "
            f"{done.events_changed:,} changed, {done.unchanged:,} unchanged, "
            f"{done.refused:,} refused"
        )
    return (
        f"{done.rows:,} rows: {done.added:,} customers added, {done.changed:,} changed, "
        f"{done.unchanged:,} unchanged, {done.consents:,} consents, {done.refused:,} refused"
    )


def _preview(done: "Progress") -> None:
    for field, count in sorted(done.values.items()):
        print(f"  {field}: {count:,} values")
    for line in done.preview:
        print(f"  {line}")


def _tell_refusals(given: _Given, done: "Progress", *, dry: bool) -> None:
    """Say on stderr why rows were refused, and where the list of them is."""
    if not done.refused:
        return
    for reason, (count, first) in sorted(done.reasons.items()):
        print(f"{given.source.path}: {reason}: {count:,}, first in line {first:,}", file=sys.stderr)
        if reason.startswith("not-utf") or reason == "mixed-encodings":
            print(f"Mixed encodings: see line {first:,} of the file.", file=sys.stderr)
    where = "" if dry else f": see {given.source.path}.refused.csv"
    print(f"{done.refused:,} rows were refused{where}", file=sys.stderr)


async def _import(
    deps: "Deps", mapping: Path, files: list[str], max_size: int | None, *, dry: bool
) -> "list[tuple[_Given, Progress]]":
    from vault.garbage import settle
    from vault.services import import_mapping, importing
    from vault.services.import_done import Run

    try:
        text = await asyncio.to_thread(mapping.read_bytes)
    except OSError:
        fail(f"{mapping} cannot be read.", UNREADABLE)
    async with deps.database.connect() as conn:
        rulebook: Rulebook = await deps.codes.in_force(conn, deps.clock.now())
    rules = import_mapping.parse(text, rulebook, name=str(mapping))
    # All are looked at before the first is written.
    several = [
        await asyncio.to_thread(_look, rules, one, path, text, max_size)
        for one, path in _named(rules, files)
    ]
    for one in several:
        words = f"{one.rules.shape.name}: {one.form}, {one.source.size:,} bytes"
        print(words, file=sys.stderr)
    stop = asyncio.Event()
    # Not the loop's own handler, which would end with the loop, before the result is told.
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    together = Run(dry=dry)
    settle()
    results: list[tuple[_Given, Progress]] = []
    for one in several:
        with Reporter() as reporter:
            done = await importing.run(
                deps,
                one.rules,
                one.source,
                form=one.form,
                rulebook=rulebook,
                together=together,
                report=reporter.report,
                stop=stop,
            )
        results.append((one, done))
        if not done.complete:
            break
    return results


def _named(mapping: "Mapping", files: list[str]) -> "list[tuple[File, Path]]":
    """Return which file is which, in the order of the mapping."""
    known = {file.shape.name: file for file in mapping.files}
    names = ", ".join(known)
    given: dict[str, Path] = {}
    for word in files:
        name, found, path = word.partition("=")
        if not found and len(known) == 1:
            name, path = next(iter(known)), word
        elif not found:
            fail(
                f"The mapping has several files: write NAME=FILE, with one of {names}.", UNREADABLE
            )
        if name not in known:
            fail(
                f"The mapping has no file {name!r}: write NAME=FILE, with one of {names}.",
                UNREADABLE,
            )
        if name in given:
            fail(f"The file {name!r} is given twice.", UNREADABLE)
        given[name] = Path(path)
    return [(file, given[name]) for name, file in known.items() if name in given]


def _look(
    mapping: "Mapping", file: "File", path: Path, text: bytes, max_size: int | None
) -> _Given:
    from vault.services import import_form, import_source

    name = file.shape.name if len(mapping.files) > 1 else ""
    limit = max_size or import_source.MAX_FILE
    source = import_source.examine(path, mapping=text, name=name, max_size=limit)
    return _Given(file, source, import_form.look(path, file))
