"""Make the one-click link of an optional letter.

It stands apart from what the link does, so that a use case which stopping reaches may write letters.
Source: RFC 8058; consent-standards note, 7.
"""

from vault.core.ids import CustomerId
from vault.core.own_terms import MailKind
from vault.crypto.unsubscribe import Kind, Link, seal_link
from vault.services.deps import Deps


def link(deps: Deps, customer: CustomerId, what: MailKind | str) -> str:
    """Return the address that stops a purpose or a kind of letters, for `List-Unsubscribe`.

    Args:
        deps: for the key and the issuer.
        customer: whose letter it is in.
        what: a kind of optional letters, or the id of a purpose that rests on consent.
    """
    kind = Kind.MAILS if isinstance(what, MailKind) else Kind.PURPOSE
    token = seal_link(deps.keys.service("mail"), Link(customer, kind, str(what)))
    return f"{deps.issuer}/u/{token}"
