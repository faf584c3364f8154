"""Let a proof or an assertion be used once, wherever it arrives.

The key of a claim is a hash of who signed and of the `jti`; its slot is the signed time, so that
old rows can go. Claims are committed first and alone: a burnt proof without an answer is harmless.
Source: RFC 9449, 11.1; RFC 7523, 3; docs/oauth.md, DPoP.
"""

import hashlib
from datetime import datetime
from typing import Final

from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.store import app as app_store
from vault.store import commit, once
from vault.store.commit import Work
from vault.store.engine import Conn
from vault.store.once import Claim

PROOF: Final = "proof"
ASSERTION: Final = "assertion"
LETTER: Final = "letter"  # one a day; its slot is the day's first second
CODE_LETTER: Final = "code-letter"  # one about a code; its slot is the code's first second
DAY: Final = 86_400  # seconds
KEPT: Final = 300  # seconds that a row outlives what it stands for
_CODE_DAYS: Final = 90  # a job that staff begin again by then writes no letter twice
_PROOF_LIFE: Final = 60  # seconds behind its `iat` in which a proof passes


def of_proof(jkt: str, jti: str, *, at: int) -> Claim:
    """Return the claim of a DPoP proof; `at` is its signed `iat`, unix seconds."""
    return Claim(PROOF, at, _framed(jkt, jti))


def of_assertion(app: str, jti: str, *, until: int) -> Claim:
    """Return the claim of a client assertion; `until` is its signed `exp`, unix seconds."""
    return Claim(ASSERTION, until, _framed(app, jti))


async def forget(deps: Deps) -> int:
    """Delete the rows that nobody can use again, and those of revoked tokens that have ended.

    Returns:
        How many claims went.
    """
    at = deps.clock.now()
    now = int(at.timestamp())
    total = 0
    ended = (
        (PROOF, now - _PROOF_LIFE - KEPT),
        (ASSERTION, now - KEPT),
        (LETTER, now - DAY - KEPT),
        (CODE_LETTER, now - _CODE_DAYS * DAY),
    )
    for kind, before in ended:
        # A portion at a time, each its own transaction, so that no lock is held for long.
        while went := await commit.request(deps.database, _prune(kind, before)):
            total += went

    async def revoked(conn: Conn) -> int:
        return await app_store.prune_revoked(conn, before=at)

    await commit.request(deps.database, revoked)
    return total


def _prune(kind: str, before: int) -> Work[int]:
    async def work(conn: Conn) -> int:
        return await once.prune(conn, kind, before=before)

    return work


def of_letter(template: str, customer: CustomerId, *, at: datetime) -> Claim:
    """Return the claim of the one letter of a kind that a customer gets in a day."""
    return Claim(LETTER, int(at.timestamp()) // DAY * DAY, _framed(template, str(customer)))


def of_code_letter(template: str, customer: CustomerId, digest: str, *, day: datetime) -> Claim:
    """Return the claim of the one letter of a kind that a customer gets about a code of ethics."""
    return Claim(CODE_LETTER, int(day.timestamp()), _framed(f"{template} {digest}", str(customer)))


def _framed(who: str, jti: str) -> bytes:
    # The length keeps ("ab", "c") and ("a", "bc") apart.
    first = who.encode("utf-8", "surrogatepass")
    data = len(first).to_bytes(4) + first + jti.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).digest()
