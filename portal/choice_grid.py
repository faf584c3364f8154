"""Lay out the full grid: every detail by every purpose, and how each cell stands.

A cell is decided on the page of its purpose, detail by detail. It says in words what may be done,
never by colour alone.
Source: portal note, 2; consent-standards note, 6.
"""

from dataclasses import dataclass
from typing import Final

from policies.model import Action, ConsentState, Rulebook
from portal.choice_cards import badge
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from vault.services.benefit import Offer
from vault.services.choices import Choice

_ACTIONS: Final = {Action.READ: N_("read"), Action.WRITE: N_("change"), Action.APPEND: N_("add")}


@dataclass(frozen=True, slots=True)
class Column:
    """A purpose at the head of a column."""

    label: str
    href: str  # of the page that decides its details; "" where nothing is decided
    state: Badge
    readers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One detail under one purpose."""

    icon: str  # "" for a purpose that does not use the detail
    words: str
    needed: bool
    gives: tuple[str, ...] = ()  # benefits that it is needed for


@dataclass(frozen=True, slots=True)
class Row:
    """One detail."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Details by purposes."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def grid(
    visit: Visit, rulebook: Rulebook, found: tuple[Choice, ...], offers: tuple[Offer, ...]
) -> Grid:
    """Return the grid of every purpose and every name of the code in force."""
    labels = Labels(rulebook, visit.lang)
    columns = tuple(
        Column(
            label=one.purpose.label.get(visit.lang),
            href=f"/privacy/{one.purpose.id}?view=grid" if one.state is not None else "",
            state=badge(visit, one),
            readers=labels.apps(app.id for app in one.readers),
        )
        for one in found
    )
    names = (*rulebook.fields, *rulebook.interactions)
    rows = tuple(
        Row(labels.of(name), tuple(_cell(one, name, offers, visit.lang) for one in found))
        for name in names
    )
    return Grid(columns, rows)


def _cell(one: Choice, name: str, offers: tuple[Offer, ...], lang: str) -> Cell:
    use = next((use for use in one.purpose.uses if use.name == name), None)
    if use is None:
        return Cell("", "", needed=False)
    done = ", ".join(translate(lang, _ACTIONS[action]) for action in use.actions)
    icon, words = _standing(one, name)
    gives = tuple(
        each.benefit.label.get(lang)
        for each in offers
        if each.purpose.id == one.purpose.id and name in each.benefit.needs
    )
    return Cell(icon, translate(lang, words, actions=done), needed=use.required, gives=gives)


def _standing(one: Choice, name: str) -> tuple[str, str]:
    if one.objected:
        return "off", N_("Not done: you objected ({actions})")
    if one.state is None:
        return "law", N_("Done without asking: {actions}")
    if one.allows(name):
        return "on", N_("Allowed: {actions}")
    if one.state in {ConsentState.UNKNOWN, ConsentState.REQUESTED, ConsentState.DEFERRED}:
        return "open", N_("Not answered yet: {actions}")
    return "off", N_("Not allowed: {actions}")
