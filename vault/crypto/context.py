"""Say for each ciphertext where it belongs: the bytes that are authenticated with it.

A context is an ASCII label ended by 0x00, then parts of fixed width, then at most one part of free
length, last. No label is the beginning of another and none holds a zero, so no two places have the
same context and no length prefixes are needed. Widths are checked where ids are made, not here.
Source: docs/formats.md, 3.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Protocol
from uuid import UUID

from vault.core import canonical
from vault.core.ids import DeploymentId

_U32 = struct.Struct(">I")
_SCHEMA_AND_VERSION = struct.Struct(">IQ")  # u32 schema, u64 row_version
_NOBODY = bytes(16)  # where a key belongs to the deployment and to no customer


class Placed(Protocol):
    """A value as it stands in its row: whatever holds one, so that no copy is made to open it."""

    @property
    def field(self) -> str:
        """Its name."""

    @property
    def value_id(self) -> UUID:
        """Of the value."""

    @property
    def schema(self) -> int:
        """A u32, number of the field's form."""

    @property
    def row_version(self) -> int:
        """A u64, raised whenever the row is written."""


def value_prefix(deployment: DeploymentId, customer: UUID) -> bytes:
    """Return the part that all values of a customer share; the hot path builds it once."""
    return b"ownship/field/v1\0" + deployment + customer.bytes


def value(prefix: bytes, value_id: UUID, schema: int, row_version: int, tail: bytes) -> bytes:
    """Return the context of one field value.

    Args:
        prefix: from `value_prefix`.
        schema: u32, number of the field's form.
        row_version: u64; an older ciphertext does not open in a newer row.
        tail: the first six bytes of the sealed value, then the field's name.

    Raises:
        struct.error: when schema or row version is out of range; the callers translate it.
    """
    return prefix + value_id.bytes + _SCHEMA_AND_VERSION.pack(schema, row_version) + tail


def value_each(prefix: bytes, header: bytes, rows: Iterable[Placed]) -> list[bytes]:
    """Return the context of each of a customer's values, as `value` does of one.

    Args:
        prefix: from `value_prefix`.
        header: the first six bytes of these sealed values.
        rows: where they stand.

    Raises:
        struct.error: as `value`.
    """
    pack = _SCHEMA_AND_VERSION.pack
    return [
        prefix
        + row.value_id.bytes
        + pack(row.schema, row.row_version)
        + header
        + row.field.encode()
        for row in rows
    ]


def key(
    deployment: DeploymentId, header: bytes, customer: UUID | None, generation: int, kind: str
) -> bytes:
    """Return the context of a wrapped key.

    Args:
        header: the first 18 bytes of the wrapped key: format, suite and KEK id.
        customer: None for a key of the deployment.
        generation: u32.
        kind: `profile`, `audit`, `retained`, `export`, or `service/` and the use.
    """
    owner = customer.bytes if customer else _NOBODY
    return b"".join(
        (b"ownship/wrap/v1\0", deployment, header, owner, _U32.pack(generation), kind.encode())
    )


def kek(names: Mapping[str, str]) -> bytes:
    """Return what a provider without a context of its own binds a KEK to."""
    return b"ownship/kek/v1\0" + canonical.dumps(dict(names))


def ring(deployment: DeploymentId) -> bytes:
    """Return the context of a key ring under a passphrase."""
    return b"ownship/ring/v1\0" + deployment


def entry(header: bytes, origin: str) -> bytes:
    """Return the context of a log entry's payload: its 112 bytes of header, and the log."""
    return b"ownship/entry/v1\0" + header + origin.encode()


def export(deployment: DeploymentId, customer: UUID, header: bytes) -> bytes:
    """Return the context of an export file: its first 20 bytes, `OEX1` and the export's id."""
    return b"ownship/export/v1\0" + deployment + customer.bytes + header


def receipt(deployment: DeploymentId, customer: UUID, *, receipt_id: UUID, header: bytes) -> bytes:
    """Return the context of a consent receipt that the vault keeps: its place and first 6 bytes."""
    return b"ownship/receipt/v1\0" + deployment + customer.bytes + receipt_id.bytes + header


def attachment(
    deployment: DeploymentId, customer: UUID, *, attachment_id: UUID, header: bytes, field: str
) -> bytes:
    """Return the context of an attached file: its place, first 6 bytes, and its event's kind."""
    head = b"ownship/attachment/v1\0" + deployment + customer.bytes + attachment_id.bytes
    return head + header + field.encode()


def mail(deployment: DeploymentId, mail_id: UUID, *, header: bytes, template: str) -> bytes:
    """Return the context of a message that waits: its row, first 6 bytes and template."""
    return b"ownship/mail/v1\0" + deployment + mail_id.bytes + header + template.encode()


def late_form(deployment: DeploymentId, customer: UUID) -> bytes:
    """Return the context of a form that its customer's browser keeps until they sign in again."""
    return b"ownship/late-form/v1\0" + deployment + customer.bytes


def cursor(deployment: DeploymentId, place: str) -> bytes:
    """Return the context of a list's cursor: who may go on with which list."""
    return b"ownship/cursor/v1\0" + deployment + place.encode()


def unsubscribe(deployment: DeploymentId) -> bytes:
    """Return the context of a one-click link: any letter of this vault."""
    return b"ownship/unsubscribe/v1\0" + deployment
