"""Say what the tables hold, so that it can be held against the log: digests, states, facts.

Of a value its id and the SHA-256 of its sealed form; of a consent what its entry tells; of the
standing row what its entry tells; of an entry the facts beside it with their salt. No value, no
name of a person, no identifier stands in it.
Source: access-log note, 10, "with the store"; docs/formats.md, export for a replay.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from vault.core import canonical
from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.store import consent as consent_store
from vault.store import customer as customer_store
from vault.store import replay as replay_store
from vault.store import value as value_store
from vault.store.engine import Conn

PAGE = 1_000  # facts of one statement


async def of(conn: Conn, who: CustomerId, line: int) -> dict[str, object]:
    """Return what is stored of a customer; `line` is that of their key."""
    row = await customer_store.load_standing(conn, who)
    standing: dict[str, Any] = {}
    if row is not None:
        standing = {
            "epoch": row.epoch,
            "flags": row.flags,
            "objections": canonical.loads(row.objections.encode()),
            "terms": canonical.loads(row.terms.encode()),
        }
    return {
        "key": line,
        "standing": standing,
        "consents": [
            [
                one.purpose,
                one.state,
                canonical.loads(one.fields.encode()),
                one.from_ms,
                one.until_ms,
            ]
            for one in await consent_store.load_current(conn, who)
        ],
        "values": [
            [one.field, str(one.value_id), hashlib.sha256(one.sealed).hexdigest()]
            for one in await value_store.load(conn, who)
        ],
    }


async def facts(deps: Deps, size: int) -> AsyncIterator[dict[str, object]]:
    """Give the facts beside the entries of the log, in their order."""
    for first in range(0, size, PAGE):
        async with deps.database.connect() as conn:
            rows = await replay_store.facts(conn, deps.log_id, first, min(first + PAGE, size))
        for index, fact in rows:
            yield {
                "index": index,
                "salt": fact.salt.hex(),
                "kind": fact.kind,
                "app": fact.app,
                "purpose": fact.purpose,
                "code": fact.code,
                "allowed": fact.allowed,
                "withheld": fact.withheld,
            }
