"""Find where a letter of the vault to one of its customers goes, on the one path.

The address is opened when the letter leaves, not when it is written: an erased customer gets none,
one whose address changed gets it at the new one. The look is recorded like any, under the clause
`notice` or the purpose's own, and the customer sees it. Letters that a customer turned off, or whose
purpose may not reach them at this moment, have no address.
Source: DESIGN 1; ecosystem note, 11.
"""

from typing import Final

from policies.decide import ActorKind
from policies.model import Action, Channel, Identifier, Rulebook
from vault.core.errors import NotAvailableError
from vault.core.ids import CustomerId
from vault.services.ask import Ask
from vault.services.choices import look
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.services.situation import situation

ACTOR: Final = "vault"


async def address(
    deps: Deps, customer: CustomerId, *, optional: str = "", purpose: str = ""
) -> str:
    """Return the customer's e-mail address; "" for nobody, none, or an unwanted kind of letter.

    Args:
        deps: what a use case may touch.
        customer: to whom.
        optional: the kind of a letter that may be turned off; "" for what must be told.
        purpose: what the letter is for, whose clause is asked; "" for one of the vault's own.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
    """
    try:
        load = await look(deps, customer)
    except NotAvailableError:
        return ""
    if optional and optional in situation(deps, load).terms.no_mails:
        return ""
    names = reaching(load.rulebook, purpose) if purpose else fields(load.rulebook)
    if not names:
        return ""
    ask = Ask(
        customer=customer,
        kind=ActorKind.VAULT,
        actor=ACTOR,
        names=names,
        purpose=purpose or None,
    )
    (answer,) = await disclose(deps, [ask])
    found = {one.name: str(one.value) for one in answer.opened}
    return next((found[name] for name in names if name in found), "")


def fields(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the fields that hold an e-mail address a customer is known by, in the code's order."""
    return tuple(one.name for one in rulebook.code.fields if one.identifies is Identifier.EMAIL)


def reaching(rulebook: Rulebook, purpose: str) -> tuple[str, ...]:
    """Return the fields with an e-mail address that a purpose may read, in the code's order."""
    names = rulebook.fields_of(purpose, Action.READ)
    return tuple(name for name in names if rulebook.channels.get(name) is Channel.EMAIL)
