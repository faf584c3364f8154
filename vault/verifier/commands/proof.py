"""`proof FILE`: that one entry is in the log."""

import argparse

from vault.verifier import entry, tlog_proof
from vault.verifier.commands.arguments import Commands, add_file, add_key, moment, read


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("proof", help="check a .tlog-proof: one entry is in the log")
    add_file(command, "the proof")
    add_key(command, "the log")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = tlog_proof.check(read(options.file), key=options.key, origin=options.origin)
    header = found.header
    whose = "the system" if header.entry_class == entry.SYSTEM else "a customer"
    return (
        f"GOOD: this entry is number {found.index} of the {found.checkpoint.size} that the log of "
        f"{options.origin} has signed.\n"
        f"It is about {whose}, was made at {moment(header.at)}, and is sealed in "
        f"{len(found.entry)} bytes. It can no longer be changed or taken out unseen. What it says "
        "needs its customer's log key: `scan`."
    )
