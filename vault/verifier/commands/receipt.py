"""`receipt FILE`: what was decided, on which words, signed by whom."""

import argparse
from pathlib import Path

from vault.verifier import receipt
from vault.verifier.commands.arguments import Commands, add_file, printable, read


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("receipt", help="check a consent receipt, offline")
    add_file(command, "the receipt")
    command.add_argument(
        "--keys", type=Path, metavar="F", help="the publisher's receipt-keys.json, else exit 2"
    )
    command.add_argument("--notice", type=Path, metavar="F", help="the notice that was shown")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = receipt.check(
        read(options.file),
        keys=read(options.keys) if options.keys else None,
        notice=read(options.notice) if options.notice else None,
    )
    shown = "The notice is the one that was shown." if found.notice else "No notice was checked."
    return (
        f"GOOD: signed by {found.issuer}: {found.state} on {found.at} for "
        f"{printable(', '.join(found.purposes))}. {shown}\n"
        f"A decision then, not today's state. Its log entry should hold {found.record_digest}; "
        "that it does is a promise only until the log is checked."
    )
