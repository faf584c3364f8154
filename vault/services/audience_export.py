"""Write whom a purpose allows into files in the shape of an import mapping, for one registered app.

1. the app is asked about as if it listed them itself: it must be registered to list, to read each field
and kind that the mapping names under the purpose, be neither frozen nor overdue, and have budget left;
2. each customer takes the one path: loaded, decided, recorded with the case, and opened only then; who
does not allow it is left out; 3. rows go into a folder beside the one that was asked for, which takes its
name when all of them are on the disk. So the folder is there whole or not at all; a run that was cut
leaves nothing that counts, and the next one begins anew.

The operator's shell asks here without a token, and the record of each look says so: it names app, purpose
and case, and no token.
Source: DESIGN 1; docs/decisions/0013; security note, 11.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import structlog

from policies.decide import ActorKind
from policies.model import Action, Rulebook
from vault.core import shaped
from vault.core.errors import (
    BadRequestError,
    NotAvailableError,
    RefusedError,
    WrongValueError,
)
from vault.core.ids import NOBODY
from vault.core.import_mapping import Mapping as Rules
from vault.core.scope import Scope
from vault.core.shaped import Left, Person
from vault.core.staff import CASE
from vault.services import audience_file, interaction, registered
from vault.services.ask import Ask
from vault.services.audience_file import Writer
from vault.services.audience_people import Asks, people
from vault.services.deps import Deps

THERE: Final = "The folder is there already. Name another one: an export is never added to."
NO_PLACE: Final = "The folder cannot be made, or nothing can be written in it."

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported, and what for."""

    mapping: Rules
    rulebook: Rulebook  # by which the mapping was checked
    app: str  # whose files these are
    purpose: str
    case: str


@dataclass(slots=True)
class Exported:
    """How far an export is."""

    looked: int = 0  # customers asked about
    allowed: int = 0  # of them, who allow it
    rows: Counter[str] = field(default_factory=Counter)  # file -> rows written
    left: Counter[tuple[str, str]] = field(default_factory=Counter)  # file, reason -> rows left out


async def export(
    deps: Deps,
    wanted: Wanted,
    folder: Path,
    *,
    report: Callable[[Exported], None] = lambda _: None,
    stop: asyncio.Event | None = None,
) -> Exported | None:
    """Write the files into a new folder; None when `stop` was set, and then there is none.

    Raises:
        WrongValueError: the case is no reference.
        BadRequestError: files of this shape could not be imported again, or the purpose is unknown.
        RefusedError: the app is not registered for it, or the folder is there.
        FrozenError, ReviewOverdueError: the app may not act.
        TooManyError: the app may not ask about so many customers today.
        BusyError: the primary cannot be asked, or a look could not be recorded.
    """
    asks = await _asks(deps, wanted)
    part = folder.with_name(f".{folder.name}.part")
    await asyncio.to_thread(_make, folder, part)
    done, writers = Exported(), dict[str, Writer]()
    try:
        whole = await _fill(deps, wanted, asks, part, writers, done, report, stop)
        if not whole:
            return None
        await asyncio.to_thread(part.rename, folder)
    except OSError:
        raise RefusedError(NO_PLACE) from None
    finally:
        await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
    logger.info("audience-exported", app=wanted.app, purpose=wanted.purpose, count=done.allowed)
    return done


async def _fill(
    deps: Deps,
    wanted: Wanted,
    asks: Asks,
    part: Path,
    writers: dict[str, Writer],
    done: Exported,
    report: Callable[[Exported], None],
    stop: asyncio.Event | None,
) -> bool:
    """Write all rows and bring them to the disk; False when it was stopped."""
    try:
        for one in wanted.mapping.files:
            writers[one.shape.name] = audience_file.writer(part, one)
        async with aclosing(people(deps, asks)) as chunks:
            async for looked, several in chunks:
                if stop and stop.is_set():
                    return False
                done.looked += looked
                done.allowed += len(several)
                await asyncio.to_thread(_write, wanted.mapping, writers, several, done)
                report(done)
    finally:
        for writer in writers.values():
            await asyncio.to_thread(writer.close)
    return True


def _make(folder: Path, part: Path) -> None:
    if folder.exists() or folder.is_symlink():
        raise RefusedError(THERE)
    try:
        if part.exists():  # of a run that was cut
            shutil.rmtree(part)
        part.mkdir(mode=0o700)
    except OSError:
        raise RefusedError(NO_PLACE) from None


async def _asks(deps: Deps, wanted: Wanted) -> Asks:
    """Check all that depends on no customer, and say what is asked of each."""
    if not CASE.fullmatch(wanted.case):
        raise WrongValueError("A case is a reference of 2 to 40 letters and digits.")
    if wanted.purpose not in wanted.rulebook.purposes:
        raise BadRequestError("The code of ethics has no such purpose.")
    hindrance = shaped.hindrance(wanted.mapping)
    if hindrance is not None:
        raise BadRequestError(hindrance)
    async with deps.database.connect() as conn:
        app = await registered.load(deps, conn, wanted.app)
    if app is None:
        raise NotAvailableError("There is no such app.")
    app.check(deps.clock.now())
    files = wanted.mapping.files
    fields = tuple(dict.fromkeys(cell.field for file in files for cell in file.cells))
    kinds = tuple(dict.fromkeys(interaction.name(one.event.kind) for one in files if one.event))
    for scope, names in ((Scope.PROFILE_LIST, True), (Scope.INTERACTIONS_READ, bool(kinds))):
        if names and scope not in app.registered.registration.scopes:
            raise RefusedError(f"The app is not registered for {scope.value}.")
    for name in (*fields, *kinds):
        if (wanted.purpose, Action.READ, name) not in app.registered.permissions:
            raise RefusedError(
                f"The app is not registered to read {name} for {wanted.purpose}. Register it so, or "
                "take the field out of the mapping."
            )
    ask = Ask(
        customer=NOBODY,
        kind=ActorKind.APP,
        actor=f"app:{app.id}",
        app=app.id,
        names=fields or kinds,
        purpose=wanted.purpose,
        registration=app.registered.permissions,
        registration_digest=app.registered.digest,
        ceiling=app.registered.permissions,
        case=wanted.case,
    )
    return Asks(
        fields=ask if fields else None,
        events=replace(ask, names=kinds) if kinds else None,
        sector=app.registered.registration.sector,
        app=app,
    )


def _write(
    mapping: Rules, writers: Mapping[str, Writer], people: Sequence[Person], done: Exported
) -> None:
    for person in people:
        for file, row in shaped.rows(mapping, person):
            name = file.shape.name
            if isinstance(row, Left):
                done.left[name, row.reason] += 1
            elif writers[name].row(row):
                done.rows[name] += 1
            else:
                done.left[name, "row-too-long"] += 1
