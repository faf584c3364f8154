"""Read what a command is given, and write what a file says without letting it move the cursor."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from vault.verifier.errors import CannotTellError


class Commands(Protocol):
    """Where a command adds itself: what `add_subparsers` gives."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002
        """Make the parser of a command."""


class Keys(argparse.Action):
    """An option that may be given several times: its texts with spaces between them."""

    def __call__(
        self, _: object, namespace: argparse.Namespace, values: object, __: object = None
    ) -> None:
        """Add one."""
        before = getattr(namespace, self.dest)
        setattr(namespace, self.dest, f"{before} {values}" if before else values)


def printable(text: str) -> str:
    """Return text that moves no cursor: what a file says must not write over what is said of it."""
    return "".join(one if one.isprintable() else "?" for one in text)


def moment(ms: int) -> str:
    """Return a time of unix milliseconds as people read it."""
    try:
        return datetime.fromtimestamp(ms / 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms, which is no date"


def read(path: Path) -> bytes:
    """Return a file's bytes, or those of stdin for `-`.

    Raises:
        CannotTellError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError:
        raise CannotTellError("The file cannot be read.") from None


def add_file(command: argparse.ArgumentParser, what: str) -> None:
    """Take the file under check."""
    command.add_argument("file", type=Path, metavar="FILE", help=f"{what}, or - for stdin")


def add_folder(command: argparse.ArgumentParser) -> None:
    """Take the folder that holds a log."""
    command.add_argument("folder", type=Path, metavar="DIR", help="the log, as `fetch` saves it")


def add_key(command: argparse.ArgumentParser, whose: str) -> None:
    """Take key and origin: they are the reader's own, never from what is under check."""
    command.add_argument(
        "--key", required=True, action=Keys, help=f"verifier key of {whose}; again for older ones"
    )
    command.add_argument("--origin", required=True, help="origin of the log, HOST/log")
