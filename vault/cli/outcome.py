"""Say how a command ended: one line on stderr for an error, and an exit code that scripts can use.

0 done; 1 done, but rows were refused or a check failed; 2 usage, or input that cannot be read;
3 not ready: settings, keys, database; 4 refused by a rule; 130 interrupted.
Source: ecosystem note, 5.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import typer

DONE: Final = 0
PARTLY: Final = 1
UNREADABLE: Final = 2
NOT_READY: Final = 3
REFUSED: Final = 4
INTERRUPTED: Final = 130

_debug = False


def show_tracebacks() -> None:
    """Add where an error came from to what is said about it; without values of variables."""
    global _debug  # noqa: PLW0603  one process runs one command
    _debug = True


@contextmanager
def told() -> Iterator[None]:
    """Turn the errors of a command into a sentence and an exit code."""
    try:
        yield
    except KeyboardInterrupt:
        _end("Interrupted. Nothing is half done; run the command again.", INTERRUPTED)
    except Exception as error:
        code = _code(error)
        if _debug:
            _trace(error)
        if code is None:
            raise
        _end(_sentence(error), code)


def fail(sentence: str, code: int) -> NoReturn:
    """End the command with a sentence."""
    _end(sentence, code)


def _end(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise typer.Exit(code)


def _code(error: Exception) -> int | None:
    from policies.errors import CodeErrors
    from vault.core import errors
    from vault.settings import SettingsError

    if isinstance(error, CodeErrors | errors.BadRequestError | errors.WrongValueError):
        return UNREADABLE
    not_ready = (SettingsError, errors.NotReadyError, errors.UnwrapFailedError, errors.BusyError)
    if isinstance(error, (*not_ready, errors.StoreDefectError, errors.OpenError)):
        return NOT_READY
    return REFUSED if isinstance(error, errors.VaultError) else None


def _sentence(error: Exception) -> str:
    from vault.core.errors import VaultError

    if isinstance(error, VaultError):
        return f"{error.code}: {error.detail}"
    return str(error)


def _trace(error: Exception) -> None:
    import traceback

    # The message of an error may hold what a driver was given; ours never do.
    lines = traceback.format_tb(error.__traceback__)
    print("".join(lines) + type(error).__name__, file=sys.stderr)
