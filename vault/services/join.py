"""Let a person become a customer: say who, confirm the e-mail, and nothing else is asked.

1. `ask` mails a code to the address, or to one that is a customer's already a letter that says so:
   one answer, the same rows. Nobody is ever merged with anybody.
2. `confirm` takes the code and makes the account, with what was told, by the write path; the person
   is signed in. Joining gives no consent: there is none on the way.
3. Who is younger than the code says gets no account alone: a parent is written to (`join_child.py`).

A date of birth is asked only under such a rule, checked, and kept only where the code has a field for
it and the person chose that. Who was erased may come again: the address was just proven.
Source: GDPR 6(1)(b), 8; portal note, 1; consent-standards note, 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

from policies.decide import ActorKind
from policies.model import Action, Field, FieldType, Identifier, Rulebook, Source
from policies.values import ValueRefused, check_value
from vault.core import age
from vault.core.errors import (
    IdentifierTakenError,
    NotReadyError,
    SignInRefusedError,
    WrongValueError,
)
from vault.core.identifier import normalise
from vault.core.ids import NOBODY, CustomerId
from vault.crypto.random import digits
from vault.services import (
    confirmation,
    customer,
    identifier,
    jobs,
    limit,
    mail,
    portal_choice,
    session,
    sign_in,
    tombstone,
    unit,
)
from vault.services.address import fields as address_fields
from vault.services.ask import Ask
from vault.services.confirmation import Waiting
from vault.services.deps import Deps
from vault.services.profile import Change
from vault.services.security import Event
from vault.services.situation import unix_ms
from vault.services.unit import Unit

KIND: Final = "join"  # of the confirmation
CONFIRM: Final = "join"  # a template
KNOWN: Final = "customer-already"
CHILD: Final = "child"  # of what waits for a parent to be named
CHILD_LIFE: Final = timedelta(hours=1)
JOINS_AN_HOUR: Final = limit.per_hour("join-network", 10)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for, by the code of ethics in force."""

    email: str  # names of fields
    name: Field | None
    born: Field | None  # where a date of birth may be kept
    age: int | None  # years from which one decides alone; None: nobody is asked


@dataclass(frozen=True, slots=True)
class Told:
    """What a person typed."""

    email: str
    name: str = ""
    born: date | None = None
    keep_born: bool = False
    lang: str = ""  # of the page; letters are written in it, until another is chosen


def wanted(rulebook: Rulebook) -> Wanted:
    """Return what joining asks for.

    Raises:
        NotReadyError: nobody can join under this code: it takes no address from a person.
    """
    emails = address_fields(rulebook)
    if not emails:
        msg = "The code of ethics has no e-mail address that a person may tell, so nobody can join."
        raise NotReadyError(msg)
    children = rulebook.code.children
    return Wanted(
        email=emails[0].name,
        name=_told(rulebook, "Name", FieldType.TEXT),
        born=_told(rulebook, "BirthDate", FieldType.DATE),
        age=children.age if children else None,
    )


async def ask(deps: Deps, told: Told, *, browser: str, address: str) -> None:
    """Send a code to the address, or to a customer's a letter that says so.

    Args:
        deps: what a use case may touch.
        told: what was typed.
        browser: a fresh nonce, which the asking browser keeps in a cookie.
        address: of the client, for the limit; it is not stored.

    Raises:
        WrongValueError: `email`, `name` or `born` is none; the detail is that word.
        TooManyError: too many for this address or from this network.
        NotReadyError: as `wanted`.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    content = _content(deps, rulebook, told)
    known_as = identifier.of_email(deps, rulebook, told.email)
    spelling = known_as[0].key[0]
    network = limit.Hit(JOINS_AN_HOUR, limit.network(address))
    await limit.count(deps, [network, *sign_in.hits(spelling, address)])
    code = digits(6)

    async def work(it: Unit) -> None:
        owners = await identifier.find_many(it.conn, deps, [one.key for one in known_as])
        # For a customer's address the same waits; the code of it nobody is sent.
        await confirmation.put(
            it, KIND, secret=browser, address=spelling, content=content, code=code
        )
        message = mail.Message(
            template=KNOWN if owners else CONFIRM,
            to=content["to"],
            send=True,
            until=it.now + confirmation.LIFE,
            parts=mail.fill(rulebook, deps, code=code),
            lang=mail.of_page(rulebook, told.lang),
        )
        await mail.queue(it, spelling, message=message)

    await unit.run(deps, work)
    jobs.wake()


async def confirm(deps: Deps, code: str, *, browser: str, device: str, request: str) -> str | None:
    """Make the account and return what the session's cookie holds; None when a parent must agree.

    Raises:
        SignInRefusedError: wrong, used, too old, too many tries, or a customer's already.
    """
    waiting = await confirmation.guess(deps, KIND, code, secret=browser)
    if int(waiting.content["child_until"]) > unix_ms(deps.clock.now()):
        await _wait_for_a_parent(deps, waiting, browser=browser)
        return None

    async def work(it: Unit) -> str:
        await confirmation.take(it, waiting)
        made = await create(it, waiting.content, request=request)
        return await session.start(it, made, strength="code", device=device, event=Event.JOINED)

    try:
        cookie, _ = await unit.run(deps, work)
    except IdentifierTakenError:
        raise SignInRefusedError from None
    return cookie


async def create(it: Unit, content: Mapping[str, str], *, request: str) -> CustomerId:
    """Make the account of somebody whose address is proven, within a transaction.

    Raises:
        IdentifierTakenError: the address is a customer's; nobody is merged.
        VaultError: the code of ethics changed meanwhile and refuses a value.
    """
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    asked = wanted(rulebook)
    values: dict[str, object] = {asked.email: content["to"]}
    if asked.name and content["name"]:
        values[asked.name.name] = content["name"]
    if asked.born and content["born"]:
        values[asked.born.name] = content["born"]
    await tombstone.lift(it, identifier.identities(it.deps, rulebook, values))
    own = Ask(
        customer=NOBODY,  # whom the write makes comes from its load
        kind=ActorKind.CUSTOMER,
        actor="customer",
        names=tuple(values),
        action=Action.WRITE,
        request=request,
        present=True,
    )
    made = (await customer.create(it, own, Change(values, Source.TOLD))).customer
    if content.get("lang"):
        await portal_choice.keep_lang(it.conn, made, content["lang"])
    return made


async def _wait_for_a_parent(deps: Deps, waiting: Waiting, *, browser: str) -> None:
    async def work(it: Unit) -> None:
        await confirmation.take(it, waiting)
        await confirmation.put(
            it,
            CHILD,
            secret=browser,
            address=bytes.fromhex(waiting.content["spelling"]),
            content=waiting.content,
            code=digits(6),  # which nobody sees: the address is proven
            life=CHILD_LIFE,
        )

    await unit.run(deps, work)


def _content(deps: Deps, rulebook: Rulebook, told: Told) -> dict[str, str]:
    asked = wanted(rulebook)
    today = deps.clock.now().astimezone(UTC).date()
    try:
        to = normalise(Identifier.EMAIL, told.email, region=rulebook.code.publisher.country)
        spelling = identifier.of_email(deps, rulebook, told.email)[0].key[0]
        check_value(rulebook.fields[asked.email], to)
    except (WrongValueError, ValueRefused):
        raise WrongValueError("email") from None
    name = told.name.strip() if asked.name else ""
    if asked.name and name:
        try:
            check_value(asked.name, name)
        except ValueRefused:
            raise WrongValueError("name") from None
    born = told.born if asked.age else None
    if asked.age and (born is None or not age.is_possible(born, today=today)):
        raise WrongValueError("born")
    keeps = born is not None and told.keep_born and asked.born is not None
    return {
        "to": to,
        "spelling": spelling.hex(),
        "name": name,
        "born": born.isoformat() if born and keeps else "",
        "lang": told.lang,
        "child_until": str(max(0, age.child_until(born, asked.age)) if born and asked.age else 0),
    }


def _told(rulebook: Rulebook, category: str, kind: FieldType) -> Field | None:
    return next(
        (
            one
            for one in rulebook.code.fields
            if one.category == category
            and one.type is kind
            and Source.TOLD in rulebook.sources[one.name]
        ),
        None,
    )
