"""Let a customer change the address that they sign in with, after showing that they read it.

1. `ask` mails a code to the new address. Whether somebody has it already the asker is not told: one
   answer, the same rows; the mail that goes there says what happened.
2. `confirm` takes the code and writes the address as the customer's own, by the write path; a letter
   goes to the old address, every other session ends, and this one gets another token.

From then on the old address lets nobody in: a sign-in traces from the address to its customer.
Source: security note, 8; portal note, 6 and 7.
"""

from dataclasses import dataclass
from typing import Final

from policies.decide import ActorKind
from policies.model import Action, Field, Identifier, Rulebook, Source
from vault.core.errors import (
    IdentifierTakenError,
    SignInRefusedError,
    UnknownFieldError,
    VaultError,
)
from vault.core.identifier import normalise
from vault.core.ids import CustomerId
from vault.crypto.random import digits
from vault.services import (
    confirmation,
    identifier,
    jobs,
    limit,
    mail,
    profile,
    reach,
    security,
    session,
    session_row,
    sessions,
    sign_in,
    unit,
)
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.load import load_locked
from vault.services.profile import Change
from vault.services.security import Event
from vault.services.session import Session
from vault.services.unit import Unit

KIND: Final = "address"  # of the confirmation
CONFIRM: Final = "address-confirm"
TAKEN: Final = "address-taken"
CHANGED: Final = "address-changed"
ASKED_AN_HOUR: Final = limit.per_hour("address-change", 5)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that stands."""

    cookie: str  # what the session's cookie holds from now on
    ended: int  # other sessions that are over


def fields(rulebook: Rulebook) -> tuple[Field, ...]:
    """Return the fields whose address a customer signs in with and may tell, in the code's order."""
    return tuple(
        one
        for one in rulebook.code.fields
        if one.identifies is Identifier.EMAIL and Source.TOLD in rulebook.sources[one.name]
    )


async def ask(
    deps: Deps, current: Session, email: str, *, field: str, address: str, lang: str = ""
) -> None:
    """Send a code to a new address, or to one that is taken a letter that says so.

    Args:
        deps: what a use case may touch.
        current: the session that asks, freshly signed in.
        email: as typed.
        field: which one it is to be.
        address: of the client, for the limit; it is not stored.
        lang: of the page, in which the letter is written; "" for the code's first.

    Raises:
        UnknownFieldError: none of `fields`.
        WrongValueError: this is no e-mail address.
        TooManyError: too many for this customer, this address or from this network.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    if field not in {one.name for one in fields(rulebook)}:
        raise UnknownFieldError
    known_as = identifier.of_email(deps, rulebook, email)
    spelling = known_as[0].key[0]
    hits = [limit.Hit(ASKED_AN_HOUR, current.customer.bytes)]
    await limit.count(deps, [*hits, *sign_in.hits(spelling, address)])
    to = normalise(Identifier.EMAIL, email, region=rulebook.code.publisher.country)
    code = digits(6)

    async def work(it: Unit) -> None:
        owners = await identifier.find_many(it.conn, deps, [one.key for one in known_as])
        free = all(owner == current.customer for owner in owners.values())
        # Of a taken address the same waits; the code of it nobody is sent.
        await confirmation.put(
            it,
            KIND,
            secret=_secret(current),
            address=spelling,
            content={"to": to, "field": field, "customer": str(current.customer)},
            code=code,
        )
        message = mail.Message(
            template=CONFIRM if free else TAKEN,
            to=to,
            send=True,
            until=it.now + confirmation.LIFE,
            parts=mail.fill(rulebook, deps, code=code),
            lang=mail.of_page(rulebook, lang),
        )
        await mail.queue(it, spelling, message=message)

    await unit.run(deps, work)
    jobs.wake()


async def confirm(deps: Deps, current: Session, code: str, *, request: str) -> Changed:
    """Write the new address, tell the old one, and end every other session.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, or taken meanwhile.
        VaultError: the write path refuses the value; nothing was changed.
    """
    waiting = await confirmation.guess(deps, KIND, code, secret=_secret(current))
    if waiting.content["customer"] != str(current.customer):
        raise SignInRefusedError
    old = await reach.address(deps, current.customer)

    async def work(it: Unit) -> VaultError | tuple[str, list[bytes]]:
        await confirmation.take(it, waiting)
        refusal = await _write(it, current.customer, waiting, request=request)
        if refusal is not None:
            return refusal
        if old and old != waiting.content["to"]:
            await _tell(it, current.customer, old)
        ended = await sessions.end_others_within(it, current.customer, but=current.hash)
        await security.note(it, current.customer, Event.ADDRESS_CHANGED, device=current.device)
        return await session.replace_token(it, current), ended

    try:
        result, _ = await unit.run(deps, work)
    except IdentifierTakenError:  # at this very moment
        raise SignInRefusedError from None
    if isinstance(result, IdentifierTakenError):
        raise SignInRefusedError
    if isinstance(result, VaultError):
        raise result
    cookie, ended = result
    session_row.remember_ended([*ended, current.hash])
    jobs.wake()
    return Changed(cookie, len(ended))


async def _write(
    it: Unit, customer: CustomerId, waiting: confirmation.Waiting, *, request: str
) -> VaultError | None:
    field, to = waiting.content["field"], waiting.content["to"]
    load = await load_locked(it.conn, it.deps.codes, customer, at=it.now)
    own = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor="customer",
        names=(field,),
        action=Action.WRITE,
        request=request,
        present=True,
    )
    return await profile.apply(it, own, load, Change({field: to}, Source.TOLD))


async def _tell(it: Unit, customer: CustomerId, old: str) -> None:
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    (spelling, *_) = identifier.of_email(it.deps, rulebook, old)
    message = mail.Message(
        template=CHANGED,
        to=old,
        send=True,
        until=it.now + mail.LETTER_LIFE,
        parts=mail.fill(rulebook, it.deps),
        lang=await mail.of_customer(it, customer, rulebook),
    )
    await mail.queue(it, spelling.key[0], message=message)


def _secret(current: Session) -> str:
    return f"{current.token}/{KIND}"
