"""Say in words that the vault deleted something by its own rules, or that a hold keeps it.

The vault itself acts here, by the code of ethics; each line says which rule made it.
Source: GDPR 5(1)(e), 15 and 17(3); portal note, 2.
"""

from datetime import date
from typing import Final

from policies.names import HOLD
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import day
from vault.core.entry import Kind
from vault.core.erasure import Kept
from vault.core.hold import LAWS, Ground, Hold
from vault.core.look import Line
from vault.core.retention import DROPPED, VAULT
from vault.core.trait import GONE

OVER: Final = N_("Deleted, because its time was over")
NO_LONGER: Final = N_("Deleted, because we no longer keep this")
NOT_WORKED_OUT: Final = N_("Deleted, because we do not work this out any more")
HELD: Final = N_("A legal hold was set")
RELEASED: Final = N_("A legal hold was lifted")
GROUNDS: Final = {
    Ground.CLAIMS: N_("legal claims"),
    Ground.LAW: N_("a law demands it"),
    Ground.AUTHORITY: N_("an authority ordered it"),
}


def is_deleted(line: Line) -> bool:
    """Say whether the vault deleted something; what it writes, it writes under a purpose."""
    return line.kind is Kind.WRITTEN and line.actor == VAULT and line.purpose is None


def is_hold(line: Line) -> bool:
    """Say whether a legal hold was set or lifted."""
    return line.kind in {Kind.HELD, Kind.RELEASED}


def hold(one: Hold, lang: str) -> str:
    """Return on which ground and until when a legal hold keeps something."""
    said = N_("Until {date}: {ground}.")
    return translate(
        lang, said, date=day(one.until, lang).text, ground=translate(lang, GROUNDS[one.ground])
    )


def badge(line: Line, lang: str) -> Badge | None:
    """Return what came of it; None for a line that is about something else."""
    if is_deleted(line):
        return Badge(translate(lang, N_("Deleted")), "end", "law")
    if is_hold(line):
        words = N_("Kept") if line.kind is Kind.HELD else N_("No longer kept")
        return Badge(translate(lang, words), "end", "law")
    return None


def what(line: Line, labels: Labels, name: str | None = None) -> str:
    """Return what happened, of one name or of all; "" for a line that is about something else."""
    if is_deleted(line):
        clauses = [clause for one, clause in line.allowed if name in {None, one}]
        if any(clause.startswith(GONE) for clause in clauses):
            return translate(labels.lang, NOT_WORKED_OUT)
        dropped = any(clause.startswith(DROPPED) for clause in clauses)
        return translate(labels.lang, NO_LONGER if dropped else OVER)
    if line.kind is Kind.HELD:
        ground, _, until = dict(line.allowed).get(HOLD, "").partition("/")
        try:
            end = day(date.fromisoformat(until), labels.lang).text
            why = translate(labels.lang, GROUNDS[Ground(ground)])
        except ValueError:
            return translate(labels.lang, HELD)
        said = N_("A legal hold was set until {date}: {ground}")
        return translate(labels.lang, said, date=end, ground=why)
    return translate(labels.lang, RELEASED) if line.kind is Kind.RELEASED else ""


def law(one: Kept, lang: str) -> str:
    """Return by which law something stays of a customer who is erased; of a hold, its ground."""
    ground = next((each for each, words in LAWS.items() if words == one.law), None)
    if one.purpose != HOLD or ground is None:
        return one.law
    return translate(lang, GROUNDS[ground])


def names(line: Line, labels: Labels) -> tuple[str, ...]:
    """Return what it is about; of a hold on everything, that it is."""
    about = [name for name, _ in line.allowed if name != HOLD or not is_hold(line)]
    if is_hold(line) and not about:
        return (translate(labels.lang, N_("Everything we hold about you")),)
    return labels.all_of(about)
