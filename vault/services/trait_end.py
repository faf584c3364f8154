"""Delete what the vault itself inferred, with a record of it, and forget what it was made of.

It goes where no purpose allows it any more, where nothing can be said any more, and where its
customer says that it is wrong. Nothing of it is opened.
Source: GDPR 21 and 22; docs/knowing.md; access-log note, 2.
"""

import hashlib
from collections.abc import Collection

from vault.core import trait
from vault.core.entry import Kind as EntryKind
from vault.crypto.keys import Kind, unwrap
from vault.services import values
from vault.services.draft import Draft
from vault.services.load import Load, values_of
from vault.services.unit import Unit
from vault.store import trait as store


async def end(
    it: Unit, load: Load, fields: Collection[str], *, epoch: int, request: str | None = None
) -> bool:
    """Delete inferred values, and forget what they were worked out of; False where none was there.

    Args:
        it: the unit; its commit makes it stand.
        load: the customer's, under lock, whose standing row is intact.
        fields: whose values are inferred, and kept by no hold, restriction or dispute.
        epoch: of the standing row, for the entry.
        request: our id of the request, where somebody asked for it.
    """
    await store.remove(it.conn, load.customer, fields)
    rows, audit = values_of(load, fields), load.key(Kind.AUDIT)
    if not rows or audit is None:
        return False
    await values.remove(it, load, rows)
    it.log(
        Draft(
            customer=load.customer,
            audit_key=unwrap(it.deps.keys.keks, audit),
            kind=EntryKind.WRITTEN,
            epoch=epoch,
            actor=trait.VAULT,
            code=load.rulebook.digest,
            allowed=tuple((field, f"{trait.GONE}{field}") for field in rows),
            values=tuple(
                (str(row.value_id), hashlib.sha256(row.sealed).hexdigest()) for row in rows.values()
            ),
            request=request,
        )
    )
    return True
