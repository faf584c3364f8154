"""Print what a publication would do, or did: clause by clause, customers, apps, the day.

Source: DESIGN 5; consent-standards note, 5.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from vault.cli import table

if TYPE_CHECKING:
    from policies.diff import Change, ClauseDiff, PromiseDiff
    from vault.services.publication_plan import Plan

_OF_PROMISE: Final = {
    "new": "is new.",
    "narrower": "promises more than before.",
    "wider": "PROMISES LESS than before.",
    "dropped": "is GIVEN UP.",
}
_SIGNS: Final = 6  # things of one dimension that a line shows


def write(plan: "Plan") -> None:
    """Print a plan as a table and a few sentences."""
    rows = [
        (
            fate.clause.purpose,
            fate.clause.outcome.value,
            f"{fate.ended:,}",
            f"{fate.narrowed:,}",
            changes(fate.clause),
        )
        for fate in plan.clauses
    ]
    table.write(("clause", "becomes", "consents that end", "go on with less", "what changes"), rows)
    write_promises(plan.promises)
    print(
        f"{plan.customers:,} customers lose a consent and are asked again where the clause goes on."
    )
    print(f"{plan.letters:,} customers get a letter about what they allowed.")
    print(f"Customers told, because they cannot be asked: {plan.told:,}.")
    if plan.told and plan.at_once:
        print("They are told as it takes effect. Write a later date, and they are told before.")
    for gone in plan.dropped:
        print(
            f"{gone.name} is no longer named: {gone.rows:,} rows of {gone.customers:,} customers "
            "are read by nobody from then on, and deleted."
        )
    for app, lost in plan.apps:
        print(f"The app {app} may no longer: {lost}. Register it anew.")
    print(f"In effect from {plan.effective_at.isoformat(timespec='seconds')}.")


def write_clauses(clauses: "Iterable[ClauseDiff]") -> None:
    """Print a comparison as a table."""
    rows = [(one.purpose, one.outcome.value, changes(one)) for one in clauses]
    table.write(("clause", "becomes", "what changes"), rows)


def write_promises(promises: "Iterable[PromiseDiff]") -> None:
    """Print what becomes of what is promised never to be done; nothing where all is kept."""
    for one in promises:
        if one.outcome != "equal":
            print(f"The promise {one.promise} {_OF_PROMISE[one.outcome.value]}")


def changes(clause: "ClauseDiff") -> str:
    """Return what changes in one line: what is added, what is taken away.

    >>> from policies.diff import Change, ClauseDiff, Dimension, Item, Outcome
    >>> fields = Change(Dimension.FIELDS, Outcome.WIDER, (), (Item("", "contact.phone"),))
    >>> changes(ClauseDiff("marketing", Outcome.WIDER, (fields,)))
    'fields +contact.phone'
    """
    said = [_change(one) for one in clause.changes]
    return "; ".join(said) or ("words only" if clause.reworded else "")


def _change(one: "Change") -> str:
    signs = [f"+{' '.join(filter(None, item))}" for item in one.added]
    signs += [f"-{' '.join(filter(None, item))}" for item in one.removed]
    more = f" and {len(signs) - _SIGNS} more" if len(signs) > _SIGNS else ""
    return f"{one.dimension} {' '.join(signs[:_SIGNS])}{more}"
