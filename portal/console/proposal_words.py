"""Say in words what a proposal is, how it stands, who did what, and why somebody does not decide.

Source: security note, 8; portal note, 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.console.frame import ROLES
from portal.language import N_, translate
from portal.state import Badge
from vault.core.approval import Kind, Obstacle, State
from vault.core.staff import OPERATOR
from vault.services import proposal, staff
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.services.staff_change import Do, Wish

_KINDS: Final = {
    Kind.CODE: N_("Code of ethics"),
    Kind.APP: N_("Registration of an app"),
    Kind.THAW: N_("A frozen app goes on"),
    Kind.STAFF: N_("Staff"),
}
_STATES: Final = {
    State.DRAFT: (N_("Draft"), "paper", "law"),
    State.OPEN: (N_("Waits"), "open", "open"),
    State.APPROVED: (N_("Approved"), "on", "on"),
    State.REFUSED: (N_("Refused"), "off", "off"),
    State.WITHDRAWN: (N_("Withdrawn"), "off", "off"),
    State.ENDED: (N_("Time is over"), "end", "off"),
}
_OBSTACLES: Final = {
    Obstacle.ROLE: N_("Your role does not decide on this."),
    Obstacle.SELF: N_("You proposed this yourself, so somebody else decides."),
    Obstacle.MADE: N_(
        "Whoever proposed this made your account, or let you in anew, less than 7 days ago or "
        "since then. Somebody else decides."
    ),
    Obstacle.SHELL: N_(
        "This was proposed from the host's shell, and your account was made there afterwards. "
        "Somebody else decides."
    ),
    Obstacle.SUBJECT: N_("This is about your own account, so somebody else decides."),
}
_MEMBER: Final = {
    "invited": (N_("Invited"), "open", "open"),
    "active": (N_("Active"), "on", "on"),
    "ended": (N_("Has ended"), "off", "off"),
}
_PROBLEMS: Final = {
    proposal.CHANGED: N_(
        "What this was compared with has changed since it was proposed. Propose it again."
    ),
    proposal.NOBODY: N_("Whoever proposed this may not propose it any more. Somebody else must."),
    proposal.OVER: N_("Somebody decided on this, it was withdrawn, or its time is over."),
    proposal.FULL: N_("Too many proposals wait. Decide on some of them, or withdraw one, first."),
    staff.TAKEN: N_("There is a member of staff with this mailbox already."),
}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who proposed or decided."""

    handle: str  # "" for the host's shell
    name: str


def kind(of: Kind, lang: str) -> str:
    """Return what is proposed."""
    return translate(lang, _KINDS[of])


def state(of: State, lang: str) -> Badge:
    """Return how a proposal stands."""
    words, icon, tone = _STATES[of]
    return Badge(translate(lang, words), icon, tone)


def member_state(of: str, lang: str) -> Badge:
    """Return how a member of staff stands."""
    words, icon, tone = _MEMBER[of]
    return Badge(translate(lang, words), icon, tone)


def obstacle(of: Obstacle | None, lang: str) -> str:
    """Return why somebody does not decide; "" for one who may."""
    return translate(lang, _OBSTACLES[of]) if of else ""


def problem(said: str, lang: str) -> str:
    """Return why a proposal would do nothing; rules of the code of ethics say it in English."""
    return translate(lang, _PROBLEMS[said]) if said in _PROBLEMS else said


def role(of: str, lang: str) -> str:
    """Return a role in words."""
    return translate(lang, ROLES[of])


def wish(of: Wish, lang: str, *, names: Mapping[str, Member]) -> str:
    """Return what is to be done to a member of staff, in a sentence."""
    got = role(of.role.value, lang) if of.role else ""
    known = names.get(of.handle)
    who = f"{known.name} ({of.handle})" if known and known.name else of.handle
    if of.do is Do.INVITE:
        said = N_("Invite {who} to the role {role}.")
        return translate(lang, said, who=of.email, role=got)
    if of.do is Do.ROLE:
        had = role(known.role.value, lang) if known else ""
        said = N_("{who} gets the role {role}. The role so far: {before}.")
        return translate(lang, said, who=who, role=got, before=had)
    return translate(lang, N_("{who} ends, for good. The pseudonym is never given again."), who=who)


def who(handle: str, lang: str, *, names: Mapping[str, Member]) -> Who:
    """Return who is behind a pseudonym."""
    if handle == OPERATOR:
        return Who("", translate(lang, N_("The host's shell")))
    known = names.get(handle)
    return Who(handle, known.name if known else "")


async def members(deps: Deps) -> dict[str, Member]:
    """Return all members of staff by pseudonym."""
    async with deps.database.connect() as conn:
        return {one.handle: one for one in await staff.all_(deps, conn)}
