"""Put a MAC on rows that grant something, so that editing the database grants nothing.

    stored = u8 generation || HMAC-SHA256(K, row)[0:16]      K = expand(key, label || dep || table)

Here are the exact bytes of each such row. What a row means, and that a missing or broken one denies,
is decided elsewhere.
Source: docs/formats.md, 10.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.digest import hex32, name16, names32
from vault.crypto.service_key import Mac, ServiceKey, subkey

MAC_BYTES = 17
NO_END = 2**63 - 1  # unix ms of a consent that has no end

CONSENT = "consent"
STANDING = "standing"
LOOKUP = "lookup"
APP = "app"
APP_STATE = "app_state"
CODE = "code"
VALUE = "value"
JOURNAL = "erasures"  # lines of the journal of erasures, which is a file

# Numbers of the ten states in MACed rows, for ever.
STATES = {
    "unknown": 0,
    "requested": 1,
    "deferred": 2,
    "given": 3,
    "renewed": 4,
    "refused": 5,
    "withdrawn": 6,
    "expired": 7,
    "revoked": 8,
    "invalidated": 9,
}

_CONSENT = struct.Struct(">BQqq")  # state, epoch, from_ms, until_ms
_STANDING = struct.Struct(">QB")  # epoch, flags
_APP_STATE = struct.Struct(">QBq")  # version, frozen, valid_from_ms
_CODE = struct.Struct(">q")  # effective_ms
_VALUE = struct.Struct(">Qqqqq")  # row_version, then unix ms: gathered, told, disputed, verified
_NEVER = -(2**63)  # unix ms of what has not happened


def row_mac(key: ServiceKey, table: str, row: bytes) -> bytes:
    """Return the 17 bytes that are stored beside a row.

    Args:
        key: the service key "row-mac".
        table: `CONSENT`, `STANDING` or another of those above.
        row: what the function named for the table returns; of the journal, the line.
    """
    return bytes((key.generation,)) + _mac(key, table).of(row)[:16]


def row_macs(key: ServiceKey, table: str, rows: Iterable[bytes]) -> list[bytes]:
    """Return what `row_mac` returns for each of several rows."""
    generation = bytes((key.generation,))
    return [generation + one[:16] for one in _mac(key, table).of_each(rows)]


def check_row(key: ServiceKey, table: str, row: bytes, mac: bytes) -> bool:
    """Say whether the MAC is this key's for this row."""
    return hmac.compare_digest(row_mac(key, table, row), mac)


def bad_rows(
    key: ServiceKey, table: str, rows: Sequence[bytes], macs: Sequence[bytes | None]
) -> list[int]:
    """Return the places of those rows whose MAC is not this key's, or not there."""
    generation, same = bytes((key.generation,)), hmac.compare_digest
    made = enumerate(zip(_mac(key, table).of_each(rows), macs, strict=True))
    # A row without a MAC is one that was never proven, whoever took it away.
    return [at for at, (one, mac) in made if mac is None or not same(generation + one[:16], mac)]


@lru_cache(maxsize=1024)  # service keys and tables are few
def _mac(key: ServiceKey, table: str) -> Mac:
    return Mac(subkey(key, b"ownship/row-mac/v1\0", table.encode()))


def consent_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    consent_id: UUID,
    purpose: str,
    app: str | None,
    state: str,
    epoch: int,
    from_ms: int,
    until_ms: int | None,
    code: str,
    fields: Iterable[str],
    shown: str | None,
) -> bytes:
    """Return the bytes of a customer's decision on a purpose.

    Args:
        deployment: 16 bytes.
        customer: whose decision it is.
        consent_id: of the event.
        purpose: its id.
        app: client id when the decision is for one app alone.
        state: one of `STATES`.
        epoch: u64, the standing row's.
        from_ms: unix ms, inclusive.
        until_ms: unix ms, exclusive; None for no end.
        code: SHA-256 in hex of the code of ethics.
        fields: names the decision covers, in any order.
        shown: SHA-256 in hex of the notice's bytes; None when nothing was shown.

    Raises:
        FormatError: when a member has no place in the format; a stored row that does is broken.
    """
    end = NO_END if until_ms is None else until_ms
    try:
        numbers = _CONSENT.pack(STATES[state], epoch, from_ms, end)
    except (KeyError, struct.error):
        raise FormatError from None
    which = b"ownship/consent/v1\0" + deployment + customer.bytes + consent_id.bytes
    rests_on = hex32(code) + names32(fields) + hex32(shown)
    return which + name16(purpose) + name16(app) + numbers + rests_on


def standing_row(
    deployment: DeploymentId,
    customer: UUID,
    *,
    epoch: int,
    flags: int,
    objections: Iterable[str],
    terms: bytes,
) -> bytes:
    """Return the bytes of the row that only subtracts: restriction, objections, standing terms.

    Args:
        deployment: 16 bytes.
        customer: whose row it is.
        epoch: u64, raised by one with every change.
        flags: u8.
        objections: ids of purposes, in any order.
        terms: the stored canonical JSON of the customer's own terms.

    Raises:
        FormatError: when epoch or flags have no place in the format.
    """
    try:
        numbers = _STANDING.pack(epoch, flags)
    except struct.error:
        raise FormatError from None
    return b"".join(
        (
            b"ownship/standing/v1\0",
            deployment,
            customer.bytes,
            numbers,
            names32(objections),
            hashlib.sha256(terms).digest(),
        )
    )


def lookup_row(deployment: DeploymentId, customer: UUID, *, idx: bytes, kind: int) -> bytes:
    """Return the bytes of a row that leads from an identifier to a customer.

    Args:
        deployment: 16 bytes.
        customer: where the row leads.
        idx: the 17 bytes of the blind index.
        kind: u8, which identifier it is.

    Raises:
        FormatError: when index or kind have no place in the format.
    """
    if len(idx) != 17 or not 0 <= kind <= 255:
        raise FormatError
    return b"".join((b"ownship/lookup/v1\0", deployment, idx, bytes((kind,)), customer.bytes))


def app_row(deployment: DeploymentId, *, app: str, registration: str) -> bytes:
    """Return the bytes of an app's registration.

    Args:
        deployment: 16 bytes.
        app: the client id.
        registration: SHA-256 in hex of the stored canonical JSON.

    Raises:
        FormatError: when the digest is none.
    """
    return b"".join((b"ownship/app/v1\0", deployment, hex32(registration), app.encode()))


def app_state_row(
    deployment: DeploymentId,
    *,
    app: str,
    registration: str,
    version: int,
    frozen: bool,
    valid_from_ms: int,
) -> bytes:
    """Return the bytes of how an app stands, and on which registration.

    Args:
        deployment: 16 bytes.
        app: the client id.
        registration: SHA-256 in hex of the stored canonical JSON; no other one goes with this state.
        version: u64, raised by one with every registration.
        frozen: whether staff stopped the app.
        valid_from_ms: unix ms; tokens issued before are void.

    Raises:
        FormatError: when a member has no place in the format.
    """
    try:
        numbers = _APP_STATE.pack(version, frozen, valid_from_ms)
    except struct.error:
        raise FormatError from None
    parts = (b"ownship/app-state/v1\0", deployment, hex32(registration), numbers, app.encode())
    return b"".join(parts)


def code_row(deployment: DeploymentId, *, version: str, digest: str, effective_ms: int) -> bytes:
    """Return the bytes of a published code of ethics: which document, from when.

    Args:
        deployment: 16 bytes.
        version: its name.
        digest: SHA-256 in hex of the stored canonical JSON.
        effective_ms: unix ms, inclusive.

    Raises:
        FormatError: when digest or time have no place in the format.
    """
    try:
        moment = _CODE.pack(effective_ms)
    except struct.error:
        raise FormatError from None
    return b"".join((b"ownship/code/v1\0", deployment, hex32(digest), moment, version.encode()))


def value_prefix(deployment: DeploymentId, customer: UUID) -> bytes:
    """Return the part that all values of a customer share; the hot path builds it once."""
    return b"".join((b"ownship/value/v1\0", deployment, customer.bytes))


def value_row(
    prefix: bytes,
    *,
    field: str,
    value_id: UUID,
    row_version: int,
    source: str,
    gathered_ms: int,
    told_ms: int | None,
    disputed_ms: int | None,
    verified_ms: int | None,
) -> bytes:
    """Return the bytes of where a value comes from, and what became of it since.

    Args:
        prefix: from `value_prefix`, which says whose value it is.
        field: its name.
        value_id: the seal's too, so that neither can be put beside another.
        row_version: u64, likewise.
        source: how it was gathered.
        gathered_ms: unix ms.
        told_ms: unix ms when the customer was told of it; None for not yet.
        disputed_ms: unix ms since when the customer says that it is wrong; None for no.
        verified_ms: unix ms when the customer said that it is right; None for no.

    Raises:
        FormatError: when a member has no place in the format.
    """
    told = _NEVER if told_ms is None else told_ms
    disputed = _NEVER if disputed_ms is None else disputed_ms
    verified = _NEVER if verified_ms is None else verified_ms
    try:
        numbers = _VALUE.pack(row_version, gathered_ms, told, disputed, verified)
    except struct.error:
        raise FormatError from None
    return prefix + value_id.bytes + numbers + f"{source}\0{field}".encode()
