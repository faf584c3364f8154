"""`replay-note FILE`: what a publisher signed about a replay of its own log."""

import argparse

from vault.verifier import replay_note
from vault.verifier.commands.arguments import Commands, add_file, add_key, read
from vault.verifier.errors import BadError


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("replay-note", help="check the signed note of a replay")
    add_file(command, "the note")
    add_key(command, "replays")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    said = replay_note.check(read(options.file), key=options.key, origin=options.origin)
    span = f"entries {said.start} to {said.size - 1}"
    if said.disagreements:
        raise BadError(
            f"The publisher signed that of {span} {said.disagreements} permitted what should have "
            "been refused. The note is genuine: ask what was done about it."
        )
    return (
        f"GOOD: the publisher signed that of {span} {said.replayed} permitted something and 0 "
        f"should have been refused. {said.undecidable} could not be told, {said.unreadable} could "
        f"not be read. Codes of ethics: {len(said.codes)}. Evaluator {said.evaluator}. It is the "
        "publisher's word; `ownship-verify replay` needs no word."
    )
