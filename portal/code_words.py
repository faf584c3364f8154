"""Say the members of the code's closed sets as the page of the code does."""

from typing import Final

from policies.names import Action, Basis, Sensitivity, Source, StaffRole, Term
from portal.language import N_, translate

Closed = Action | Basis | Sensitivity | Source | StaffRole | Term

_WORDS: Final[dict[Closed, str]] = {
    Action.READ: N_("read"),
    Action.WRITE: N_("change"),
    Action.APPEND: N_("add"),
    Basis.CONSENT: N_("Your consent"),
    Basis.CONTRACT: N_("Our contract with you"),
    Basis.LEGAL_OBLIGATION: N_("A legal obligation"),
    Basis.VITAL_INTEREST: N_("To protect somebody's life"),
    Basis.PUBLIC_TASK: N_("A task in the public interest"),
    Basis.LEGITIMATE_INTEREST: N_("Our legitimate interest"),
    Sensitivity.ORDINARY: "",
    Sensitivity.SENSITIVE: N_("Sensitive"),
    Sensitivity.SPECIAL: N_("Specially protected by law"),
    Source.TOLD: N_("You tell us"),
    Source.OBSERVED: N_("We observe it"),
    Source.INFERRED: N_("We infer it"),
    Source.THIRD_PARTY: N_("Somebody else tells us"),
    StaffRole.COMPLIANCE: N_("compliance staff"),
    StaffRole.STEWARD: N_("data stewards"),
    StaffRole.SUPPORT: N_("support staff"),
    StaffRole.ADMIN: N_("administrators"),
    Term.PAUSE: N_("Pause everything that rests on your consent"),
    Term.NEVER_PURPOSE: N_("Never allow a purpose"),
    Term.NEVER_APP: N_("Never allow an app"),
    Term.NO_PROFILING: N_("Do not judge or group me by what you know"),
    Term.ASK_EACH_TIME: N_("Ask me each time"),
    Term.NEVER_CHANNEL: N_("Never reach me by telephone, e-mail or letter"),
    Term.QUIET_HOURS: N_("Leave me in peace at some hours"),
    Term.LAPSE: N_("Let what I allow end earlier"),
    Term.NO_SHARING: N_("Pass nothing on to another business"),
    Term.AT_MOST: N_("Reach me only so many times in a month"),
}


def word(member: Closed, lang: str) -> str:
    """Return the word for a member; "" for one that goes without saying."""
    said = _WORDS[member]
    return translate(lang, said) if said else ""
