"""`log DIR`: what anybody can check of a log without a key to what its entries say."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from vault.verifier import log
from vault.verifier.commands.arguments import Commands, add_folder, add_key, read
from vault.verifier.folder import Folder
from vault.verifier.log import Checked


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "log", help="check entries, writers, tiles and checkpoints of a log in a folder"
    )
    add_folder(command)
    add_key(command, "the log")
    command.add_argument(
        "--since", type=Path, metavar="OLD", help="a checkpoint up to which it was checked before"
    )
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = log.check(
        Folder(options.folder),
        key=options.key,
        origin=options.origin,
        old_text=read(options.since) if options.since else None,
    )
    return "\n".join(_sentences(found))


def _sentences(found: Checked) -> Iterator[str]:
    newest, old = found.newest, found.old
    if old is None:
        yield f"GOOD: the log of {newest.origin} has {newest.size} entries, and all of them hold."
    else:
        yield (
            f"GOOD: the log of {newest.origin} has {newest.size} entries and continues the "
            f"checkpoint of size {old.size}; what came since then holds."
        )
    if newest.size > found.first:
        yield (
            f"Checked: entries {found.first} to {newest.size - 1} lead through every tile to the "
            f"root that the log's key signed. Their writers ({found.writers}) left no record out, "
            "doubled none and moved none. Each entry was decided knowing all that was over 70 s "
            f"older. Checkpoints that were seen before and agree: {found.checkpoints}."
        )
    if found.pruned:
        yield (
            f"The entries before {found.absent} were pruned, as an entry of the log says: their "
            "hashes hold, but what they were is not served any more."
        )
    elif found.absent:
        yield f"The entries before {found.absent} are not in the folder; the rest goes on from them."
    if old is not None:
        yield (
            "Older entries were not looked at again. That no writer of theirs begins a second time "
            "is shown by a check without --since."
        )
    yield (
        "It means: no entry can be changed, added in between or taken away unseen by whoever keeps "
        "this checkpoint. What was never recorded it cannot show."
    )
