"""`entry-receipt FILE`: what was promised, and by when."""

import argparse
from datetime import UTC, datetime

from vault.verifier import entry_receipt
from vault.verifier.commands.arguments import Commands, add_file, add_key, read


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "entry-receipt", help="check signature and path of a receipt for a log entry"
    )
    add_file(command, "the receipt")
    add_key(command, "entry receipts")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = entry_receipt.check(read(options.file), key=options.key, origin=options.origin)
    promise = found.promise
    moment = datetime.fromtimestamp(promise.integrate_by / 1000, UTC).isoformat()
    entries = "1 entry" if len(found.leaves) == 1 else f"{len(found.leaves)} entries"
    return (
        f"GOOD: {options.origin} promised {entries} of writer {promise.writer} "
        f"to log {promise.log_id} by {moment}."
    )
