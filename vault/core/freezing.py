"""Say why an app may be frozen: a closed list, for the access log holds no free text.

Source: security note, 8 and T13; docs/oauth.md, apps.
"""

from enum import StrEnum


class FreezeReason(StrEnum):
    """Why somebody stopped an app."""

    KEY_LOST = "key-lost"  # its key, or the machine that holds it, may be in other hands
    ASKS_TOO_MUCH = "asks-too-much"  # more customers or details than its work needs
    WRONG_USE = "wrong-use"  # what it got was used for something else
    NOT_USED = "not-used"  # nobody works with it any more
    OWNER_ASKED = "owner-asked"
    OTHER = "other"  # told elsewhere
