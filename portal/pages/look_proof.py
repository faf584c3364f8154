"""Check the proof of one line of "who looked" for its customer, and hand the proof out.

The words come first and the numbers below them: what was checked, what that means, what it does not
prove, how to do it without us, and what to do when it fails. No line is opened here.
Source: portal note, 2; access-log note, 8.
"""

from dataclasses import dataclass
from typing import Final

from portal.answers import Document, Go, Page
from portal.language import N_, translate
from portal.pages.who_looked import HERE, index_of
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, moment, of_ms
from vault.core.errors import LogBrokenError
from vault.core.log_proof import MEDIA_TYPE, SUFFIX
from vault.services import look_proof
from vault.services.look_proof import Checked, Flaw, Verdict

BAD: Final = 409  # what is stored is not what was signed
_TITLES: Final = {
    Verdict.GOOD: N_("This line is in the log"),
    Verdict.BAD: N_("This line does not hold"),
    Verdict.SOON: N_("Its proof is made in a second"),
}
_STEPS: Final = (
    N_("The state of the log is signed with the key that we publish."),
    N_("The entry is part of that state, and nothing in it was changed."),
    N_("Only your key finds the entry: it is about you."),
)
_FAILED: Final = {Flaw.SIGNATURE: 0, Flaw.ENTRY: 1, Flaw.OWNER: 2}
_LABELS: Final = {
    "on": N_("Holds"),
    "off": N_("Does not hold"),
    "open": N_("Not checked"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the check."""

    words: str
    state: Badge


@dataclass(frozen=True, slots=True)
class LookCheckPage:
    """Everything of `/who-looked/{place}/check`."""

    title: str
    here: str
    line: str  # path of the line alone
    file: str  # path of the proof
    name: str  # of the file, as it is saved
    good: bool
    bad: bool
    at: Moment | None
    steps: tuple[Step, ...]
    origin: str
    key: str
    index: int
    size: int
    leaf: str


async def show(visit: Visit) -> Page:
    """Say what the proof of a line is worth."""
    place = index_of(visit.params)
    found = await look_proof.check(visit.deps, visit.customer, place)
    bad = found.verdict is Verdict.BAD
    title = translate(visit.lang, _TITLES[found.verdict])
    page = LookCheckPage(
        title=title,
        here=f"{HERE}/{place}/check",
        line=f"{HERE}/{place}",
        file=f"{HERE}/{place}/proof",
        name=_name(place),
        good=found.verdict is Verdict.GOOD,
        bad=bad,
        at=moment(of_ms(found.at), visit.lang) if found.at is not None else None,
        steps=_steps(found, visit.lang),
        origin=found.origin,
        key=found.key,
        index=found.index,
        size=found.size,
        leaf=found.leaf,
    )
    return Page("look_check.html", page, HERE, status=BAD if bad else 200)


async def download(visit: Visit) -> Document | Go:
    """Hand the proof out; the page of the check says why there is none."""
    place = index_of(visit.params)
    try:
        text = await look_proof.file(visit.deps, visit.customer, place)
    except LogBrokenError:
        text = None
    if text is None:
        return Go(f"{HERE}/{place}/check")
    return Document(text.encode(), MEDIA_TYPE, "page", filename=_name(place))


def _steps(found: Checked, lang: str) -> tuple[Step, ...]:
    """Return the steps: those before the flaw hold, those behind it were not taken."""
    if found.verdict is Verdict.SOON:
        return ()
    failed = _FAILED[found.flaw] if found.flaw else len(_STEPS)
    taken = []
    for number, words in enumerate(_STEPS):
        kind = "off" if number == failed else "open" if number > failed else "on"
        if not found.size and number < failed:  # there was not even a proof to begin with
            kind = "open"
        taken.append(
            Step(translate(lang, words), Badge(translate(lang, _LABELS[kind]), kind, kind))
        )
    return tuple(taken)


def _name(place: int) -> str:
    return f"who-looked-{place}.{SUFFIX}"
