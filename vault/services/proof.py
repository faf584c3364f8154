"""Verify DPoP proofs: that whoever sends a request holds the key that its token is bound to.

1. size, segments, header and key: `vault/crypto/jws.py`;
2. method, URI, time and token hash: `vault/core/proof.py`;
3. the nonce, so that proofs cannot be made long before they are used;
4. the key is the one that is asked for, and the signature is the key's.

The cheap comparisons come before the signature. That a proof is used once is not checked here: the
claim is handed back, for the caller to commit.
Source: RFC 9449; docs/oauth.md, DPoP.
"""

import hmac
from functools import lru_cache
from typing import Final, NamedTuple

from vault.core import proof
from vault.core.errors import NonceError, ProofError, SignatureError
from vault.crypto import jws
from vault.crypto.jwk import ED25519, ES256, PublicJwk
from vault.crypto.service_key import ServiceKey
from vault.crypto.tokens import dpop_nonce, dpop_slot
from vault.services import spent
from vault.services.deps import Deps
from vault.store.once import Claim

ALGORITHMS: Final = (ES256, ED25519)
AS: Final = "as"  # the token endpoint
RS: Final = "rs"  # the API
KEYS: Final = 4096  # proof keys kept by their header segment


# A named tuple and not a dataclass: each read makes one, and it costs a third.
class Proof(NamedTuple):
    """A proof that passed; whoever acts on it must claim it first."""

    jkt: str  # thumbprint of its key
    claim: Claim
    renew: bool  # its nonce ends soon: answer with the one of this slot


def verify(
    deps: Deps,
    header: bytes,
    *,
    role: str,
    method: str,
    path: str,
    now: int,
    ath: str | None = None,
    jkt: str | None = None,
) -> Proof:
    """Return a proof of this very request.

    Args:
        deps: what the use case may touch.
        header: the value of the one header `DPoP`.
        role: `AS` or `RS`; a nonce of one is none of the other.
        method: as received.
        path: the raw path as received, without the query.
        now: unix seconds.
        ath: base64url of the SHA-256 of the access token; None where none is presented.
        jkt: the thumbprint that the token is bound to; None where any key will do.

    Raises:
        ProofError: saying which check failed; a `NonceError` when the nonce alone is missing or old.
    """
    try:
        parts = jws.split(header, max_bytes=jws.MAX_PROOF)
        key = _key(parts.header)
    except SignatureError:
        raise ProofError(
            "The DPoP proof is no JWS with a public key, as RFC 9449 has it."
        ) from None
    claims = proof.read(parts.payload)
    proof.check(claims, method=method, uri=deps.issuer + path, now=now, ath=ath)
    renew = deps.dpop_nonce and not _check_nonce(deps, role, claims.nonce, now)
    if jkt is not None and key.jkt != jkt:
        raise ProofError("The DPoP proof is signed with another key than the token is bound to.")
    try:
        key.verify(parts.signature, parts.signed)
    except SignatureError:
        raise ProofError("The DPoP proof's signature does not verify.") from None
    return Proof(key.jkt, spent.of_proof(key.jkt, claims.jti, at=claims.at), renew)


def nonce(deps: Deps, role: str, *, now: int) -> str | None:
    """Return the nonce that proofs must carry; None when the setting asks for none."""
    if not deps.dpop_nonce:
        return None
    return _nonce(deps.keys.service("nonce"), role, dpop_slot(now)).decode()


def _check_nonce(deps: Deps, role: str, given: str | None, now: int) -> bool:
    """Return whether the nonce is this slot's; the last slot's passes too."""
    key, slot = deps.keys.service("nonce"), dpop_slot(now)
    sent = (given or "").encode()
    if hmac.compare_digest(sent, _nonce(key, role, slot)):
        return True
    if not hmac.compare_digest(sent, _nonce(key, role, slot - 1)):
        raise NonceError
    return False


@lru_cache(maxsize=KEYS)
def _key(segment: bytes) -> PublicJwk:
    return jws.proof_key(segment, algorithms=ALGORITHMS)


@lru_cache(maxsize=64)
def _nonce(key: ServiceKey, role: str, slot: int) -> bytes:
    return dpop_nonce(key, role, slot).encode()
