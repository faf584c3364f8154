"""Bring every table together, for migrations and for the tests of the schema's rules.

A table exists when its noun's module was imported; so here each is imported once.
"""

from typing import Final

from sqlalchemy import MetaData

from vault.store import (
    app,
    code,
    confirmation,
    consent,
    customer,
    deployment,
    disclosure,
    erased,
    import_progress,
    integration,
    interaction,
    job,
    kek,
    leaf,
    lease,
    limit,
    log,
    lookup,
    mail,
    metadata,
    notice,
    once,
    portal_choice,
    receipt,
    retained,
    security_event,
    service_key,
    session,
    session_choice,
    sign_in,
    tombstone,
    value,
)

NOUNS: Final = (
    app,
    code,
    confirmation,
    consent,
    customer,
    deployment,
    disclosure,
    erased,
    import_progress,
    integration,
    interaction,
    job,
    kek,
    leaf,
    lease,
    limit,
    log,
    lookup,
    mail,
    notice,
    once,
    portal_choice,
    receipt,
    retained,
    security_event,
    service_key,
    session,
    session_choice,
    sign_in,
    tombstone,
    value,
)
TABLES: Final[MetaData] = metadata.metadata
