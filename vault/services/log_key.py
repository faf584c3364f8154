"""Hand customers the key of their own list: what finds, and if they want opens, their entries.

With it anybody finds every entry about the customer in the public log, so that a line that was left
out shows, and with the seal key reads them. It is handed to whom it belongs alone, a short time after
signing in, and that it was handed over is recorded before it is opened.
Source: access-log note, 8 and 10 (C1); docs/formats.md, log keys.
"""

from dataclasses import dataclass
from typing import Final

from policies.names import AUDIT, OWN
from vault.core import log_key
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import CustomerId, LogId
from vault.crypto import entry as cipher
from vault.crypto.keys import Kind as KeyKind
from vault.crypto.keys import unwrap
from vault.crypto.signing import verifier_key
from vault.services import log_keys
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.look_proof import USE
from vault.store import logs

SUFFIX: Final = "logkey"
CUSTOMER: Final = "customer"


@dataclass(frozen=True, slots=True)
class Log:
    """A log in which there may be entries of the customer."""

    log_id: LogId
    origin: str
    verifier_key: str


async def every(deps: Deps) -> list[Log]:
    """Return the logs of this vault, the newest first; nearly always there is one."""
    newest = (await log_keys.publics(deps, USE))[-1]
    async with deps.database.connect() as conn:
        ids = await logs.all_(conn)
    return [
        Log(log_id, origin, verifier_key(origin, newest))
        for log_id in ids
        for origin in (deps.origin_of(log_id),)
    ]


async def hand_over(
    deps: Deps, customer: CustomerId, log_id: int, *, opens: bool, request: str
) -> str:
    """Record that the customer takes the key of a log, and return it as text.

    Args:
        deps: what a use case may touch.
        customer: who is signed in.
        log_id: of which log.
        opens: whether the key is to open entries, and not only find them.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: there is no such log, or the customer's audit key is gone or damaged.
        BusyError: it could not be recorded; nothing was opened.
    """
    found = next((one for one in await every(deps) if one.log_id == log_id), None)
    if found is None:
        raise NotAvailableError
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane=CUSTOMER)
        key = load.key(KeyKind.AUDIT)
        standing = load.found.standing if load.found else None
        if key is None or standing is None:
            raise NotAvailableError
        try:
            audit = unwrap(deps.keys.keks, key)
        except OpenError:
            raise NotAvailableError from None
        taken = Draft(
            customer=customer,
            audit_key=audit,
            kind=Kind.EXPORT,
            epoch=standing.epoch,
            actor=CUSTOMER,
            code=load.rulebook.digest,
            allowed=((AUDIT, OWN),),
            request=request,
            seen=seen,
        )
        await deps.appender.record([taken])
    return log_key.write(
        origin=found.origin,
        verifier_key=found.verifier_key,
        generation=key.generation,
        tag=cipher.tag_key(audit),
        seal=cipher.seal_key(audit) if opens else None,
    )
