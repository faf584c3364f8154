"""List the rules by which what is asked under a purpose should have been refused, each on its own.

Every rule looks at one case and either has nothing to say, or gives the reason for a refusal, or
does not know (`UndecidedError`). They stand in no order and share no step, so that a rule can be
read beside the paragraph of the code of ethics that it keeps. One refusal is enough.
Source: DESIGN 5; consent-standards note, 4 and 6; GDPR 7, 14, 18, 21; docs/replay.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vault.verifier.replay_carry import ALLOWING, EPOCH, Consent, UndecidedError, carry
from vault.verifier.replay_code import Code, Said
from vault.verifier.replay_person import FRESH, Person, View
from vault.verifier.replay_system import System, When

APP, STAFF, VAULT = "app", "staff", "vault"
READ, WRITE, APPEND = "read", "write", "append"
DAY: Final = 86_400_000  # ms

_QUIET: Final = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)")
_LAW: Final = "legal-obligation"
_OBJECTIONABLE: Final = frozenset({"legitimate-interest", "public-task"})


@dataclass(frozen=True, slots=True)
class Case:
    """One name that somebody was allowed."""

    said: Said  # the entry's payload
    name: str
    clause: str
    who: str  # `APP`, `STAFF`, `VAULT`, `customer`, `operator`
    action: str
    source: str | None  # of what was written; None where nothing was, or it was deleted
    when: When
    code: Code
    system: System
    person: Person
    epoch: int | None  # None: as for somebody who has decided nothing

    @property
    def view(self) -> View:
        """What the person had decided; `UndecidedError` where the log does not tell."""
        return FRESH if self.epoch is None else self.person.view(self.epoch)

    @property
    def app(self) -> str | None:
        """The app that asked."""
        app: str | None = self.said["app"]
        return app

    @property
    def purpose(self) -> Said:
        """The clause of the code; an empty one for no such purpose."""
        return self.code.purpose(self.said["purpose"]) or {}

    @property
    def by_law(self) -> bool:
        """Whether a law demands it, so that no rule of the person's own reaches it."""
        return self.purpose.get("basis") == _LAW

    def own(self, member: str) -> frozenset[str]:
        """Return names of the person's own terms; none where a law demands it."""
        return frozenset() if self.by_law else self.view.standing.names(member)

    @property
    def infers(self) -> bool:
        """Whether what is written was inferred."""
        return self.action != READ and self.source == "inferred"


Rule = Callable[[Case], str | None]


def other_clause(case: Case) -> str | None:
    """Refuse a look that stands under another clause than the purpose it was for."""
    return "wrong-clause" if case.clause != case.said["purpose"] else None


def unknown_name(case: Case) -> str | None:
    """Refuse a name that the code of ethics does not have."""
    return None if case.code.kept(case.name) else "unknown-field"


def no_use(case: Case) -> str | None:
    """Refuse what the purpose does not do with the name."""
    uses = case.code.actions(case.said["purpose"], case.name)
    return None if case.action in uses else "no-clause"


def no_recipient(case: Case) -> str | None:
    """Refuse an app, or a role, that the purpose does not name, and the vault where it has no work."""
    if case.who == APP:
        return None if case.app in case.purpose.get("recipients", ()) else "not-recipient"
    if case.who == VAULT:
        purpose = case.said["purpose"]
        works = {*case.code.worked(purpose, case.action), *case.code.asked(purpose, case.action)}
        return None if case.name in works else "not-recipient"
    asked = case.said.get("asked", {}).get("role")
    roles = case.system.roles(case.said["actor"].partition(":")[2], case.when)
    if asked is not None and asked not in roles:
        return "other-role"
    if asked is None and len(roles) != 1:
        raise UndecidedError("role-untold")
    role = asked or next(iter(roles))
    return None if role in case.purpose.get("staff", ()) else "not-recipient"


def outside_token(case: Case) -> str | None:
    """Refuse what the token did not cover; an app without one is covered by nothing."""
    lines = case.said["ceiling"]
    if lines is None and case.who in {STAFF, VAULT}:
        return None
    triple = [case.said["purpose"], case.action, case.name]
    return None if triple in (lines or ()) else "outside-token"


def not_registered(case: Case) -> str | None:
    """Refuse what nobody approved the app for, and an app that was frozen."""
    if case.who != APP:
        return None
    app = case.app or ""
    if case.system.is_frozen(app, case.when):
        return "frozen"
    approved = case.system.permissions(app, case.said["registration"], case.when)
    triple = (case.said["purpose"], case.action, case.name)
    return None if triple in approved else "not-registered"


def restricted(case: Case) -> str | None:
    """Refuse what the person restricted, save what is only added."""
    if case.action == APPEND:
        return None
    standing = case.view.standing
    held = standing.restricted or case.name in standing.names("restricted_fields")
    return "restricted" if held else None


def never_purpose(case: Case) -> str | None:
    """Refuse a purpose that the person ruled out."""
    return "never-purpose" if case.said["purpose"] in case.own("never_purposes") else None


def never_app(case: Case) -> str | None:
    """Refuse an app that the person ruled out."""
    return "never-app" if case.app in case.own("never_apps") else None


def ask_each_time(case: Case) -> str | None:
    """Refuse what the person wants to be asked each time: no app or staff is there with them."""
    return "ask-each-time" if case.said["purpose"] in case.own("ask_each_time") else None


def no_sharing(case: Case) -> str | None:
    """Refuse another business where the person wants nothing shared."""
    shares = bool((case.code.recipient(case.app) or {}).get("external"))
    return "no-sharing" if shares and not case.by_law and _term(case, "no_sharing") else None


def no_profiling(case: Case) -> str | None:
    """Refuse profiling, and writing what was inferred, where the person wants neither."""
    vault = _works_out(case)
    profiles = vault or bool(case.purpose.get("profiling")) or case.infers
    heard = vault or not case.by_law
    return "no-profiling" if profiles and heard and _term(case, "no_profiling") else None


def contested(case: Case) -> str | None:
    """Refuse to infer again what the person said was wrong."""
    said = case.infers and case.name in case.view.standing.names("contested")
    return "contested" if said else None


def closed_channel(case: Case) -> str | None:
    """Refuse a way to reach the person that they closed, for now or for good."""
    channel = case.code.channel(case.name)
    if channel is None or case.action != READ or case.by_law:
        return None
    if channel in case.own("never_channels"):
        return "never-channel"
    text = case.view.standing.terms.get("quiet", "")
    wakes = channel in {"phone", "email"}
    return "quiet-hours" if text and wakes and is_quiet(text, case.when.at) else None


def objected(case: Case) -> str | None:
    """Refuse what rests on a legitimate interest or a public task, and was objected to."""
    if not _works_out(case) and case.purpose.get("basis") not in _OBJECTIONABLE:
        return None
    return "objected" if case.said["purpose"] in case.view.standing.objections else None


def no_consent(case: Case) -> str | None:
    """Refuse what rests on a consent that was not given, is over, or does not name the field."""
    if case.purpose.get("basis") != "consent":
        return None
    if _term(case, "paused") and case.action == READ:
        return "paused"
    if case.when.at < case.view.standing.terms.get("child_until", 0):
        return "child"
    given = case.view.consents.get(case.said["purpose"])
    if given is None:
        return "not-asked"
    if given.state not in ALLOWING:
        return given.state
    return _over(case, given)


def untold(case: Case) -> str | None:
    """Refuse a third party's value that the person was not told of."""
    if case.action != READ:
        return None
    return "not-told" if case.person.untold(case.name, case.when) else None


def wrong_source(case: Case) -> str | None:
    """Refuse a source that the code does not name for the field."""
    if case.action == READ:
        return None
    if _works_out(case) and case.source != "inferred":
        return "wrong-source"
    known = case.source is None or case.source in case.code.sources(case.name)
    return None if known else "wrong-source"


RULES: Final[tuple[Rule, ...]] = (
    other_clause,
    unknown_name,
    no_use,
    no_recipient,
    outside_token,
    not_registered,
    restricted,
    never_purpose,
    never_app,
    ask_each_time,
    no_sharing,
    no_profiling,
    contested,
    closed_channel,
    objected,
    no_consent,
    untold,
    wrong_source,
)


def is_quiet(text: str, at: int) -> bool:
    """Say whether a moment, unix ms, is within quiet hours; what cannot be read is quiet always.

    Raises:
        UndecidedError: this machine does not know the zone.
    """
    match = _QUIET.fullmatch(text)
    if match is None:
        return True
    try:
        zone = ZoneInfo(match[3])
        start, end = time.fromisoformat(match[1]), time.fromisoformat(match[2])
    except (KeyError, OSError, ValueError):
        raise UndecidedError("zone-unknown") from None
    moment: datetime = EPOCH + timedelta(milliseconds=at)
    local = moment.astimezone(UTC).astimezone(zone).time()
    if start < end:
        return start <= local < end
    return local >= start or local < end


def _works_out(case: Case) -> bool:
    """Say whether the vault writes what it inferred itself: never against a no, whatever the law."""
    return case.who == VAULT and case.action == WRITE


def _term(case: Case, name: str) -> bool:
    return bool(case.view.standing.terms.get(name))


def _over(case: Case, given: Consent) -> str | None:
    """Judge a consent that was given: what later codes and the person's own term left of it."""
    days = case.view.standing.terms.get("lapse_days", 0)
    if days and case.when.at >= given.start + days * DAY:
        return "expired"
    if case.name not in given.fields:
        return "not-ticked"
    if case.when.at >= given.until:
        return "expired"
    if given.code == case.code.digest:
        return None
    left = carry(given, case.system.steps(given.code, case.code.digest))
    if left.state not in ALLOWING:
        return left.state
    if case.when.at >= left.until:
        return "expired"
    return None if case.name in left.fields else "not-ticked"
