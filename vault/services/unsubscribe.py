"""Stop letters by the one-click link that stands in them: no session, no page, no question.

A link stops one purpose, by withdrawing its consent, or one kind of optional letters of the vault,
by the customer's own term. Whoever holds a letter may press it: it only subtracts, and the customer
can take it back after signing in. Pressing twice is once. A made-up link, one of an erased customer
and one of a purpose that is gone do nothing, and the caller cannot tell.
Source: RFC 8058; consent-standards note, 7.
"""

import contextlib
from functools import partial
from typing import Final

from policies.model import Rulebook
from policies.situation import Terms
from vault.core import own_terms
from vault.core.errors import NotAvailableError, OpenError, UnknownFieldError
from vault.crypto.unsubscribe import Kind, open_link
from vault.services import consent, terms
from vault.services.deps import Deps

METHOD: Final = "mail link"


async def stop(deps: Deps, token: str, *, request: str | None = None) -> None:
    """Do what a link says; nothing for one that is not ours or has nothing to stop.

    Raises:
        BusyError: nothing was changed; it is worth pressing again.
        OpenError: the customer's record is broken, so nothing can be changed, nor is anything read.
    """
    try:
        found = open_link(partial(deps.keys.service, "mail"), token)
    except OpenError:
        return
    with contextlib.suppress(NotAvailableError, UnknownFieldError):
        if found.kind is Kind.PURPOSE:
            await consent.withdraw(deps, found.customer, found.what, method=METHOD, request=request)
            return
        alter = partial(_without, kind=found.what)
        await terms.change(deps, found.customer, alter, method=METHOD, request=request)


def _without(_: Rulebook, stated: Terms, *, kind: str) -> Terms:
    return own_terms.of_mails(stated, kind, wanted=False)
