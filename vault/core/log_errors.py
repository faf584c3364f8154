"""Name what can be wrong between the log and what is kept of it outside of the database.

Each keeps the vault from opening, so each says what to do. None says what stands in an entry.
Source: access-log note, 9; docs/recovery.md.
"""

from typing import Self

from vault.core.errors import NotReadyError


class LogBehindError(NotReadyError):
    """The log is older than its mirror, or says otherwise: a restore, a failover that lost commits."""

    code = "log-behind"
    sentence = "The log is behind its anchor. Run `ownship log recover`."


class LogEditedError(LogBehindError):
    """Rows of the log were edited: they are not what was signed and mirrored."""

    code = "log-edited"
    sentence = (
        "Rows of the log were edited: they do not lead to what was signed. Keep a copy of the "
        "database before anything else, then see docs/recovery.md, an edited log."
    )

    @classmethod
    def at(cls, index: int) -> Self:
        """Name the first entry that differs from the mirror."""
        return cls(f"Entry {index} is the first that differs from the mirror. {cls.sentence}")


class RecoveryUnfinishedError(LogBehindError):
    """A recovery opened the next log and did not come to its end."""

    code = "recovery-unfinished"
    sentence = "A recovery of the log was begun and not finished. Run `ownship log recover`."


class MirrorForgedError(NotReadyError):
    """The newest checkpoint of the mirror is signed by none of the log's keys."""

    code = "mirror-forged"
    sentence = (
        "The newest checkpoint of the mirror is not signed by a key of this log, so nobody can tell "
        "how far the log had come. Look for who wrote to the folder of OWNSHIP_MIRROR, and put a copy "
        "of it back."
    )


class MirrorForeignError(NotReadyError):
    """The mirror holds the log of another vault."""

    code = "mirror-foreign"
    sentence = "The folder of OWNSHIP_MIRROR holds the log of another vault. Set it to this one's."


class MirrorMissingError(NotReadyError):
    """The log had a mirror, and its folder is empty."""

    code = "mirror-missing"
    sentence = (
        "This log was mirrored, and the folder of OWNSHIP_MIRROR is empty. Mount it, or put a copy "
        "back; if it is lost for good, run `ownship log mirror --anew`."
    )


class MirrorDamagedError(NotReadyError):
    """A file of the mirror is missing or is not what its checkpoint says."""

    code = "mirror-damaged"
    sentence = (
        "A file of the mirror is missing or was changed: it does not lead to the signed checkpoint. "
        "Put a good copy of the folder of OWNSHIP_MIRROR back."
    )


class MirrorDownError(NotReadyError):
    """The mirror cannot be read or written."""

    code = "mirror-down"
    sentence = (
        "The mirror cannot be read or written. Check the folder of OWNSHIP_MIRROR and its disk."
    )
