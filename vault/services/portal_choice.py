"""Remember which view of the choices a customer likes, few options or many.

The language is the one of pages and of letters. Both views show and write the same terms and consents, so switching loses nothing. The level that
was chosen last is remembered to name it; what it set stands in the terms alone.
Source: portal note, 2.
"""

from dataclasses import replace
from datetime import datetime

from vault.core.ids import CustomerId
from vault.core.levels import NAMES, Level
from vault.services.consent_notice import View
from vault.services.deps import Deps
from vault.store import commit
from vault.store import portal_choice as store
from vault.store.engine import Conn
from vault.store.portal_choice import ChoiceRow

_LEVELS = {name: level for level, name in NAMES.items()}


async def view(deps: Deps, customer: CustomerId) -> View:
    """Return the view that a customer likes; the simple one until they choose."""
    return View((await _load(deps, customer)).view)


async def save_view(deps: Deps, customer: CustomerId, view: View) -> None:
    """Remember a view."""

    async def work(conn: Conn) -> None:
        await store.save(conn, replace(_fresh(customer), view=view.value), "view")

    await commit.request(deps.database, work)


async def lang(deps: Deps, customer: CustomerId) -> str:
    """Return the language that a customer chose, BCP 47; "" until they choose."""
    return (await _load(deps, customer)).lang or ""


async def save_lang(deps: Deps, customer: CustomerId, tag: str) -> None:
    """Remember a language.

    Precondition: it is one of `policies.names.LANGUAGES`.
    """

    async def work(conn: Conn) -> None:
        await keep_lang(conn, customer, tag)

    await commit.request(deps.database, work)


async def keep_lang(conn: Conn, customer: CustomerId, tag: str) -> None:
    """Remember a language in the transaction of its cause; precondition as for `save_lang`."""
    await store.save(conn, replace(_fresh(customer), lang=tag), "lang")


async def level(deps: Deps, customer: CustomerId) -> Level | None:
    """Return the level that was chosen last, whatever became of it; None for none ever."""
    return _LEVELS.get((await _load(deps, customer)).level)


async def save_level(conn: Conn, customer: CustomerId, level: Level) -> None:
    """Remember a level, in the transaction that sets its terms."""
    await store.save(conn, replace(_fresh(customer), level=NAMES[level]), "level")


async def answered(deps: Deps, customer: CustomerId) -> datetime | None:
    """Return when the customer answered what a browser's signal had paused; None for not yet."""
    return (await _load(deps, customer)).answered_at


async def save_answer(conn: Conn, customer: CustomerId, *, at: datetime) -> None:
    """Remember that the question was answered, so that it is asked once."""
    await store.save(conn, replace(_fresh(customer), answered_at=at), "answered_at")


async def _load(deps: Deps, customer: CustomerId) -> ChoiceRow:
    async with deps.database.connect() as conn:
        return await store.load(conn, customer) or _fresh(customer)


def _fresh(customer: CustomerId) -> ChoiceRow:
    return ChoiceRow(customer, View.SIMPLE.value, "", None)
