"""`store DIR`: whether the tables of a vault say what its log says."""

import argparse

from vault.verifier import store
from vault.verifier.commands.arguments import Commands, add_folder, add_key
from vault.verifier.replay_folder import Exported


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("store", help="hold an export's tables against its log")
    add_folder(command)
    add_key(command, "the log")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    found = store.check(Exported(options.folder, key=options.key, origin=options.origin))
    untold = (
        f" Of {found.untold} standing rows the last change is of a release that did not say what "
        "stood."
        if found.untold
        else ""
    )
    return (
        f"GOOD: {found.values} values of {found.customers} customers are those that their newest "
        f"entries wrote, {found.consents} consents are the last changes, and the facts beside "
        f"{found.facts} entries are theirs.{untold}"
    )
