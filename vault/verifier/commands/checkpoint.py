"""`checkpoint FILE`: who signed it, who witnessed it, and that it is not older than one before."""

import argparse
from pathlib import Path

from vault.verifier import checkpoint, witness
from vault.verifier.commands.arguments import Commands, add_file, add_key, moment, read
from vault.verifier.memory import Memory


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "checkpoint", help="check who signed a checkpoint, and who witnessed it"
    )
    add_file(command, "the checkpoint")
    add_key(command, "the log")
    command.add_argument(
        "--witness", action="append", default=[], metavar="KEY", help="a witness's verifier key"
    )
    command.add_argument(
        "--quorum", type=int, metavar="N", help="how many of them must have signed; all by default"
    )
    command.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="remember it there, and refuse a smaller one from then on",
    )
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    text = read(options.file)
    found = checkpoint.open_(text, key=options.key, origin=options.origin)
    said = (
        f"GOOD: the key of {found.origin} signed a log of {found.size} entries with the root "
        f"{found.root.hex()}."
    )
    lines = [said]
    if options.witness or options.quorum is not None:
        quorum = len(options.witness) if options.quorum is None else options.quorum
        seen = witness.check(text, options.witness, quorum=quorum)
        lines += [f"Witnessed by {one.name} at {moment(1000 * one.at)}." for one in seen]
    if options.state:
        memory = Memory(options.state / "checkpoints")
        memory.refuse_older(found, key=options.key)
        memory.add(found)
        lines.append("It is no smaller than any that was seen before, and is remembered.")
    lines.append(
        "That the log behind it holds is for `log`; that it only grew since another checkpoint, "
        "for `consistency`."
    )
    return "\n".join(lines)
