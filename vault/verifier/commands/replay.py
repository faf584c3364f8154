"""`replay DIR`: decide again whatever a log says was permitted, with everybody's log keys."""

import argparse
from collections.abc import Iterator

from vault.verifier.commands.arguments import Commands, add_folder, add_key, printable
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.replay import VERSION, Report
from vault.verifier.replay_folder import Exported, replay

MOST = 50  # disagreements that are written out


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser(
        "replay", help="decide again what an exported log says was permitted"
    )
    add_folder(command)
    add_key(command, "the log")
    command.add_argument(
        "--from", type=int, default=0, dest="start", metavar="N", help="the first entry to decide"
    )
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    exported = Exported(options.folder, key=options.key, origin=options.origin)
    report = replay(exported, start=options.start)
    if report.disagreeing:
        for one in report.disagreements[:MOST]:
            print(
                f"entry {one.place}: {printable(one.name)} under {printable(one.clause)}: "
                f"{printable(one.reason)}"
            )
        raise BadError(
            f"{report.disagreeing} of {report.replayed} entries permitted what should have been "
            "refused. Ask the publisher about each of them, and for what was done about it."
        )
    if report.undecidable:
        raise CannotTellError(" ".join(_undecided(report)))
    return (
        f"GOOD: {report.replayed} entries permitted something, and each was right by the codes, "
        f"registrations and consents of its moment. {report.refused} were refused, "
        f"{report.changes} were changes, {report.unreadable} open under no key any more, as after "
        f"an erasure. Evaluator {VERSION}. What it cannot see is in docs/replay.md."
    )


def _undecided(report: Report) -> Iterator[str]:
    yield (
        f"{report.replayed} entries were right. Of {report.undecidable} more the log does not tell "
        "enough:"
    )
    yield ", ".join(f"{name} {count}" for name, count in report.why.most_common()) + "."
