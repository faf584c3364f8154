"""Answer a look at a customer whom the app knows by an identifier: a card that is shown at a till.

One pass, as for a look by id: the load gate finds whose identifier it is and loads them. A text that
is no such identifier, an identifier of nobody, somebody erased and somebody without a basis are
found, decided and recorded alike: nobody is loaded for the first three, at the same cost.
Source: docs/api.md, at the till; docs/decisions, a look by an identifier.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from policies.model import Rulebook
from vault.core.errors import BadRequestError, UnknownFieldError, WrongValueError
from vault.core.identifier import normaliser_of
from vault.core.ids import NOBODY, CustomerId
from vault.crypto import lookup as blind
from vault.services import identifier
from vault.services.access import Caller, Proven
from vault.services.ask import Answer, Ask
from vault.services.deps import Deps
from vault.services.lookup_row import Key
from vault.services.one_pass import Look, Named
from vault.services.one_pass import look as look_once

_NOBODYS = ""  # no normaliser gives this, so nobody has it


@dataclass(frozen=True, slots=True)
class Shown:
    """What an app was shown, and where it belongs."""

    field: str
    value: object  # a text is looked up; anything else is of the wrong type


async def look(
    deps: Deps,
    proven: Proven,
    shown: Shown,
    *,
    ask: Callable[[Caller], Ask],
    request: str | None,
) -> tuple[Caller, Answer]:
    """Return who asked, and the answer of the one path about whose identifier it is.

    Args:
        deps: what the use case may touch.
        proven: the call.
        shown: the identifier.
        ask: what is asked of them; its customer and `by` are filled in here, and the identifier's
            name is asked for too.
        request: our id of the request.

    Raises:
        AuthenticationError, TooManyError: as `one_pass.look`.
        UnknownFieldError, BadRequestError: the field is unknown, or identifies nobody.
        VaultError: as `disclosure.disclose`.
    """

    def whole(caller: Caller, customer: CustomerId) -> Ask:
        one = ask(caller)
        names = one.names
        if names and shown.field not in names:  # none: nothing is covered, so nothing is added
            names = (*names, shown.field)
        return replace(one, customer=customer, names=names, by=shown.field if names else None)

    async def find() -> CustomerId:
        async with deps.database.connect() as conn:
            rulebook = await deps.codes.in_force(conn, deps.clock.now())
            key = _key(deps, rulebook, shown)
            if key is None and shown.field not in rulebook.sources:
                raise UnknownFieldError
            if key is None:
                raise BadRequestError("This field identifies nobody.")
            return await identifier.find(conn, deps, key) or NOBODY

    guess = deps.codes.last()
    key = _key(deps, guess, shown) if guess else None
    named = Named(key, guess.digest if guess else "", find)
    return await look_once(deps, proven, Look("", whole, request, named))


def check(shown: Shown) -> None:
    """Refuse what is no text, once it may be.

    Raises:
        WrongValueError: whoever the customer may be.
    """
    if not isinstance(shown.value, str):
        raise WrongValueError("An identifier is text.")


def _key(deps: Deps, rulebook: Rulebook, shown: Shown) -> Key | None:
    """Return how it is looked up; None for a field that identifies nobody by this code."""
    declared = rulebook.fields.get(shown.field)
    if declared is None or declared.identifies is None:
        return None
    try:
        check(shown)
        one = identifier.identity(deps, rulebook, field=shown.field, value=str(shown.value))
    except WrongValueError:
        one = None
    if one is not None:
        return one.key
    number = normaliser_of(declared.identifies)
    return blind.index(deps.keys.service("index"), shown.field, number, _NOBODYS), number
