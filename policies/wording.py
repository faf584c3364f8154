"""Hold the fixed words of a code's plain text: headings, bases, sources, durations.

What a publisher writes stands in the document; these are the words around it. A language that is
not here is shown with English words, and then the page says so by its `lang`.
"""

from dataclasses import dataclass

from policies.durations import Duration
from policies.names import Action, Basis, Sensitivity, Source, StaffRole, Term

Closed = Action | Basis | Sensitivity | Source | StaffRole | Term

_ENGLISH: dict[str, str] = {
    "version": "Version {version}, in force from {effective}",
    "digest": "Digest sha256:{digest}",
    "promises": "What we promise",
    "sources": "How we gather",
    "fields": "What we want to know",
    "interactions": "What we remember of our contacts",
    "purposes": "What we do with it",
    "terms": "What you can set yourself",
    "publisher": "Who answers for this",
    "dpo": "Data protection: {name}, {email}",
    "authority": "You can complain to: {name}, {url}",
    "why": "Why",
    "from": "From",
    "kept": "Kept for",
    "used": "Used for",
    "choices": "Choices",
    "what": "What we do",
    "benefit": "What you get",
    "without": "If you say no",
    "basis": "Basis",
    "law": "Law",
    "balancing": "Balance",
    "until": "Until",
    "expiry": "Until {duration} after you allowed it, or until you stop it",
    "required": "Needs",
    "optional": "Better with",
    "who": "Who",
    "staff": "our staff",
    "explicit": "This needs a consent of its own, in so many words.",
    "profiling": "This judges or groups people by what is known of them.",
    "delay": "You see such a look {duration} after it happened; until then you see that there was one.",
    "keep": "After an erasure the law keeps this for {duration}.",
    "external": "another business",
    "children": "Who is younger than {age} does not decide alone.",
    "cooling_off": "An erasure can be taken back for {duration}.",
}
_ENGLISH_MEMBERS: dict[Closed, str] = {
    Action.READ: "read",
    Action.WRITE: "change",
    Action.APPEND: "add",
    Basis.CONSENT: "your consent",
    Basis.CONTRACT: "our contract with you",
    Basis.LEGAL_OBLIGATION: "a legal obligation",
    Basis.VITAL_INTEREST: "somebody's vital interest",
    Basis.PUBLIC_TASK: "a public task",
    Basis.LEGITIMATE_INTEREST: "our legitimate interest",
    Sensitivity.ORDINARY: "ordinary",
    Sensitivity.SENSITIVE: "sensitive",
    Sensitivity.SPECIAL: "of a special category",
    Source.TOLD: "told",
    Source.OBSERVED: "observed",
    Source.INFERRED: "inferred",
    Source.THIRD_PARTY: "from a third party",
    StaffRole.COMPLIANCE: "compliance",
    StaffRole.STEWARD: "data stewards",
    StaffRole.SUPPORT: "support",
    StaffRole.ADMIN: "administration",
    Term.PAUSE: "Pause everything that rests on your consent.",
    Term.NEVER_PURPOSE: "Never allow a purpose.",
    Term.NEVER_APP: "Never allow an app.",
    Term.NO_PROFILING: "Do not judge or group me by what you know.",
    Term.ASK_EACH_TIME: "Ask me each time.",
    Term.NEVER_CHANNEL: "Never reach me by telephone, e-mail or letter.",
    Term.QUIET_HOURS: "Leave me in peace at some hours.",
    Term.LAPSE: "Let what I allow end earlier.",
    Term.NO_SHARING: "Pass nothing on to another business.",
}
_ENGLISH_UNITS = (("year", "years"), ("month", "months"), ("day", "days"))


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed words in one language."""

    words: dict[str, str]
    members: dict[Closed, str]
    units: tuple[tuple[str, str], ...]  # one and many: years, months, days

    def say(self, key: str, **held: str) -> str:
        """Return a fixed text with what it holds."""
        return self.words[key].format(**held)

    def name(self, member: Closed) -> str:
        """Return the word for a member of a closed set."""
        return self.members[member]

    def lasts(self, duration: str) -> str:
        """Return an ISO 8601 duration in words.

        >>> english().lasts("P1Y6M")
        '1 year, 6 months'
        """
        parsed = Duration.parse(duration)
        if parsed is None:
            return duration
        counts = (*divmod(parsed.months, 12), parsed.days)
        return ", ".join(
            f"{count} {one if count == 1 else many}"
            for count, (one, many) in zip(counts, self.units, strict=True)
            if count
        )


def english() -> Wording:
    """Return the English words."""
    return Wording(_ENGLISH, _ENGLISH_MEMBERS, _ENGLISH_UNITS)
