"""Say whether an app may ask for these authorization details.

Each triple of purpose, action and name must have been approved for the app *and* stand in the code
of ethics in force for it; a retention may only shorten the approved one; a version of the code that
is named must have been published. The answer names the item, and nothing of another app.
Source: RFC 9396, 5; docs/oauth.md, authorization_details.
"""

from collections.abc import Collection, Sequence

from policies.model import Permission, Rulebook
from vault.api.oauth.errors import INVALID_DETAILS, OAuthError
from vault.core.details import Detail
from vault.services.app_change import is_within
from vault.services.registered import Registered


def check(
    asked: Sequence[Detail], app: Registered, rulebook: Rulebook, *, versions: Collection[str]
) -> None:
    """Return when all items may be asked for.

    Args:
        asked: what the request says.
        app: what was approved.
        rulebook: in force.
        versions: those of the versions named in the request that were published.

    Raises:
        OAuthError: `invalid_authorization_details`, with the index of the first item refused.
    """
    for index, item in enumerate(asked):
        triples = sorted(item.permissions())
        if rulebook.uncovered(triples, app=app.registration.client_id):
            raise _refused(index, "is not in the code of ethics in force")
        if not all(_is_approved(triple, item.retention, app) for triple in triples):
            raise _refused(index, "is not in the registration of this app")
        if item.code_version and item.code_version not in versions:
            raise _refused(index, "names a version of the code that was not published")


def _is_approved(triple: Permission, retention: str | None, app: Registered) -> bool:
    return any(
        triple in approved.permissions()
        and (
            retention is None
            or approved.retention is None
            or is_within(retention, approved.retention)
        )
        for approved in app.registration.approved
    )


def _refused(index: int, what: str) -> OAuthError:
    return OAuthError(INVALID_DETAILS, f"Item {index} of the authorization details {what}.")
