"""Sign the certificate of an erasure, and find it again by its token.

It is a compact JWS under the key of the receipts, with a type of its own, so that neither passes
for the other; anybody checks it with the published keys.
Source: crypto note, 10; docs/formats.md, erasures.
"""

import re
from dataclasses import dataclass
from typing import Final

import structlog

from vault.core import erasure
from vault.core.erasure import Erasure
from vault.core.errors import NotAvailableError, SignatureError
from vault.crypto import jws
from vault.crypto.signing import SigningKey
from vault.crypto.tokens import token_hash
from vault.services.deps import Deps
from vault.services.receipts import USE
from vault.store import erased as store

logger = structlog.get_logger()

_TOKEN: Final = re.compile("[A-Za-z0-9_-]{43}")  # 256 bits


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it is kept."""

    told: Erasure
    signed: str  # compact JWS


def sign(deps: Deps, told: Erasure) -> str:
    """Return the signed certificate."""
    key = SigningKey(deps.keys.service(USE).secret)
    header = {"kid": key.jwk.jkt, "typ": erasure.TYP}
    return jws.sign(key, erasure.certificate(told), header=header)


async def load(deps: Deps, token: str) -> Certificate:
    """Return the certificate of a token.

    Raises:
        NotAvailableError: nobody was erased under it, or not yet.
    """
    if not _TOKEN.fullmatch(token):
        raise NotAvailableError
    async with deps.database.connect() as conn:
        row = await store.load(conn, token_hash(token))
    if row is None:
        raise NotAvailableError
    try:
        payload = _checked(deps, row.certificate)
    except SignatureError:  # somebody edited the row: it says nothing that we say
        logger.error("certificate-damaged")
        raise NotAvailableError from None
    return Certificate(erasure.read_certificate(payload), row.certificate)


def _checked(deps: Deps, signed: str) -> bytes:
    said = jws.parse(signed, max_bytes=erasure.MAX_BYTES)
    ours = [SigningKey(one.secret).jwk for one in deps.keys.generations(USE)]
    key = next((one for one in ours if one.jkt == said.header.get("kid")), None)
    if key is None:
        raise SignatureError
    jws.check(said, key, algorithms=(key.alg,), typ=erasure.TYP)
    return said.payload
