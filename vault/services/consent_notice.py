"""Ask for consent: render the notice, keep its bytes once, and know it again when it is answered.

Looking writes nothing of the customer, and no `requested` event: a reload, a prefetching mail
scanner or a second tab would raise the epoch, void the form that is open, and fill the log with
what nobody decided. That the notice was served is shown by the token that comes back with the
form; the step through `requested` is taken when the decision is.
Source: consent-standards note, 2.1 and 4; portal note, 3.
"""

from dataclasses import dataclass
from enum import StrEnum

from policies.model import Basis, ConsentState, Purpose, Rulebook
from vault.core import consent
from vault.core.errors import ConflictError, NotAvailableError
from vault.core.ids import CustomerId
from vault.core.notice import GRID, SIMPLE, digest, identify, locales, render
from vault.crypto.tokens import notice_token, read_notice_token
from vault.services.choices import look
from vault.services.consent_change import of_load
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import commit
from vault.store import notice as notice_store

SERVED_SECONDS = 12 * 3600  # how long a served notice may be answered: a session lasts no longer


class View(StrEnum):
    """How the page asks: for the whole purpose, or for each detail on its own."""

    SIMPLE = "simple"
    GRID = "grid"


CONTROLS = {View.SIMPLE: SIMPLE, View.GRID: GRID}


@dataclass(frozen=True, slots=True)
class Asked:
    """A notice to show, and what its form sends back."""

    purpose: Purpose
    state: ConsentState
    notice: bytes  # for `vault.core.notice.fill`
    sha256: str
    token: str  # the hidden `notice`
    epoch: int  # the hidden `epoch`
    view: View  # the hidden `view`
    locale: str


async def ask(
    deps: Deps,
    customer: CustomerId,
    purpose: str,
    *,
    session: bytes,
    view: View = View.SIMPLE,
    locale: str = "en",
) -> Asked:
    """Return the notice on which a consent is asked, and keep its bytes once.

    Args:
        deps: what the use case may touch.
        customer: who is asked.
        purpose: its id; one that rests on consent.
        session: the hash of the session, which alone can answer.
        view: whole purpose, or each detail.
        locale: one of `notice.locales`.

    Raises:
        NotAvailableError: no such customer, purpose to consent to, or language.
        OpenError: the customer's rows are broken; nothing can be decided.
    """
    load = await look(deps, customer)
    held = of_load(deps, load)
    clause = clause_of(load.rulebook, purpose)
    if locale not in locales(load.rulebook):
        raise NotAvailableError
    body = render(load.rulebook, purpose, locale=locale, controls=CONTROLS[view])
    sha256 = digest(body)
    async with deps.database.connect() as conn:
        kept = await notice_store.load(conn, sha256)
    if kept is None:
        await commit.request(
            deps.database, lambda conn: notice_store.put(conn, sha256, body=body, at=load.at)
        )
    expires = int(deps.clock.now().timestamp()) + SERVED_SECONDS
    return Asked(
        purpose=clause,
        state=consent.state_at(held.consents.get(purpose), now=unix_ms(load.at)),
        notice=body,
        sha256=sha256,
        token=notice_token(
            deps.keys.service("sessions"), sign_in=session, notice=sha256, expires=expires
        ),
        epoch=held.standing.epoch,
        view=view,
        locale=locale,
    )


def clause_of(rulebook: Rulebook, purpose: str) -> Purpose:
    """Return a purpose that rests on consent.

    Raises:
        NotAvailableError: there is none of that name.
    """
    found = rulebook.purposes.get(purpose)
    if found is None or found.basis is not Basis.CONSENT:
        raise NotAvailableError
    return found


def served(it: Unit, token: str, session: bytes) -> str:
    """Return the digest of the notice that was served to this session.

    Raises:
        ConflictError: none that can still be answered.
    """
    key = it.deps.keys.service("sessions")
    return read_notice_token(key, token, sign_in=session, now=int(it.now.timestamp()))


def seen(it: Unit, rulebook: Rulebook, purpose: str, token: str | None, session: bytes) -> str:
    """Return the digest of the notice that a refusal answers; "" when there is no proof of one."""
    if token is None:
        return ""
    try:
        sha256 = served(it, token, session)
    except ConflictError:
        return ""
    return sha256 if identify(rulebook, purpose, sha256) else ""
