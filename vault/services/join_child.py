"""Let a parent agree that a child joins; without that there is no account.

1. the child's own address is proven (`join.py`); what was told waits, sealed, for an hour;
2. `ask` writes to a parent's address, which is kept for nothing else and goes with the letter;
3. the link of that letter shows what it is about; `agree` makes the account, with the standing term
   under which no consent counts before the birthday, and `refuse` lets everything go.

That the parent agreed is in the customer's history and in the log, without who it was.
Source: GDPR 8(2), recital 38; portal note, 6 (looking at a link uses nothing up).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from policies.model import Identifier
from vault.core import terms
from vault.core.entry import Kind
from vault.core.errors import IdentifierTakenError, SignInRefusedError, WrongValueError
from vault.core.identifier import normalise
from vault.crypto.random import token
from vault.services import (
    confirmation,
    identifier,
    jobs,
    join,
    limit,
    mail,
    security,
    sign_in,
    standing_change,
    unit,
)
from vault.services.confirmation import Waiting
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.join import CHILD
from vault.services.security import Event
from vault.services.unit import Unit

PARENT: Final = "parent"  # of what waits for a parent's answer
PARENT_LIFE: Final = timedelta(days=7)
ASK: Final = "join-parent"  # templates
AGREED: Final = "join-agreed"


async def waits(deps: Deps, *, browser: str) -> bool:
    """Say whether somebody in this browser must name a parent."""
    return await confirmation.look(deps, CHILD, secret=browser) is not None


async def ask(deps: Deps, email: str, *, browser: str, address: str, lang: str = "") -> None:
    """Write to a parent's address.

    Args:
        deps: what a use case may touch.
        email: as typed.
        browser: the nonce of the child's browser.
        address: of the client, for the limit; it is not stored.
        lang: of the page, in which the letter is written; "" for the code's first.

    Raises:
        SignInRefusedError: nobody in this browser waits for a parent, or does so no more.
        WrongValueError: this is no e-mail address, or the child's own.
        TooManyError: too many for this address or from this network.
    """
    waiting = await confirmation.look(deps, CHILD, secret=browser)
    if waiting is None:
        raise SignInRefusedError
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    spelling = identifier.of_email(deps, rulebook, email)[0].key[0]
    if spelling.hex() == waiting.content["spelling"]:
        raise WrongValueError
    await limit.count(deps, sign_in.hits(spelling, address))
    to = normalise(Identifier.EMAIL, email, region=rulebook.code.publisher.country)
    link = token()

    async def work(it: Unit) -> None:
        await confirmation.take(it, waiting)
        await confirmation.put(
            it,
            PARENT,
            secret=link,
            address=spelling,
            content=waiting.content,
            code=token(),  # which nobody sees: the link is the proof
            life=PARENT_LIFE,
        )
        message = mail.Message(
            template=ASK,
            to=to,
            send=True,
            until=it.now + PARENT_LIFE,
            parts=mail.fill(rulebook, deps, link=f"{deps.issuer}/join/parent/{link}"),
            lang=mail.of_page(rulebook, lang),
        )
        await mail.queue(it, spelling, message=message)

    await unit.run(deps, work)
    jobs.wake()


async def is_asked(deps: Deps, link: str) -> bool:
    """Say whether a link still waits for an answer; nothing is used up."""
    return await confirmation.look(deps, PARENT, secret=link) is not None


async def agree(deps: Deps, link: str, *, request: str) -> None:
    """Make the child's account, in which no consent counts before the birthday.

    Raises:
        SignInRefusedError: answered, too old, or never sent; or the address is a customer's by now.
    """
    waiting = await _of(deps, link)
    until = int(waiting.content["child_until"])

    async def work(it: Unit) -> None:
        await confirmation.take(it, waiting)
        made = await join.create(it, waiting.content, request=request)
        held = await hold(it, made)
        stated = replace(terms.load_terms(held.standing.terms), child_until=until)
        after = replace(held.standing, terms=terms.dump_terms(stated))
        await standing_change.change(it, held, after, kind=Kind.TERMS, request=request)
        await security.note(it, made, Event.PARENT_AGREED)
        await mail.to_customer(it, made, AGREED)

    try:
        await unit.run(deps, work)
    except IdentifierTakenError:
        raise SignInRefusedError from None
    jobs.wake()


async def refuse(deps: Deps, link: str) -> None:
    """Let what waited go; there is no account and nothing is kept.

    Raises:
        SignInRefusedError: as `agree`.
    """
    waiting = await _of(deps, link)
    await unit.run(deps, lambda it: confirmation.take(it, waiting))


async def _of(deps: Deps, link: str) -> Waiting:
    waiting = await confirmation.look(deps, PARENT, secret=link)
    if waiting is None:
        raise SignInRefusedError
    return waiting
