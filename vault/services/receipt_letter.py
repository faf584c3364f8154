"""Tell a customer by letter that a decision of theirs was recorded and its receipt is ready.

The letter is written in the decision's own transaction, and names neither the purpose nor the
receipt: both stand behind the sign-in. It is optional. A consent that was taken over from a file, or
that a later code of ethics ended, brings none: nobody decided then.
Source: consent-standards note, 7; portal note, 4.
"""

from vault.core.ids import CustomerId
from vault.core.own_terms import MailKind
from vault.services import mail
from vault.services.unit import Unit
from vault.services.unsubscribe_link import link


async def write(it: Unit, customer: CustomerId) -> None:
    """Write the letter of a decision that stands once the unit commits."""
    await mail.to_customer(
        it,
        customer,
        mail.RECEIPT,
        optional=MailKind.RECEIPTS,
        unsubscribe=link(it.deps, customer, MailKind.RECEIPTS),
    )
