"""Find on which notice a consent rests, in the code of ethics that it was served under.

A consent that was carried over names the code that it was carried to, and still the notice that
the customer saw; so the codes before are asked too, the newest first.
Source: consent-standards note, 2.1.
"""

from vault.core.consent import Consent
from vault.core.consent_record import NoticeShown
from vault.core.notice import identify, template
from vault.services.unit import Unit
from vault.store import code as code_store


async def shown(it: Unit, consent: Consent) -> NoticeShown:
    """Return what the customer decided on: a notice, evidence from elsewhere, or the code."""
    if not consent.shown:
        return NoticeShown("code")
    digests = [claim.digest for claim in reversed(await code_store.claims(it.conn))]
    for digest in sorted(digests, key=lambda one: one != consent.code):  # its own code first
        rulebook = await it.deps.codes.by_digest(it.conn, digest)
        if consent.purpose not in rulebook.purposes:
            continue
        kind = identify(rulebook, consent.purpose, consent.shown)
        if kind is not None:
            used = template(rulebook.purposes[consent.purpose])
            return NoticeShown(used, kind.controls, code=digest)
    return NoticeShown("evidence")
