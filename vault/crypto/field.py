"""Seal a field's value, and open values against the record of a decision: OF1.

    0xF1 || suite 0x01 || u32 key generation || nonce[12] || ciphertext of pad(value) || tag[16]

`open_values` and `open_each` are the only ways to a value, and both demand `Recorded`: the proof
that the decision is durable. What they authenticate comes from that record and from the ask, never
from the row, so that a row fetched by mistake or moved by hand does not open.
Source: docs/formats.md, 4.
"""

import struct
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias
from uuid import UUID

import orjson

from vault.core import canonical
from vault.core.errors import OpenError, TooLargeError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.crypto import context
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.crypto.padding import pad, unpad_each
from vault.crypto.sealed import Box

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_VALUE = 32_768  # bytes of canonical JSON, before padding

FORMAT = b"\xf1\x01"  # field value, suite 1: AES-256-GCM
HEADER = struct.Struct(">2sI")  # format, u32 generation
_HEADER_BYTES = 6
KINDS = (Kind.PROFILE, Kind.RETAINED)


# Named tuples and not dataclasses: a read makes ten of them, and they cost a third.
class Place(NamedTuple):
    """Where a value will stand; all of it is authenticated."""

    customer: CustomerId
    field: str  # "group.name" or "interaction.kind"
    value_id: UUID
    schema: int  # u32
    row_version: int  # u64, raised by one whenever the row is written


class Sealed(context.Placed, Protocol):
    """A value as its row holds it. Whose it is comes from the record, never from here."""

    @property
    def sealed(self) -> bytes:
        """Its ciphertext, OF1."""


class SealedValue(NamedTuple):
    """A value of a row that is no field's: an event, a message, what a law keeps."""

    field: str
    value_id: UUID
    schema: int
    row_version: int
    sealed: bytes


def seal_value(keks: Keks, key: WrappedKey, place: Place, value: object) -> bytes:
    """Seal a JSON value for one place.

    Raises:
        CanonicalError: for what is no JSON as the vault keeps it.
        TooLargeError: for more than 32 KiB.
        OpenError: when the customer's key does not open, or belongs to someone else.
    """
    if key.customer != place.customer or key.kind not in KINDS:
        raise OpenError
    data = canonical.dumps(value)
    if len(data) > MAX_VALUE:
        raise TooLargeError
    header = HEADER.pack(FORMAT, key.generation)
    where = context.value(
        context.value_prefix(keks.deployment, place.customer),
        place.value_id,
        place.schema,
        place.row_version,
        header + place.field.encode(),
    )
    return header + Box(unwrap(keks, key)).seal(where, pad(data))


def open_values(
    recorded: Recorded, keks: Keks, key: WrappedKey, values: Sequence[Sealed]
) -> dict[str, Json]:
    """Open values of different fields: field -> value.

    Raises:
        OpenError: as `open_each` does, and when two values have the same field.
    """
    opened = open_each(recorded, keks, key, values)
    result = {value.field: plain for value, plain in zip(values, opened, strict=True)}
    if len(result) != len(opened):
        raise OpenError
    return result


def open_each(
    recorded: Recorded, keks: Keks, key: WrappedKey, values: Sequence[Sealed]
) -> list[Json]:
    """Open values in their order; fields may repeat, as the kinds of interactions do.

    Raises:
        OpenError: for a customer or a field that the record does not name, a value from another
            row, version or customer, a changed byte. One bad value refuses all.
    """
    if key.customer != recorded.customer or key.kind not in KINDS:
        raise OpenError
    prefix = context.value_prefix(keks.deployment, recorded.customer)
    header = HEADER.pack(FORMAT, key.generation)
    allowed = recorded.allowed
    for one in values:
        if one.field not in allowed or one.sealed[:_HEADER_BYTES] != header:
            raise OpenError
    try:
        opened = Box(unwrap(keks, key)).open_each(
            context.value_each(prefix, header, values),
            [one.sealed for one in values],
            _HEADER_BYTES,
        )
        # What opens was written by `seal_value`: the fast parser reads what the strict one wrote.
        return [orjson.loads(text) for text in unpad_each(opened)]
    except (struct.error, ValueError):
        # A row whose schema or version has no place in the format, or text that is no JSON.
        raise OpenError from None
