"""Check a consent receipt for anybody who has one, with the keys that are published.

Only what is public anyway is looked up: our keys, and whether the notice is kept under its hash.
The receipt itself is not kept, logged or compared with a customer's; what it says was so then, and
its place in the log is a promise until the log is checked. `ownship-verify` does the same without us.
Source: portal note, 2; consent-standards note, 2.2.
"""

from dataclasses import dataclass
from enum import StrEnum

from vault.core import receipt_check
from vault.core.errors import FormatError, SignatureError
from vault.core.receipt_check import Claimed, Flaw, ReceiptError
from vault.crypto import base64url, receipt_signature
from vault.crypto.jwk import PublicJwk
from vault.services import receipts
from vault.services.deps import Deps
from vault.store import notice, service_key
from vault.store.service_key import ServiceKeyRow


class Verdict(StrEnum):
    """What a check comes to."""

    GOOD = "good"
    BAD = "bad"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt as far as it was checked."""

    verdict: Verdict
    flaw: Flaw | None = None  # why it is bad
    lacks: str = ""  # the field of the standard that the flaw is about
    claimed: Claimed | None = None  # None when it cannot even be read
    kept: tuple[str, ...] = ()  # those of its notices that are published here


async def check(deps: Deps, data: bytes) -> Checked:
    """Return what a receipt is worth.

    Args:
        deps: issuer and database.
        data: as somebody pasted it.

    Returns:
        `CANNOT_TELL` for a receipt of another issuer, whose keys are not here.
    """
    try:
        claimed = receipt_check.read(data)
    except ReceiptError as error:
        return Checked(Verdict.BAD, error.flaw, error.name)
    if claimed.issuer != deps.issuer:
        return Checked(Verdict.CANNOT_TELL, claimed=claimed)
    async with deps.database.connect() as conn:
        rows = [row for row in await service_key.load_all(conn) if row.use == receipts.USE]
        kept = [one for one in claimed.notices if await notice.load(conn, one) is not None]
    try:
        _check_signature(claimed, rows)
    except ReceiptError as error:
        return Checked(Verdict.BAD, error.flaw, error.name, claimed)
    return Checked(Verdict.GOOD, claimed=claimed, kept=tuple(kept))


def _check_signature(claimed: Claimed, rows: list[ServiceKeyRow]) -> None:
    known = {key.jkt: (key, row) for row in rows if (key := _key(row)) is not None}
    jkt = receipt_signature.check(
        claimed.signature, claimed.payload, keys={jkt: key for jkt, (key, _) in known.items()}
    )
    row = known[jkt][1]
    receipt_check.check_age(
        claimed.created,
        valid_from=receipts.iso(row.made_at),
        valid_until=receipts.iso(row.retired_at) if row.retired_at else None,
    )


def _key(row: ServiceKeyRow) -> PublicJwk | None:
    try:
        x = base64url.encode(row.public or b"")
        return PublicJwk.parse({"kty": "OKP", "crv": "Ed25519", "x": x})
    except (FormatError, SignatureError):
        return None  # a damaged row is published by nobody and signs nothing
