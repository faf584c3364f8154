"""Turn what a driver raises into the vault's own errors: the only translator.

Decides by SQLSTATE, or by SQLite's result code, and never by a constraint's name: through a
cluster it is missing. Nothing of the driver leaves: its texts and details quote rows and
parameters, so the errors made here carry a code at most and are raised `from None`.
Source: docs/scale.md, errors and retries.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vault.core.errors import (
    BusyError,
    ConflictError,
    OutcomeUnknownError,
    StoreDefectError,
    VaultError,
)

DRIVER_ERRORS: Final = (
    DBAPIError,
    PoolTimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a broken connection that the driver has not noticed yet
    sqlite3.Error,
    OSError,  # a socket that broke, or asyncpg's command timeout
)

_LOST_INSERT: Final = "23505"
_NO_PARENT: Final = "23503"
_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})
_BUSY_CLASSES: Final = ("08", "53", "57")
_STANDBY: Final = "25006"
# COMMIT answered with one of these was rolled back for certain; with any other, nobody knows.
_ROLLED_BACK: Final = ("22", "23", "25", "40", "42", "53100", "53200", "55")

_SQLITE_TAKEN: Final = frozenset({1555, 2067})  # primary key, unique
_SQLITE_AGAIN: Final = frozenset({5, 6})  # BUSY, LOCKED: another process writes
_SQLITE_FULL: Final = 13
_SQLITE_BUSY: Final = frozenset({10, 13, 14})  # IOERR, FULL, CANTOPEN
_SQLITE_SHAPE: Final = 1  # a statement that does not fit the schema


class TryAgainError(BusyError):
    """The transaction lost against another one; the whole of it may be tried again."""


class WriterClosedError(TryAgainError):
    """A writer of the access log was closed: the next try begins a fresh one."""


@contextmanager
def translated(*, committing: bool = False) -> Iterator[None]:
    """Raise the vault's errors instead of a driver's.

    Args:
        committing: the statement inside is COMMIT, where a lost answer means *unknown*.
    """
    try:
        yield
    except DRIVER_ERRORS as error:
        raise translate(error, committing=committing) from None


def translate(error: BaseException, *, committing: bool = False) -> VaultError:
    """Return the error of ours that a driver's error stands for.

    Args:
        error: one of DRIVER_ERRORS.
        committing: the statement was COMMIT.
    """
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(origin, sqlite3.Error):
        return _from_sqlite(origin, committing=committing)
    state = _sqlstate(origin)
    if committing and not state.startswith(_ROLLED_BACK):
        return OutcomeUnknownError()
    if state == _LOST_INSERT:
        return ConflictError()
    if state in _AGAIN:
        return TryAgainError()
    if state == _STANDBY or state.startswith(_BUSY_CLASSES):
        return BusyError()
    if state:
        return StoreDefectError(_defect(state, origin))
    # No state: the connection broke, the pool is used up or the time is over.
    return BusyError()


def spoils(error: BaseException) -> bool:
    """Tell whether the connection that met this error must not be handed out again.

    SQLAlchemy sees most broken connections itself; not a server that may only read now, and not
    what the driver raises past it.
    """
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    state = _sqlstate(origin)
    return state == _STANDBY or (not state and not isinstance(origin, sqlite3.Error))


def lacks_parent(error: BaseException) -> bool:
    """Tell whether a row was refused because the one that it belongs to is gone."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return _sqlstate(origin) == _NO_PARENT


def _sqlstate(origin: BaseException) -> str:
    state = getattr(origin, "sqlstate", None)
    return state if isinstance(state, str) and re.fullmatch("[0-9A-Z]{5}", state) else ""


def _from_sqlite(origin: sqlite3.Error, *, committing: bool) -> VaultError:
    code = getattr(origin, "sqlite_errorcode", None)
    if code is None:  # the module's own complaints: a closed connection, a wrong call
        return OutcomeUnknownError() if committing else BusyError()
    if code in _SQLITE_TAKEN:
        return ConflictError()
    primary = code & 0xFF  # the rest of the code is the detail
    if primary in _SQLITE_AGAIN:
        return TryAgainError()
    if committing and primary != _SQLITE_FULL:
        return OutcomeUnknownError()
    if primary in _SQLITE_BUSY:
        return BusyError()
    return StoreDefectError(_defect(f"SQLite {code}", origin, shape=primary == _SQLITE_SHAPE))


def _defect(code: str, origin: BaseException, *, shape: bool = False) -> str:
    """Name a mistake of ours; the driver's words only where they cannot quote a parameter."""
    if shape or code.startswith("42"):
        words = str(origin).partition("\n")[0].rpartition(">: ")[2]
        return f"The store refused a statement ({code}): {words}"
    return f"The store refused a statement ({code})."
