"""Queue one customer's traits to be worked out, or ended, behind a decision of theirs.

A no ends what was worked out within seconds, and a yes lets it begin; the daily job would do the
same a day later. Under a code that works nothing out, nothing is queued.
Source: GDPR 21; docs/knowing.md.
"""

from typing import Final

from policies.model import Rulebook
from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import job

KIND: Final = "trait"
ONE: Final = "one/"  # what the ref of a job about one customer begins with


async def queue(it: Unit, customer: CustomerId, rulebook: Rulebook) -> None:
    """Queue it in the transaction of its cause."""
    if not any(one.method for one in rulebook.code.derivations):
        return
    work = job.new(
        customer.bytes,
        uuid7(unix_ms(it.now)),
        kind=KIND,
        ref=f"{ONE}{customer.hex}",
        run_at=it.now,
    )
    await job.add(it.conn, [work])
