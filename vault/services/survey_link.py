"""Make the one-use link of a survey, and say what one leads to.

The secret has 256 bits and stands in the letter alone; its hash finds the row, whose MAC says that
the vault wrote it for this customer, survey and event. What was used, is over or never was is told
apart by nobody but who holds the link.
Source: portal note, 2 (survey) and 6; docs/formats.md, 10.
"""

from datetime import datetime
from uuid import UUID

import structlog

from policies.model import Rulebook, Survey
from vault.core import retention
from vault.core.errors import FormatError
from vault.core.ids import CustomerId
from vault.crypto.random import token
from vault.crypto.row_mac import check_row, row_mac
from vault.crypto.survey_mac import SURVEY_LINK, survey_link_row
from vault.crypto.tokens import token_hash
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import survey as store
from vault.store.engine import Conn
from vault.store.survey import LinkRow

logger = structlog.get_logger()


async def make(
    it: Unit, customer: CustomerId, rulebook: Rulebook, survey: Survey, *, about: UUID, lang: str
) -> str:
    """Keep a link and return its address, in the language of the letter that it stands in."""
    secret = token()
    ends = retention.end(survey.expires, it.now)
    row = LinkRow(
        hash=token_hash(secret),
        customer=customer,
        survey=survey.id,
        about=about,
        code_digest=rulebook.digest,
        expires_at=ends.replace(microsecond=0),  # what the MAC covers is kept to the millisecond
        mac=b"",
    )
    mac = row_mac(it.deps.keys.service("row-mac"), SURVEY_LINK, _bytes(it.deps, row))
    await store.add(
        it.conn,
        LinkRow(row.hash, customer, row.survey, about, row.code_digest, row.expires_at, mac),
    )
    return f"{it.deps.issuer}/survey/{secret}?lang={lang}"


async def load(conn: Conn, deps: Deps, secret: str, *, now: datetime) -> LinkRow | None:
    """Return what a link leads to, used or not; None for one that is over, edited or never was."""
    row = await store.load(conn, token_hash(secret))
    if row is None or row.expires_at <= now:
        return None
    try:
        good = check_row(deps.keys.service("row-mac"), SURVEY_LINK, _bytes(deps, row), row.mac)
    except FormatError:
        good = False
    if not good:
        logger.error("survey-link-broken")
        return None
    return row


def _bytes(deps: Deps, row: LinkRow) -> bytes:
    return survey_link_row(
        deps.deployment,
        row.customer,
        link=row.hash,
        survey=row.survey,
        about=row.about,
        code=row.code_digest,
        expires_ms=unix_ms(row.expires_at),
    )
