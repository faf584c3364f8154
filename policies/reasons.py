"""Name why something is denied: for the log and for people exactly, for apps coarsely.

An app learns one reason for every kind of missing consent, so that it cannot tell who refused,
who withdrew and who was never asked. Ids are stable: the access log holds them for ever.
Source: INTERFACES (refusals that have a name); DESIGN 10; consent-standards note, 4.
"""

from enum import StrEnum

from policies.names import ConsentState


class Reason(StrEnum):
    """Why a name is denied."""

    UNKNOWN_FIELD = "unknown-field"
    OUTSIDE_TOKEN = "outside-token"  # noqa: S105  a reason, no password
    NOT_REGISTERED = "not-registered"
    NO_CLAUSE = "no-clause"
    NOT_RECIPIENT = "not-recipient"
    UNKNOWN_CUSTOMER = "unknown-customer"
    STANDING_BROKEN = "standing-broken"
    RESTRICTED = "restricted"
    NEVER_PURPOSE = "never-purpose"
    NEVER_APP = "never-app"
    NO_PROFILING = "no-profiling"
    CONTESTED = "contested"
    ASK_EACH_TIME = "ask-each-time"
    NO_SHARING = "no-sharing"
    NEVER_CHANNEL = "never-channel"
    QUIET_HOURS = "quiet-hours"
    AT_MOST = "at-most"
    CHILD = "child"
    OBJECTED = "objected"
    PAUSED = "paused"
    NOT_ASKED = "not-asked"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INVALIDATED = "invalidated"
    CONSENT_BROKEN = "consent-broken"
    NOT_TICKED = "not-ticked"
    NOT_TOLD = "not-told"
    WRONG_SOURCE = "wrong-source"
    # These come after the decision, from whoever carries it out.
    WRONG_VALUE = "wrong-value"
    IDENTIFIER_TAKEN = "identifier-taken"
    WHOLE_REFUSED = "whole-refused"
    DAMAGED = "damaged"
    ERASED = "erased"


_SENTENCES = {
    Reason.UNKNOWN_FIELD: "The code of ethics does not name this.",
    Reason.OUTSIDE_TOKEN: "The app's token does not cover this.",
    Reason.NOT_REGISTERED: "The app is not registered for this.",
    Reason.NO_CLAUSE: "No clause of the code of ethics lets this be done with this field.",
    Reason.NOT_RECIPIENT: "The clause does not name this recipient.",
    Reason.UNKNOWN_CUSTOMER: "There is no such customer.",
    Reason.STANDING_BROKEN: "The customer's record did not pass its check.",
    Reason.RESTRICTED: "The customer has restricted the use of this data.",
    Reason.NEVER_PURPOSE: "The customer's terms never allow this purpose.",
    Reason.NEVER_APP: "The customer's terms never allow this app.",
    Reason.NO_PROFILING: "The customer's terms do not allow profiling.",
    Reason.CONTESTED: "The customer said that what is inferred here is wrong.",
    Reason.ASK_EACH_TIME: "The customer wants to be asked each time and was not there.",
    Reason.NO_SHARING: "The customer's terms let nothing go to another business.",
    Reason.NEVER_CHANNEL: "The customer's terms never allow this way of reaching them.",
    Reason.QUIET_HOURS: "The customer does not want to be reached at this time of day.",
    Reason.AT_MOST: "The customer was reached as often in 30 days as they allow.",
    Reason.CHILD: "The customer is not of the age to consent.",
    Reason.OBJECTED: "The customer has objected to this purpose.",
    Reason.PAUSED: "The customer has paused everything that rests on consent.",
    Reason.NOT_ASKED: "The customer has not decided on this purpose.",
    Reason.REFUSED: "The customer said no to this purpose.",
    Reason.WITHDRAWN: "The customer has withdrawn this consent.",
    Reason.EXPIRED: "The consent has ended.",
    Reason.REVOKED: "The consent ended because the rules changed.",
    Reason.INVALIDATED: "The consent was found not to be valid.",
    Reason.CONSENT_BROKEN: "The record of the consent did not pass its check.",
    Reason.NOT_TICKED: "The consent does not name this field.",
    Reason.NOT_TOLD: "The customer has not yet been told that a third party gave this value.",
    Reason.WRONG_SOURCE: "The code of ethics does not allow this field from this source.",
    Reason.WRONG_VALUE: "The value has the wrong type, form or size.",
    Reason.IDENTIFIER_TAKEN: "The identifier belongs to another customer.",
    Reason.WHOLE_REFUSED: "Another part of the same request was refused, so all of it was.",
    Reason.DAMAGED: "The stored value did not pass its check.",
    Reason.ERASED: "The identifier belongs to somebody who was erased.",
}

NO_BASIS = "no-basis"
_COARSE = {
    Reason.UNKNOWN_FIELD: "unknown-field",
    Reason.OUTSIDE_TOKEN: "outside-token",
    Reason.NOT_REGISTERED: "outside-token",
    Reason.RESTRICTED: "restricted",
    Reason.NOT_TOLD: "not-told",
    Reason.WRONG_SOURCE: "wrong-source",
    Reason.WRONG_VALUE: "wrong-value",
    Reason.IDENTIFIER_TAKEN: "identifier-taken",
    Reason.WHOLE_REFUSED: "outside-token",
    Reason.DAMAGED: "not-available",
}

# What a consent in a state that does not allow means. Given and renewed are absent: they allow.
OF_STATE = {
    ConsentState.UNKNOWN: Reason.NOT_ASKED,
    ConsentState.REQUESTED: Reason.NOT_ASKED,
    ConsentState.DEFERRED: Reason.NOT_ASKED,
    ConsentState.REFUSED: Reason.REFUSED,
    ConsentState.WITHDRAWN: Reason.WITHDRAWN,
    ConsentState.EXPIRED: Reason.EXPIRED,
    ConsentState.REVOKED: Reason.REVOKED,
    ConsentState.INVALIDATED: Reason.INVALIDATED,
}


def coarse(reason: Reason) -> str:
    """Return what an app may see of a reason.

    >>> coarse(Reason.WITHDRAWN), coarse(Reason.NOT_ASKED)
    ('no-basis', 'no-basis')
    """
    return _COARSE.get(reason, NO_BASIS)


def sentence(reason: Reason) -> str:
    """Return a reason as an English sentence for customers and compliance staff."""
    return _SENTENCES[reason]
