"""Show the customer's loyalty card: number and QR code, points with their history, what it gives.

Each benefit stands beside the details that it needs. Another number is given at one press, with what
that ends said beside it. The look at number and points is the customer's own and recorded like any.
Source: portal note, 2; docs/api.md, at the till.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from policies.model import Action, Rulebook
from portal import benefits, details, qr, uses
from portal.answers import Go, Page
from portal.benefits import Benefit
from portal.labels import Labels
from portal.language import N_, translate
from portal.qr import Code
from portal.visit import Visit
from portal.words import Moment, day, moment
from vault.core import card as rules
from vault.core.errors import ConflictError, NotAvailableError, WrongValueError
from vault.core.identifier import normalise
from vault.services import benefit, card, choices, field, gathered, own, points, published
from vault.services.own import Held

PATH: Final = "/card"
HERE: Final = "/home"
_DONE: Final = {
    "another": N_("This is your number from now on. An older one opens nothing any more."),
    "stale": N_("Your number had changed already. Here is the one that counts."),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One event that counted points."""

    at: Moment
    kind: str
    who: str
    points: str  # with its sign


@dataclass(frozen=True, slots=True)
class CardPage:
    """Everything of `/card`."""

    title: str
    done: str
    name: str  # of the field, which has a page of its own
    number: str  # in fours; "" for none
    damaged: bool
    qr: Code | None
    since: Moment | None
    readers: tuple[str, ...]
    asleep: tuple[tuple[str, str], ...]  # purposes that would use it: label, path of the decision
    csrf: str  # "" where no other number can be asked for here
    version: int
    counts: bool  # whether points are counted at all
    points: str  # the balance; "" for none yet
    points_name: str
    history: tuple[Counted, ...]
    benefits: tuple[Benefit, ...]


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["another"]
    version: int = 0


async def show(visit: Visit) -> Page:
    """Show the card, and record that the customer looked."""
    deps, customer, lang = visit.deps, visit.customer, visit.lang
    rulebook = await published.in_force(deps)
    labels = Labels(rulebook, lang)
    held = {each.field.name: each for each in await _held(visit, rulebook)}
    one = _card(held, rulebook)
    name = one.field.name
    balance = held.get(rules.points_field(rulebook, name) or "")
    found = await choices.choices(deps, customer)
    used = uses.of(name, found)
    number = _number(one, rulebook)
    page = CardPage(
        title=translate(lang, N_("Your card")),
        done=translate(lang, _DONE.get(visit.query.get("done", ""), "")),
        name=name,
        number=rules.grouped(number),
        damaged=one.damaged,
        qr=qr.code(number) if number else None,
        since=day(one.since, lang) if one.since else None,
        readers=labels.apps(app.id for app in used.readers),
        asleep=tuple((labels.purpose(each), f"/privacy/{each}") for each in used.asleep),
        csrf=visit.csrf(PATH) if field.may_tell(one.field) else "",
        version=one.version,
        counts=balance is not None,
        points=", ".join(details.lines(balance, labels)) if balance and balance.kept else "",
        points_name=balance.field.name if balance else "",
        history=await _history(visit, labels, balance.field.name) if balance else (),
        benefits=benefits.of(benefit.offers(found, await gathered.sources(deps, customer)), labels),
    )
    return Page("card.html", page, HERE)


async def act(visit: Visit) -> Go:
    """Give another number."""
    form = visit.form.read(_Act)
    rulebook = await published.in_force(visit.deps)
    one = _card({each.field.name: each for each in await _held(visit, rulebook)}, rulebook)
    try:
        await card.renew(
            visit.deps,
            visit.customer,
            one.field.name,
            version=form.version,
            request=visit.request_id,
        )
    except ConflictError:
        return Go(f"{PATH}?done=stale")
    return Go(f"{PATH}?done=another")


async def _held(visit: Visit, rulebook: Rulebook) -> tuple[Held, ...]:
    """Look at the cards and their points, once."""
    cards = rules.fields(rulebook)
    if not cards:
        raise NotAvailableError
    counted = (rules.points_field(rulebook, name) for name in cards)
    names = dict.fromkeys((*cards, *(name for name in counted if name is not None)))
    return await own.held_some(visit.deps, visit.customer, tuple(names), request=visit.request_id)


def _card(held: Mapping[str, Held], rulebook: Rulebook) -> Held:
    """Return the card that the customer has; the first that there could be, where there is none."""
    cards = [held[name] for name in rules.fields(rulebook)]
    return next((one for one in cards if one.kept), cards[0])


def _number(one: Held, rulebook: Rulebook) -> str:
    """Return the number as a till reads it; one that somebody wrote otherwise is shown as written."""
    if not isinstance(one.value, str) or one.field.identifies is None:
        return ""
    try:
        return normalise(one.field.identifies, one.value, region=rulebook.code.publisher.country)
    except WrongValueError:
        return one.value


async def _history(visit: Visit, labels: Labels, balance: str) -> tuple[Counted, ...]:
    kinds = tuple(
        use.name
        for purpose in labels.rulebook.purposes_for(balance)
        for use in purpose.uses
        if Action.APPEND in use.actions
    )
    found = await points.history(visit.deps, visit.customer, kinds, request=visit.request_id)
    return tuple(
        Counted(
            at=moment(one.at, visit.lang),
            kind=labels.of(one.name),
            who=labels.app(one.app) if one.app else "",
            points=f"{one.points:+d}".replace("-", "\N{MINUS SIGN}"),
        )
        for one in found
    )
