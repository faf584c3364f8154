"""Find on which notice a consent rests, in the code of ethics that it was served under.

A consent that was carried over names the code that it was carried to, and still the notice that
the customer saw; so the codes before are asked too, the newest first.
Source: consent-standards note, 2.1.
"""

from policies.model import Rulebook
from vault.core.consent import Consent
from vault.core.consent_record import NoticeShown
from vault.core.notice import Kind, identify, template
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store import code as code_store
from vault.store.engine import Conn


async def shown(it: Unit, consent: Consent) -> NoticeShown:
    """Return what the customer decided on: a notice, evidence from elsewhere, or the code."""
    if not consent.shown:
        return NoticeShown("code")
    found = await served_under(
        it.deps, it.conn, consent.purpose, notice=consent.shown, code=consent.code
    )
    if found is None:
        return NoticeShown("evidence")
    rulebook, kind = found
    used = template(rulebook.purposes[consent.purpose])
    return NoticeShown(used, kind.controls, code=rulebook.digest)


async def served_under(
    deps: Deps, conn: Conn, purpose: str, *, notice: str, code: str
) -> tuple[Rulebook, Kind] | None:
    """Return the code of ethics whose notice it was; None for what is no notice of any.

    Args:
        deps: what a use case may touch.
        conn: a connection.
        purpose: that the notice is of.
        notice: its SHA-256 in hex.
        code: digest of the code that the consent names, which is asked first.
    """
    digests = [claim.digest for claim in reversed(await code_store.claims(conn))]
    for digest in sorted(digests, key=lambda one: one != code):
        rulebook = await deps.codes.by_digest(conn, digest)
        clause = rulebook.purposes.get(purpose)
        kind = identify(rulebook, purpose, notice) if clause and clause.expiry else None
        if kind is not None:
            return rulebook, kind
    return None
