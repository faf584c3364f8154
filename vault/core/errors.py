"""Name every error that the vault tells a caller: one tree, stable codes, no personal data.

An error carries a `code` (stable, documented, part of a problem's URL) and a `sentence` that says
what happened, then what to do. No error holds a value, an identifier or anything a caller typed.
HTTP statuses are not known here: `vault/api/problems.py` and `portal/problems.py` map them.
Source: INTERFACES, refusals that have a name; docs/errors.md.
"""

from typing import ClassVar


class VaultError(Exception):
    """The root of the tree."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "Something went wrong. Try again later."

    def __init__(self, detail: str | None = None) -> None:
        """Keep an optional fixed text that names a field or parameter, never a value."""
        self.detail = detail or self.sentence
        super().__init__(self.detail)


# --- what a caller asked for cannot be read or is not allowed -------------------------------


class BadRequestError(VaultError):
    """The request cannot be read."""

    code = "bad-request"
    sentence = "The request could not be read. Compare it with the API's documentation."


class CanonicalError(BadRequestError):
    """The bytes are no JSON that the vault reads."""

    code = "bad-json"
    sentence = "This is not JSON as the vault reads it: no duplicate keys, no floats, depth 16."


class UnknownFieldError(BadRequestError):
    """A name that the code of ethics does not know."""

    code = "unknown-field"
    sentence = "The code of ethics in force does not name this. See /code for what it names."


class OutsideTokenError(VaultError):
    """A purpose, field or action that the token does not cover."""

    code = "outside-token"
    sentence = "The token does not cover this. Ask for a token with these authorization_details."


class DetailsError(BadRequestError):
    """Authorization details that cannot be read or are not this app's to ask for."""

    code = "invalid-authorization-details"
    sentence = (
        "An item of authorization_details is refused. Compare it with the app's registration."
    )


class RegistrationError(BadRequestError):
    """An app's metadata that may not be registered; the detail names the member."""

    code = "bad-registration"
    sentence = "This registration is refused. Compare it with docs/oauth.md."


class MediaTypeError(BadRequestError):
    """A body in another format than the endpoint reads."""

    code = "unsupported-media-type"
    sentence = "The body is not in the format of this endpoint. Compare its Content-Type."


class AuthenticationError(VaultError):
    """An app's call that does not prove whose it is."""

    code = "unauthenticated"
    sentence = "The call does not prove which app makes it. Send a token and a DPoP proof."
    nonce: str | None = None  # what the next proof must carry; sent as DPoP-Nonce


class TokenError(AuthenticationError):
    """No access token, or one that is expired, revoked, foreign or not a token at all."""

    code = "invalid-token"
    sentence = "The access token is missing or not valid. Ask the token endpoint for another."


class FrozenError(TokenError):
    """The app was frozen by staff."""

    code = "frozen"
    sentence = "This app is frozen. Ask the compliance staff."


class ReviewOverdueError(TokenError):
    """The app's registration was to be reviewed by a date that is past."""

    code = "review-overdue"
    sentence = "The review of this app's registration is overdue. Ask the compliance staff."


class ProofError(AuthenticationError):
    """A DPoP proof that is missing, malformed, for another request, too old or used before."""

    code = "invalid-dpop-proof"
    sentence = "The DPoP proof is missing or not valid. Sign a new one for each request."


class NonceError(ProofError):
    """A DPoP proof without a nonce of ours, or with an old one."""

    code = "use-dpop-nonce"
    sentence = "Sign a new DPoP proof with the nonce of the header DPoP-Nonce."


class NotAvailableError(VaultError):
    """Unknown customer, erased customer, malformed id or no basis at all: the same answer."""

    code = "not-available"
    sentence = "Nothing is available for this customer and purpose."


class IdentifierTakenError(VaultError):
    """An e-mail, phone or card that belongs to another customer."""

    code = "identifier-taken"
    sentence = "This identifier belongs to another customer. Nothing was changed."


class ErasedError(VaultError):
    """An e-mail, phone or card of somebody who was erased."""

    code = "erased"
    sentence = "This identifier was erased. Nothing was added: only the person can join anew."


class WrongSourceError(VaultError):
    """The code of ethics does not allow this field to be gathered from this source."""

    code = "wrong-source"
    sentence = "The code of ethics does not allow this field from this source."


class WrongValueError(VaultError):
    """A value of the wrong type, form or size."""

    code = "wrong-value"
    sentence = "A value has the wrong type, form or size for its field."


class TermNotOfferedError(WrongValueError):
    """A standing term that the code of ethics does not let its customers set, or not for this."""

    code = "term-not-offered"
    sentence = "The code of ethics does not let this be ruled out. See /code for what it offers."


class ConflictError(VaultError):
    """The state moved on since the form or request was made."""

    code = "conflict"
    sentence = "Something changed meanwhile. Load it again, then decide."


class TooLargeError(VaultError):
    """A body, row or list over its published limit."""

    code = "too-large"
    sentence = "This is larger than the published limit. Send less at once."


class TooManyError(VaultError):
    """A rate limit was reached."""

    code = "too-many"
    sentence = "Too many requests. Wait as long as Retry-After says."
    seconds: int = 60  # to wait


class BusyError(VaultError):
    """The decision could not be recorded in time; nothing was opened."""

    code = "busy"
    sentence = "The vault is busy. Nothing was opened or changed. Try again in a second."


class OutcomeUnknownError(BusyError):
    """The connection was lost during COMMIT: the change may stand or not."""

    code = "outcome-unknown"
    sentence = "It is not known whether this was saved. Look again before you repeat it."


class NotSignedInError(VaultError):
    """The page needs a signed-in person."""

    code = "not-signed-in"
    sentence = "Please sign in first."


class NotFreshError(VaultError):
    """What is asked for needs a sign-in that is minutes old."""

    code = "not-fresh"
    sentence = "Please sign in again for this, so that nobody else does it in your place."


class SignInRefusedError(VaultError):
    """A code or link that is wrong, used, too old, or meant for another browser: one answer."""

    code = "sign-in-refused"
    sentence = "This code or link does not work. Ask for a new one."


class OtherCustomerError(VaultError):
    """A right code or link, of another customer than the one who is signed in."""

    code = "other-customer"
    sentence = "This is another customer's. Sign out first, then sign in with that address."


class ForbiddenError(VaultError):
    """The request came from another origin, or its form token is not ours."""

    code = "forbidden"
    sentence = "This request was refused. Load the page again and send the form from there."


# --- what an operator must mend -------------------------------------------------------------


class NotReadyError(VaultError):
    """Settings, keys or database are not usable."""

    code = "not-ready"
    sentence = "The vault is not ready. Run `ownship doctor`."


class StoreDefectError(VaultError):
    """The database refused a statement that our own checks should have stopped: an alarm."""

    code = "store-defect"
    sentence = "Something went wrong inside the vault. Nothing was changed."


class LogBrokenError(BusyError):
    """The access log is not what its own head says: an alarm. Nothing is recorded or opened."""

    code = "log-broken"
    sentence = "The access log cannot be continued, so nothing was opened. Run `ownship doctor`."


class RefusedError(VaultError):
    """A rule refuses the command."""

    code = "refused"
    sentence = "A rule refuses this."


class OpenError(VaultError):
    """A ciphertext, MAC or wrapped key does not open. One message, no cause."""

    code = "sealed"
    sentence = "A stored value could not be opened."


class UnwrapFailedError(VaultError):
    """The key provider refuses this key for good."""

    code = "unwrap-failed"
    sentence = "The key provider refuses this key. Check OWNSHIP_KEYS and the key ring."


class ProviderDownError(BusyError):
    """The key provider does not answer."""

    code = "provider-down"
    sentence = "The key provider does not answer. Try again later."


class SignatureError(VaultError):
    """A signature, or the signed text around it, is not what it must be."""

    code = "bad-signature"
    sentence = "A signature could not be verified. Sign again with the registered key."


class FormatError(VaultError):
    """Bytes that are not in the documented format."""

    code = "bad-format"
    sentence = "These bytes are not in the documented format."
