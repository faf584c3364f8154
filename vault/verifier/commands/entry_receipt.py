"""`entry-receipt FILE [DIR]`: what was promised, by when, and whether the log keeps it."""

import argparse
from pathlib import Path

from vault.verifier import entry_receipt, kept
from vault.verifier.commands.arguments import Commands, Keys, add_file, add_key, moment, read
from vault.verifier.errors import KeyFormatError


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "entry-receipt", help="check a receipt for a log entry, and that the log keeps its promise"
    )
    add_file(command, "the receipt")
    command.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help="the log, as `fetch` saves it"
    )
    add_key(command, "entry receipts")
    command.add_argument(
        "--log-key", action=Keys, metavar="KEY", help="verifier key of the log, for DIR"
    )
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = entry_receipt.check(read(options.file), key=options.key, origin=options.origin)
    promise = found.promise
    entries = "1 entry" if len(found.leaves) == 1 else f"{len(found.leaves)} entries"
    said = (
        f"GOOD: {options.origin} promised {entries} of writer {promise.writer} "
        f"to log {promise.log_id} by {moment(promise.integrate_by)}."
    )
    if options.folder is None:
        return said
    if options.log_key is None:
        raise KeyFormatError("To look into the log, its verifier key is needed too: --log-key.")
    result = kept.check(found, options.folder, key=options.log_key, origin=options.origin)
    places = ", ".join(map(str, result.indexes[:10])) + (", …" if len(result.indexes) > 10 else "")
    held = (
        f"in time: the first checkpoint from after that time, of size {result.by}, holds it"
        if result.by is not None
        else "and that time is still to come in the log of this folder"
    )
    return f"{said}\nThe promise is kept, {held}. In the log at: {places}."
