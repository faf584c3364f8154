"""Show all that is known of one detail, and let the customer correct, contest or restrict it.

The value, where it came from, what it is used for and by whom, its past without its former values,
and the forms. What was typed comes back when it is refused; a form that comes late meets the value as
it is now. An address to sign in by is changed among the ways in, where it is proven first.
Source: portal note, 2; GDPR 15 to 19; INTERFACES, Portal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from policies.model import Field
from policies.values import ValueRefused
from portal import details, ended, inputs, past, traits
from portal import uses as uses_of
from portal.answers import Go, Page
from portal.details import Origin
from portal.inputs import Input
from portal.labels import Labels
from portal.language import N_, translate
from portal.past import Event
from portal.said import DONE, Said
from portal.state import Badge
from portal.traits import TraitPart
from portal.uses import Use
from portal.visit import Visit
from portal.words import Moment, day
from vault.core.errors import (
    ConflictError,
    IdentifierTakenError,
    NotAvailableError,
    WrongValueError,
)
from vault.services import choices as choices_service
from vault.services import (
    contest,
    history,
    hold_keep,
    left_over,
    marks,
    own,
    published,
    restriction,
    third_party,
)
from vault.services import field as service
from vault.services.marks import Mark
from vault.services.own import Held
from vault.services.restriction import Restriction

HERE: Final = "/home"
_MARKS: Final = {
    "dispute": Mark.DISPUTED,
    "undispute": Mark.UNDISPUTED,
    "confirm": Mark.CONFIRMED,
}


@dataclass(frozen=True, slots=True)
class Value:
    """What stands here now."""

    kept: bool
    damaged: bool
    lines: tuple[str, ...]
    hidden: bool
    badges: tuple[Badge, ...]
    origin: Origin
    since: Moment | None
    readers: tuple[str, ...]
    until: str
    disputed: bool
    verified: bool
    restricted: bool
    whole: bool  # everything is restricted
    held: tuple[str, ...]  # each legal hold that keeps it, in words


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to it."""

    look: Event | None  # the last one by others
    events: tuple[Event, ...]
    former: tuple[str, ...]  # apps that read what stood here before the last correction
    older: bool  # it goes further back than what was looked through
    sealed: bool  # some looks do not say yet what they were at


@dataclass(frozen=True, slots=True)
class Forms:
    """What the forms send, and what they hold."""

    action: str
    csrf: str
    version: int
    input: Input | None  # None: it cannot be told here
    way_in: bool


@dataclass(frozen=True, slots=True)
class FieldPage:
    """Everything of `/home/{group.name}`."""

    title: str
    name: str  # group.name
    label: str
    why: str
    said: Said
    now: Value
    trait: TraitPart | None  # how it is worked out; None: the vault does not
    uses: tuple[Use, ...]
    past: Past
    forms: Forms


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal[
        "correct",
        "delete",
        "dispute",
        "undispute",
        "contest",
        "take-back",
        "confirm",
        "restrict",
        "lift",
    ]
    version: int = 0
    sure: str | None = None


@dataclass(frozen=True, slots=True)
class _Again:
    """Why a page is shown again, and with what was typed."""

    status: int = 200
    message: str = ""
    wrong: str = ""
    unsure: str = ""
    typed: Sequence[str] | None = None

    @property
    def failed(self) -> bool:
        """Say whether something in a form is wrong."""
        return bool(self.wrong or self.unsure)


async def show(visit: Visit) -> Page:
    """Show one detail, and record that the customer looked at it."""
    return await _shown(visit, _Again())


async def act(visit: Visit) -> Page | Go:
    """Carry out what a form of the page asks for; what cannot be is said on the page."""
    form = visit.form.read(_Act)
    typed = inputs.typed(visit.form)
    lang = visit.lang
    if form.do == "lift" and await left_over.let_go(
        visit.deps, visit.customer, visit.params["name"], request=visit.request_id
    ):
        return Go(f"{HERE}?done=let-go")
    if form.do == "delete" and form.sure is None:
        unsure = translate(lang, N_("Tick that you know it cannot be brought back."))
        return await _shown(visit, _Again(422, unsure=unsure))
    try:
        changed = await _carry_out(visit, form, typed)
    except ConflictError:
        again = N_("Something changed since this page was made. Look at it again, then decide.")
        return await _shown(visit, _Again(409, message=translate(lang, again), typed=typed or None))
    except ValueRefused as error:
        return await _shown(visit, _Again(422, wrong=inputs.wrong(error.reason, lang), typed=typed))
    except WrongValueError:
        said = N_("This cannot be read as what it should be. Compare it with your own papers.")
        return await _shown(visit, _Again(422, wrong=translate(lang, said), typed=typed))
    except IdentifierTakenError:
        said = N_("This cannot be kept as yours. If it is, write to us, and a person will look.")
        return await _shown(visit, _Again(409, wrong=translate(lang, said), typed=typed))
    done: str = form.do if changed else "same"
    if done == "delete" and await hold_keep.naming(
        visit.deps, visit.customer, visit.params["name"]
    ):
        done = "delete-held"
    return Go(f"{visit.path}?done={done}")


async def _carry_out(visit: Visit, form: _Act, typed: Sequence[str]) -> bool:
    deps, customer, request = visit.deps, visit.customer, visit.request_id
    found = await _field(visit)
    name = found.name
    if form.do == "correct":
        value = inputs.read(found, typed)
        return await service.correct(
            deps, customer, name, value, version=form.version, request=request
        )
    if form.do == "delete":
        return await service.delete(deps, customer, name, version=form.version, request=request)
    if form.do == "restrict":
        return await restriction.restrict_field(deps, customer, name, request=request)
    if form.do == "lift":
        return await restriction.lift_field(deps, customer, name, request=request)
    if form.do == "contest":
        return await contest.make(deps, customer, name, version=form.version, request=request)
    if form.do == "take-back":
        return await contest.take_back(deps, customer, name, request=request)
    return await marks.put(
        deps, customer, name, _MARKS[form.do], version=form.version, request=request
    )


async def _field(visit: Visit) -> Field:
    rulebook = await published.in_force(visit.deps)
    found = rulebook.fields.get(visit.params["name"])
    if found is None:
        raise NotAvailableError
    return found


async def _shown(visit: Visit, again: _Again) -> Page:
    deps, customer, lang = visit.deps, visit.customer, visit.lang
    name = (await _field(visit)).name
    one = await own.held_one(deps, customer, name, request=visit.request_id)
    choices = await choices_service.choices(deps, customer)
    found = await restriction.of(deps, customer)
    holds = await hold_keep.naming(deps, customer, name)
    told = await history.of_field(deps, customer, name)
    labels = Labels(await published.in_force(deps), lang)
    label = one.field.label.get(lang)
    readers = uses_of.of(name, choices).readers
    page = FieldPage(
        title=translate(lang, N_("Error: {title}"), title=label) if again.failed else label,
        name=name,
        label=label,
        why=one.field.why.get(lang),
        said=_said(visit, again),
        now=replace(
            _value(one, found, labels, labels.apps(app.id for app in readers)),
            held=tuple(ended.hold(each, lang) for each in holds),
        ),
        trait=traits.part(await contest.of(deps, customer, name), one.source, choices, labels),
        uses=uses_of.each(name, choices, labels),
        past=Past(
            look=past.event(told.look, name, labels) if told.look else None,
            events=tuple(past.event(line, name, labels) for line in told.events),
            former=labels.apps(told.former),
            older=not told.whole,
            sealed=told.sealed,
        ),
        forms=_forms(visit, one, again),
    )
    if one.untold:  # the page is made, and that look is recorded: so this is telling
        await third_party.tell(deps, customer, {name: one.version}, request=visit.request_id)
    return Page("field.html", page, HERE, status=again.status)


def _said(visit: Visit, again: _Again) -> Said:
    done = DONE.get(visit.query.get("done", ""), "")
    return Said(translate(visit.lang, done), again.message, again.wrong, again.unsure)


def _value(one: Held, found: Restriction, labels: Labels, readers: tuple[str, ...]) -> Value:
    restricted = one.field.name in found.fields
    return Value(
        kept=one.kept,
        damaged=one.damaged,
        lines=details.lines(one, labels) if one.kept else (),
        hidden=details.is_hidden(one),
        badges=details.badges(one, found, labels.lang),
        origin=details.origin(one, labels),
        since=day(one.since, labels.lang) if one.since else None,
        readers=() if restricted or found.whole else readers,
        until=details.until(one, labels.lang),
        disputed=one.disputed is not None,
        verified=one.verified is not None,
        restricted=restricted,
        whole=found.whole,
        held=(),
    )


def _forms(visit: Visit, one: Held, again: _Again) -> Forms:
    given = inputs.texts(one.value) if again.typed is None else tuple(again.typed)
    return Forms(
        action=visit.path,
        csrf=visit.csrf(visit.path),
        version=one.version,
        input=inputs.of(one.field, visit.lang, given) if service.may_tell(one.field) else None,
        way_in=service.is_way_in(one.field),
    )
