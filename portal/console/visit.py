"""Hold one request of a member of staff as a handler sees it. Nothing of HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.forms import Form
from vault.core.errors import NotSignedInError
from vault.crypto.tokens import csrf
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.services.staff_session import StaffSession


@dataclass(frozen=True, slots=True)
class StaffVisit:
    """One request."""

    deps: Deps
    path: str
    params: Mapping[str, str]  # from the path
    query: Mapping[str, str]  # each name once; the last one counts
    form: Form
    session: StaffSession | None
    secret: str | None  # what this page's forms are bound to
    asked: str | None  # nonce of the sign-in under way in this browser
    address: str  # of the client, for limits alone
    device: str  # a label from a fixed list
    request_id: str
    lang: str
    now: datetime

    @property
    def signed_in(self) -> StaffSession:
        """Return the session.

        Raises:
            NotSignedInError: there is none.
        """
        if self.session is None:
            raise NotSignedInError
        return self.session

    @property
    def member(self) -> Member:
        """Return who is signed in; errors as for `signed_in`."""
        return self.signed_in.member

    def csrf(self, path: str) -> str:
        """Return the hidden token of a form that is sent to `path`."""
        return csrf(self.secret, path) if self.secret else ""
