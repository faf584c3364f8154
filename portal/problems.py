"""Turn an error of the vault into a page for people: the one HTTP mapper of this front.

What is not a customer's looks like what does not exist. An error that nobody expected says no more
than that it happened, with a reference that staff can find in the log.
Source: portal note, 2; STYLE, errors.
"""

from dataclasses import dataclass
from typing import Final

from portal.language import N_, translate
from vault.core import errors
from vault.core.checkpoint import NotPublishedError
from vault.core.errors import VaultError

# The nearest ancestor that stands here counts.
_STATUS: Final[dict[type[VaultError], int]] = {
    errors.NotAvailableError: 404,
    NotPublishedError: 404,
    errors.BadRequestError: 400,
    errors.MediaTypeError: 415,
    errors.AuthenticationError: 401,
    errors.OutsideTokenError: 403,
    errors.RefusedError: 403,
    errors.IdentifierTakenError: 409,
    errors.ErasedError: 409,
    errors.WrongSourceError: 422,
    errors.WrongValueError: 422,
    errors.OpenError: 503,
    errors.ConflictError: 409,
    errors.TooLargeError: 413,
    errors.TooManyError: 429,
    errors.BusyError: 503,
    errors.NotReadyError: 503,
    errors.ForbiddenError: 403,
    errors.NotSignedInError: 401,
    errors.SignInRefusedError: 422,
}
_TITLES: Final = {
    400: N_("This could not be read"),
    401: N_("Please sign in"),
    403: N_("This was refused"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    409: N_("Something changed meanwhile"),
    413: N_("This is too large"),
    415: N_("This could not be read"),
    422: N_("This did not work"),
    429: N_("Too often"),
    500: N_("Something went wrong"),
    503: N_("Not at this moment"),
}
_HAPPENED: Final = {
    400: N_("The request is not one that a page of ours sends. Nothing was changed."),
    401: N_("This page needs you to be signed in."),
    403: N_("The form did not come from a page of ours, or the page was too old. Nothing changed."),
    404: N_("There is no such page, or it is not yours to see."),
    405: N_("This address does not take that kind of request."),
    409: N_("Something changed since the page was made. Nothing was saved."),
    413: N_("The form is larger than what is read here. Nothing was changed."),
    415: N_("What was sent is not a form of ours. Nothing was changed."),
    422: N_("What was sent cannot be used. Nothing was changed."),
    429: N_("This was tried too often in a short time."),
    500: N_("It is our fault, not yours. The error was noted without any of your details."),
    503: N_("Your request could not be written down, so nothing was opened or changed."),
}
_ADVICE: Final = {
    403: N_("Load the page again and send the form from there."),
    409: N_("Look at it again, then decide."),
    429: N_("Wait a while, then try again."),
    503: N_("Try again in a few seconds."),
}
BUSY_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What happened, what to do, and where to go on."""

    title: str
    happened: str
    advice: str
    back: str
    back_words: str
    reference: str


def status_of(error: VaultError) -> int:
    """Return the HTTP status of an error; 500 for one that no page expects."""
    for ancestor in type(error).__mro__:
        if ancestor in _STATUS:
            return _STATUS[ancestor]
    return 500


def retry_of(error: VaultError) -> int:
    """Return after how many seconds it is worth trying again; 0 when waiting does not help."""
    if isinstance(error, errors.TooManyError):
        return error.seconds
    return BUSY_SECONDS if isinstance(error, errors.BusyError) else 0


def page(status: int, lang: str, *, reference: str, back: str, said: str = "") -> ErrorPage:
    """Return the page of a status; it repeats nothing of what was sent.

    `back` is the path that it leads to; `said` a sentence of ours that says more than the status.
    """
    return ErrorPage(
        title=translate(lang, _TITLES[status]),
        happened=translate(lang, said or _HAPPENED[status]),
        advice=translate(lang, _ADVICE[status]) if status in _ADVICE and not said else "",
        back=back,
        back_words=translate(lang, N_("Go to the start") if back == "/" else N_("Go to your page")),
        reference=reference,
    )
