"""Take in a folder of exports: each file once, when it is whole, and the next one whatever came of it.

1. what lies in the folder is told apart by name: `customers-2026-11-27.csv` is the file `customers` of the
mapping; 2. a file is whole when it has not changed for a while; 3. files are taken in the order of the
mapping's joins, then by age; 4. a file is known by its digest, and one that was taken in before is not
again; one that was cut goes on where it stopped; 5. it then lies in `done/`, or in `refused/` with what
was wrong: the refused rows, or one sentence where nothing of it could be used.

A process that dies leaves a file where it was, or half of its way into a folder; the next round brings
it to its end. One process at a time does it: `vault/services/turn.py`.
Source: ecosystem note, 9; docs/import.md.
"""

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from policies.model import Rulebook
from vault.core.errors import BadRequestError, RefusedError
from vault.core.import_mapping import File, Mapping
from vault.crypto.random import uuid4
from vault.services import import_form, import_source, importing
from vault.services.deps import Deps
from vault.services.import_done import Progress, Run
from vault.services.import_source import Source
from vault.store import import_progress

DONE: Final = "done"
REFUSED: Final = "refused"
ROWS: Final = ".refused.csv"  # behind a file's name: its refused rows
WHY: Final = ".why.txt"  # the sentence by which all of it was refused
MARK: Final = ".ownship-folder"  # what names the folder, wherever it is mounted
SETTLED: Final = timedelta(minutes=1)  # that a file has not changed for
# Written by programs that rename a file when it is whole, or that keep it open.
_PARTS: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp", "~")
MAX_NAME: Final = 200  # bytes of a file's name, so that there is room behind it
_LONG: Final = f"The file's name is longer than {MAX_NAME} bytes. Shorten it."
_NAME: Final = re.compile(r"[0-9a-f-]{36}")

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rules:
    """How a folder is taken in."""

    text: bytes  # of the mapping
    mapping: Mapping
    rulebook: Rulebook  # by which the mapping was checked
    settled: timedelta = SETTLED
    max_size: int = import_source.MAX_FILE


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file; it is named by the mapping and by its digest, never by its own name."""

    name: str  # that the mapping gives it
    digest: str  # the beginning of it; "" where it could not be read
    outcome: str  # `done`, `refused`, or `before`: it was taken in already
    rules: File | None  # None: the mapping has no such file
    progress: Progress | None  # None where no row was read
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that lies in the folder and has not changed for a while."""

    path: Path
    rules: File | None
    changed: float  # unix seconds


async def name_of(folder: Path) -> str:
    """Return what names the folder, the same for every process that sees it.

    Raises:
        BadRequestError: it cannot be read, or written in.
    """
    return await asyncio.to_thread(_name_of, folder)


def _name_of(folder: Path) -> str:
    mark = folder / MARK
    try:
        for below in (DONE, REFUSED):
            (folder / below).mkdir(mode=0o700, exist_ok=True)
        try:
            with mark.open("x", encoding="ascii") as file:
                file.write(str(uuid4()))
        except FileExistsError:
            pass
        text = mark.read_text(encoding="ascii") if mark.is_file() else ""  # a pipe never ends
    except (OSError, UnicodeDecodeError):
        raise BadRequestError(
            "The folder cannot be read, or nothing can be written in it."
        ) from None
    if not _NAME.fullmatch(text):
        raise BadRequestError(f"The file {MARK} of the folder is damaged. Delete it.")
    return f"import {text}"


async def take_in(
    deps: Deps,
    folder: Path,
    rules: Rules,
    *,
    report: Callable[[Progress], None] = lambda _: None,
    stop: asyncio.Event,
) -> AsyncGenerator[Taken, None]:
    """Take in what lies in the folder, and say of each file what became of it.

    Args:
        deps: what a use case may touch.
        folder: named by `name_of`, whose turn this process has.
        rules: whose mapping was checked against the code of ethics in force.
        report: told after each batch.
        stop: ends the round after the running batch.

    Raises:
        BadRequestError: the folder cannot be read.
        ConflictError: another code of ethics came into force; check the mapping again.
        BusyError: the database does not answer; the next round goes on from there.
    """
    await asyncio.to_thread(_bring_after, folder)
    now = deps.clock.now().timestamp()
    together = Run()
    for one in await asyncio.to_thread(_whole, folder, rules, now):
        if stop.is_set():
            return
        taken = await _take(deps, folder, rules, one, together=together, report=report, stop=stop)
        if taken is not None:
            logger.info("import-file", kind=taken.outcome, count=_rows(taken))
            yield taken


def _rows(taken: Taken) -> int:
    return taken.progress.rows if taken.progress else 0


async def _take(
    deps: Deps,
    folder: Path,
    rules: Rules,
    one: _Found,
    *,
    together: Run,
    report: Callable[[Progress], None],
    stop: asyncio.Event,
) -> Taken | None:
    """Take in one file; None where it changed meanwhile, or was not read to its end."""
    if one.rules is None or _is_long(one.path):
        why = f"No file of the mapping has this name. It has: {', '.join(_names(rules))}."
        why = _LONG if _is_long(one.path) else why
        await asyncio.to_thread(_away, folder, one.path, REFUSED, why)
        return Taken("", "", REFUSED, None, None, why)
    name, source = one.rules.shape.name, None
    try:
        source = await asyncio.to_thread(_examined, rules, one)
        async with deps.database.connect() as conn:
            before = await import_progress.load(conn, source.digest)
        if before is not None and before.done_at is not None:
            # It may be that the process before died between the last batch and the move.
            where = REFUSED if _listed(one.path).exists() else DONE
            await asyncio.to_thread(_away, folder, one.path, where, "")
            return Taken(name, source.digest[:8], "before", one.rules, None)
        form = await asyncio.to_thread(import_form.look, one.path, one.rules)
        done = await importing.run(
            deps,
            one.rules,
            source,
            form=form,
            rulebook=rules.rulebook,
            together=together,
            report=report,
            stop=stop,
        )
    except (BadRequestError, RefusedError) as error:
        if await asyncio.to_thread(_changed, one):
            return None  # it was not whole
        await asyncio.to_thread(_away, folder, one.path, REFUSED, error.detail)
        digest = source.digest[:8] if source else ""
        return Taken(name, digest, REFUSED, one.rules, None, error.detail)
    if not done.complete:
        return None
    where = REFUSED if done.refused else DONE
    await asyncio.to_thread(_away, folder, one.path, where, "")
    return Taken(name, source.digest[:8], where, one.rules, done)


def _names(rules: Rules) -> list[str]:
    return [file.shape.name for file in rules.mapping.files]


def _examined(rules: Rules, one: _Found) -> Source:
    assert one.rules is not None  # noqa: S101  told apart by the caller
    name = one.rules.shape.name if len(rules.mapping.files) > 1 else ""
    return import_source.examine(one.path, mapping=rules.text, name=name, max_size=rules.max_size)


def _whole(folder: Path, rules: Rules, now: float) -> list[_Found]:
    """Return the files that have not changed for a while, in the order in which they are taken."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = Path(entry.path)
                if _passed_over(entry.name) or entry.is_dir(follow_symlinks=False):
                    continue
                try:
                    changed = _moment(path)
                except FileNotFoundError:
                    continue  # somebody took it back meanwhile
                if now - changed >= rules.settled.total_seconds():
                    found.append(_Found(path, _which(rules.mapping, entry.name), changed))
    except OSError:
        raise BadRequestError("The folder cannot be read.") from None
    order = {name: number for number, name in enumerate(_names(rules))}
    return sorted(
        found,
        key=lambda one: (
            order[one.rules.shape.name] if one.rules else len(order),
            one.changed,
            one.path.name,
        ),
    )


def _passed_over(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower().endswith((*_PARTS, ROWS, WHY))


def _which(mapping: Mapping, name: str) -> File | None:
    """Return which file of the mapping a name means: the longest that it begins with."""
    if len(mapping.files) == 1:
        return mapping.files[0]
    for file in sorted(mapping.files, key=lambda one: -len(one.shape.name)):
        rest = name.removeprefix(file.shape.name)
        if rest != name and not rest[:1].isalpha():
            return file
    return None


def _moment(path: Path) -> float:
    """Return when a file, or its name, changed last."""
    state = path.lstat()
    return max(state.st_mtime, state.st_ctime)


def _changed(one: _Found) -> bool:
    try:
        return _moment(one.path) != one.changed
    except OSError:
        return True


def _listed(path: Path) -> Path:
    return path.with_name(path.name + ROWS)


def _is_long(path: Path) -> bool:
    return len(os.fsencode(path.name)) > MAX_NAME


def _away(folder: Path, path: Path, where: str, why: str) -> None:
    """Move a file, and what was wrong with it, under a name that is free there.

    The file goes first: its refused rows alone, left behind by a process that died, are brought after it.
    """
    stem, suffix = ("long-name", "") if _is_long(path) else (path.stem, path.suffix)
    target = folder / where / f"{stem}{suffix}"
    number = 1
    while any((target.parent / (target.name + end)).exists() for end in ("", ROWS, WHY)):
        number += 1
        target = folder / where / f"{stem}.{number}{suffix}"
    try:
        if why:
            target.with_name(target.name + WHY).write_text(why + "\n", encoding="utf-8")
        path.rename(target)
        if not _is_long(path) and _listed(path).exists():
            _listed(path).rename(_listed(target))
    except OSError:
        raise BadRequestError("The file cannot be moved out of the folder.") from None


def _bring_after(folder: Path) -> None:
    """Bring lists of refused rows to the files that they are of."""
    for rows in folder.glob(f"*{ROWS}"):
        name = rows.name.removesuffix(ROWS)
        if not (folder / name).exists() and (folder / REFUSED / name).exists():
            rows.rename(_listed(folder / REFUSED / name))
