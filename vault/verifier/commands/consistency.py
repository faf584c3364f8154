"""`consistency OLD NEW DIR`: that one checkpoint continues another."""

import argparse
from pathlib import Path

from vault.verifier import checkpoint, since
from vault.verifier.commands.arguments import Commands, add_folder, add_key, read
from vault.verifier.folder import Folder


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "consistency", help="check that a log only grew from one checkpoint to another"
    )
    command.add_argument("old", type=Path, metavar="OLD", help="the older checkpoint")
    command.add_argument("new", type=Path, metavar="NEW", help="the newer checkpoint")
    add_folder(command)
    add_key(command, "the log")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    old, new = (
        checkpoint.open_(read(file), key=options.key, origin=options.origin)
        for file in (options.old, options.new)
    )
    path = since.check(Folder(options.folder), old, new)
    return (
        f"GOOD: the log of {options.origin} only grew, from {old.size} entries to {new.size}; "
        f"{len(path)} hashes of its tiles show it.\n"
        "No entry before the older checkpoint was changed, moved or taken away. What the newer "
        "entries are is for `log`."
    )
