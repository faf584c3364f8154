"""Tell staff why a detail was not opened for them: short, and addressed to staff."""

from typing import Final

from policies.reasons import Reason
from portal.language import N_, translate

_NO_CLAUSE: Final = N_("The code of ethics does not let your role do this.")
_SENTENCES: Final = {
    Reason.STANDING_BROKEN: N_("The customer's record did not pass its check."),
    Reason.RESTRICTED: N_("The customer has restricted it."),
    Reason.NEVER_PURPOSE: N_("The customer's own rules never allow this purpose."),
    Reason.NO_PROFILING: N_("The customer's own rules allow no profiling."),
    Reason.ASK_EACH_TIME: N_("The customer wants to be asked each time."),
    Reason.NEVER_CHANNEL: N_("The customer does not want to be reached this way."),
    Reason.QUIET_HOURS: N_("The customer does not want to be reached at this time."),
    Reason.CHILD: N_("The customer is not of the age to decide this alone."),
    Reason.OBJECTED: N_("The customer has objected to this purpose."),
    Reason.PAUSED: N_("The customer has paused all that rests on consent."),
    Reason.NOT_ASKED: N_("The customer has not decided on this purpose."),
    Reason.REFUSED: N_("The customer said no to this purpose."),
    Reason.WITHDRAWN: N_("The customer stopped this."),
    Reason.EXPIRED: N_("The consent has ended."),
    Reason.REVOKED: N_("The consent ended, because the rules changed."),
    Reason.INVALIDATED: N_("The consent was found not to be valid."),
    Reason.CONSENT_BROKEN: N_("The record of the consent did not pass its check."),
    Reason.NOT_TICKED: N_("The customer did not allow this detail."),
    Reason.NOT_TOLD: N_("The customer was not yet told that somebody else gave this."),
    Reason.DAMAGED: N_("The stored value did not pass its check."),
}


def sentence(reason: Reason, lang: str) -> str:
    """Return why a detail was not opened."""
    return translate(lang, _SENTENCES.get(reason, _NO_CLAUSE))
