"""Keep the access log outside of the database, and recover by it after a restore.

Source: access-log note, 9; docs/recovery.md.
"""

import sys
from typing import TYPE_CHECKING, Annotated, Final, Self

import typer

from vault.cli.opening import run, settings, with_vault
from vault.cli.table import write

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

    from vault.services.deps import Deps
    from vault.services.recovery import Found

_NOTHING: Final = "The log is not behind its anchor: there is nothing to recover."
_SAID: Final = {
    "restored": "entries that database and mirror agree on",
    "anchored": "entries that the mirror's newest checkpoint covers",
    "log_id": "number of the log that entries go to from here on",
    "known": "lost entries of customers who are in the database",
    "unknown": "lost entries of others, and of nobody",
    "written": "lost writes: what was written then is gone",
    "customers": "customers whose decisions were carried over",
    "ended": "consents that ended or became narrower",
    "not_given": "consents given meanwhile: ask for them again",
    "untold": "changes of restrictions or terms of which the log does not say what stood",
    "broken": "customers whose rows do not open; they are denied everything",
    "back": "lost entries that stand in the old log again",
    "erased": "customers who were erased again",
}


def _recover_log(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is to do.")] = False
) -> None:
    """Carry over what the mirror says, after the database was put back, and open the next log.

    Every customer's key is tried on every lost entry that has no owner yet; a bar shows how far.
    """
    found = run(lambda: _recover(dry_run=dry_run))
    if found is None:
        print(_NOTHING)
        return
    rows = [(text, f"{getattr(found, name):,}") for name, text in _SAID.items()]
    rows += [(f"do again by hand: {name}", f"{count:,}") for name, count in found.again.items()]
    write(("what", "number"), rows)
    if dry_run:
        print("Nothing was changed.")


def _mirror_log(
    *,
    anew: Annotated[
        bool, typer.Option("--anew", help="Fill an empty folder, though the log had a mirror.")
    ] = False,
) -> None:
    """Copy what is published to the mirror, as a running server does by itself."""
    if anew:
        print(f"The mirror holds {run(_anew):,} entries.")
        return
    print(f"The mirror holds {with_vault(_mirror):,} entries.")


def register(cli: typer.Typer) -> None:
    """Add the commands to those of the log."""
    cli.command("recover", epilog="Example: ownship log recover --dry-run")(_recover_log)
    cli.command("mirror", epilog="Example: ownship log mirror")(_mirror_log)


async def _recover(*, dry_run: bool) -> "Found | None":
    from vault.services import recovery
    from vault.wiring import recovering

    async with recovering(settings()) as deps:
        with _Bar() as bar:
            return await recovery.recover(deps, dry_run=dry_run, report=bar.report)


async def _mirror(deps: "Deps") -> int:
    return await _copy(deps, anew=False)


async def _anew() -> int:
    from vault.wiring import unchecked

    async with unchecked(settings()) as deps:
        return await _copy(deps, anew=True)


async def _copy(deps: "Deps", *, anew: bool) -> int:
    from vault.services import mirror
    from vault.store.engine import open_database

    leader = open_database(settings().leader_database)
    try:
        return await mirror.copy(deps, leader, anew=anew) or 0
    finally:
        await leader.dispose()


class _Bar:
    """A bar of customers done on a terminal; nothing where there is none."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._bar.add_task("customers", total=None)
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: "BaseException | None",
        trace: "TracebackType | None",
    ) -> None:
        if self._bar:
            self._bar.stop()

    def report(self, done: int, total: int) -> None:
        """Tell how many customers' keys were tried."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)
