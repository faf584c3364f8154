"""`certificate FILE`: which keys died, and what a law keeps until when."""

import argparse
from pathlib import Path

from vault.verifier import certificate
from vault.verifier.commands.arguments import Commands, add_file, printable, read


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("certificate", help="check a certificate of erasure, offline")
    add_file(command, "the certificate")
    command.add_argument(
        "--keys", type=Path, metavar="F", help="the publisher's receipt-keys.json, else exit 2"
    )
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = certificate.check(read(options.file), keys=read(options.keys) if options.keys else None)
    kept = "".join(
        f"\nKept until {one.until} by {printable(one.law)}: {printable(', '.join(one.names))}."
        for one in found.kept
    )
    return (
        f"GOOD: signed by {found.issuer}: erasure {found.erasure} on {found.at}. "
        f"No backup opens anything after {found.backups_until}.\n"
        f"Keys that are gone: {', '.join(found.keys) or 'none'}.{kept}"
    )
