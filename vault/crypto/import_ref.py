"""Name a row of an imported file without keeping its key, and prove what the row became.

    ref = u8 generation || HMAC-SHA256(key of the file, label || text)[0:16]

Whoever holds the table alone sees neither keys nor which file a row is of. The sixteen bytes behind
the generation are also what stays when a customer is erased, so that the row revives nobody.
Source: docs/formats.md, 8 and 10.
"""

import hmac
from typing import Final
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.service_key import ServiceKey, subkey

REF_BYTES: Final = 17
TABLE: Final = "import_ref"  # for `row_mac`
_NO_EVENT: Final = bytes(16)


def reference(key: ServiceKey, file: str, text: str) -> bytes:
    """Return the reference of a row, 17 bytes.

    Args:
        key: the service key "index".
        file: the name that a mapping gives the file.
        text: the row's own key.
    """
    generation = bytes((key.generation,))
    derived = subkey(key, b"ownship/import-key/v1\0", generation + file.encode())
    message = b"ownship/import-ref/v1\0" + text.encode()
    return generation + hmac.digest(derived, message, "sha256")[:16]


def import_ref_row(
    deployment: DeploymentId, customer: UUID, *, ref: bytes, interaction: UUID | None
) -> bytes:
    """Return the bytes of a row that says what a row of an imported file became.

    Args:
        deployment: 16 bytes.
        customer: where the row leads.
        ref: the 17 bytes of the reference.
        interaction: the event that it is; None when it is the customer.

    Raises:
        FormatError: when the reference has no place in the format.
    """
    if len(ref) != REF_BYTES:
        raise FormatError
    event = interaction.bytes if interaction else _NO_EVENT
    return b"".join((b"ownship/import-ref-row/v1\0", deployment, ref, customer.bytes, event))
