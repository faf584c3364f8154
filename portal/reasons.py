"""Tell customers why something was refused, addressed to them.

The ids and the sentences for staff are those of `policies.reasons`; a customer may know exactly.
"""

from typing import Final

from policies.reasons import Reason
from portal.language import N_, translate

_SENTENCES: Final = {
    Reason.UNKNOWN_FIELD: N_("Our code of ethics does not name this."),
    Reason.OUTSIDE_TOKEN: N_("The app had not asked for this beforehand."),
    Reason.NOT_REGISTERED: N_("The app is not registered for this."),
    Reason.NO_CLAUSE: N_("No clause of our code of ethics lets this be done."),
    Reason.NOT_RECIPIENT: N_("The clause does not name this app."),
    Reason.UNKNOWN_CUSTOMER: N_("There was no such customer."),
    Reason.STANDING_BROKEN: N_("Your record did not pass its check, so nothing was opened."),
    Reason.RESTRICTED: N_("You have restricted the use of your data."),
    Reason.NEVER_PURPOSE: N_("Your terms never allow this purpose."),
    Reason.NEVER_APP: N_("Your terms never allow this app."),
    Reason.NO_PROFILING: N_("Your terms do not allow profiling."),
    Reason.CONTESTED: N_("You said that what we work out here is wrong."),
    Reason.ASK_EACH_TIME: N_("You want to be asked each time, and you were not there."),
    Reason.NO_SHARING: N_("Your terms let nothing go to another business."),
    Reason.NEVER_CHANNEL: N_("Your terms never allow this way of reaching you."),
    Reason.QUIET_HOURS: N_("You do not want to be reached at this time of day."),
    Reason.AT_MOST: N_("You were reached as often in 30 days as you allow."),
    Reason.CHILD: N_("You are not of the age to decide this alone."),
    Reason.OBJECTED: N_("You have objected to this purpose."),
    Reason.PAUSED: N_("You have paused everything that rests on your consent."),
    Reason.NOT_ASKED: N_("You have not decided on this purpose."),
    Reason.REFUSED: N_("You said no to this purpose."),
    Reason.WITHDRAWN: N_("You stopped this."),
    Reason.EXPIRED: N_("Your consent had ended."),
    Reason.REVOKED: N_("Your consent had ended, because the rules changed."),
    Reason.INVALIDATED: N_("Your consent was found not to be valid."),
    Reason.CONSENT_BROKEN: N_("The record of your consent did not pass its check."),
    Reason.NOT_TICKED: N_("You did not allow this detail."),
    Reason.NOT_TOLD: N_("You had not yet been told that somebody else gave us this."),
    Reason.WRONG_SOURCE: N_("Our code of ethics does not allow this detail from this source."),
    Reason.WRONG_VALUE: N_("The value did not have the form that it must have."),
    Reason.IDENTIFIER_TAKEN: N_("This belongs to somebody else already."),
    Reason.WHOLE_REFUSED: N_("The whole request was refused, because part of it was not allowed."),
    Reason.DAMAGED: N_("The stored value did not pass its check, so it was not opened."),
    Reason.ERASED: N_("This belongs to somebody who was erased."),
}


def sentence(reason: str, lang: str) -> str:
    """Return the sentence of a reason's id; of an id that is not known here, the id."""
    try:
        known = Reason(reason)
    except ValueError:
        return reason
    return translate(lang, _SENTENCES[known])
