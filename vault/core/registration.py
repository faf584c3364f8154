"""Read the metadata of an app: who it is, its keys, and what staff approved it to ask for.

Decides which documents may be registered at all, member by member, with RFC 7591's names and ours
under `ownship`. It does not know the code of ethics in force, today's date or whether a key's
numbers make a key: `vault/services/app.py` checks those. What is not named here is refused, so that
nothing of a later standard slips in unread.
Source: RFC 7591; docs/oauth.md, apps.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn

from policies.model import Permission
from policies.names import APP
from vault.core import app_keys, canonical, details, scope
from vault.core.app_keys import AppKey
from vault.core.details import Detail
from vault.core.errors import CanonicalError, DetailsError, RegistrationError
from vault.core.redirect import is_redirect
from vault.core.scope import Scope

MAX_DOCUMENT: Final = 65_536  # bytes
MAX_ITEMS: Final = 64  # of `approved`
MAX_REDIRECTS: Final = 10
MAX_CONTACTS: Final = 10
MAX_DAILY: Final = 10_000_000  # customers; "unlimited" is not to be had
GRANTS: Final = frozenset({"authorization_code", "client_credentials", "refresh_token"})

_SECTOR: Final = re.compile("[a-z0-9][a-z0-9._-]{0,63}")
_CONTACT: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHORT: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}")  # a line of text
_WHY: Final = {
    "jwks_uri": "The vault fetches nothing for an app; write the keys under jwks.",
    "client_secret": "No secret is shared with an app; it signs with a private key of its own.",
}
_CODE_GRANT: Final = frozenset({"redirect_uris", "require_pushed_authorization_requests"})
_REQUIRED: Final = frozenset(
    {
        "client_id",
        "client_name",
        "contacts",
        "jwks",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        "grant_types",
        "dpop_bound_access_tokens",
        "scope",
        "ownship",
    }
)
_OWN_REQUIRED: Final = frozenset({"owner", "review_by", "daily_limit", "approved"})
_OWN_OPTIONAL: Final = frozenset({"sector", "events", "introspect"})

Members = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Registration:
    """An app's metadata, checked."""

    client_id: str
    client_name: str
    contacts: tuple[str, ...]
    keys: tuple[AppKey, ...]
    signing_alg: str
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...]
    scopes: frozenset[Scope]
    owner: str
    sector: str
    review_by: date  # the last day, UTC, on which the app gets tokens
    daily_limit: int  # customers a day
    approved: tuple[Detail, ...]
    introspect: bool

    def permissions(self) -> frozenset[Permission]:
        """Return each triple that was approved."""
        return details.permissions(self.approved)


def parse(document: bytes) -> Registration:
    """Read a metadata document.

    Raises:
        RegistrationError: naming the member that is missing, unknown or wrong.
    """
    if len(document) > MAX_DOCUMENT:
        raise RegistrationError("The document is longer than 65,536 bytes.")
    try:
        value = canonical.loads(document)
    except CanonicalError:
        raise RegistrationError("The document is not JSON without doubled members.") from None
    members = _members(value, "the document", _REQUIRED, _CODE_GRANT)
    own = _members(members["ownship"], "ownship", _OWN_REQUIRED, _OWN_OPTIONAL)
    if members["token_endpoint_auth_method"] != "private_key_jwt":  # noqa: S105  a method
        _refuse("token_endpoint_auth_method", "must be private_key_jwt")
    if members["dpop_bound_access_tokens"] is not True:
        _refuse("dpop_bound_access_tokens", "must be true")
    signing_alg = members["token_endpoint_auth_signing_alg"]
    if not isinstance(signing_alg, str) or signing_alg not in app_keys.ALGORITHMS:
        _refuse("token_endpoint_auth_signing_alg", "must be ES256, PS256 or Ed25519")
    if "events" in own and own["events"] != {"method": "poll"}:
        _refuse("ownship.events", 'must be {"method": "poll"}')
    client_id = _text(members, "client_id", APP)
    grants = _grants(members)
    return Registration(
        client_id=client_id,
        client_name=_text(members, "client_name", _SHORT),
        contacts=_list(members, "contacts", _CONTACT, MAX_CONTACTS),
        keys=app_keys.parse(members["jwks"], signing_alg),
        signing_alg=signing_alg,
        grant_types=grants,
        redirect_uris=_redirects(members, needed="authorization_code" in grants),
        scopes=_scopes(members),
        owner=_text(own, "owner", _SHORT),
        sector=_text(own, "sector", _SECTOR) if "sector" in own else client_id,
        review_by=_day(own, "review_by"),
        daily_limit=_count(own, "daily_limit", MAX_DAILY),
        approved=_approved(own["approved"]),
        introspect=_flag(own, "introspect"),
    )


def _members(
    value: object, place: str, required: frozenset[str], optional: frozenset[str]
) -> Members:
    if not isinstance(value, Mapping):
        _refuse(place, "must be an object")
    unknown = sorted(value.keys() - required - optional)
    if unknown:
        _refuse(f"The member {unknown[0][:64]} of {place}", _WHY.get(unknown[0], "is not known"))
    missing = sorted(required - value.keys())
    if missing:
        _refuse(f"The member {missing[0]} of {place}", "is missing")
    return value


def _text(members: Members, name: str, pattern: re.Pattern[str]) -> str:
    value = members[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        _refuse(name, "is not in the form that is documented")
    return value


def _list(members: Members, name: str, pattern: re.Pattern[str], limit: int) -> tuple[str, ...]:
    value = members[name]
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        _refuse(name, f"must be a list of 1 to {limit} texts")
    if not all(isinstance(item, str) and pattern.fullmatch(item) for item in value):
        _refuse(name, "has an item that is not in the form that is documented")
    if len(set(value)) != len(value):
        _refuse(name, "has an item twice")
    return tuple(value)


def _grants(members: Members) -> frozenset[str]:
    grants = frozenset(_list(members, "grant_types", re.compile("[a-z_]+"), len(GRANTS)))
    if not grants <= GRANTS:
        _refuse("grant_types", f"may name {', '.join(sorted(GRANTS))} only")
    if "refresh_token" in grants and "authorization_code" not in grants:
        _refuse("grant_types", "names refresh_token without authorization_code")
    return grants


def _redirects(members: Members, *, needed: bool) -> tuple[str, ...]:
    if not needed:
        if members.keys() & _CODE_GRANT:
            _refuse("redirect_uris", "is for the grant authorization_code alone")
        return ()
    if members.get("require_pushed_authorization_requests") is not True:
        _refuse("require_pushed_authorization_requests", "must be true")
    if "redirect_uris" not in members:
        _refuse("redirect_uris", "is missing")
    uris = _list(members, "redirect_uris", re.compile(r"[\x21-\x7e]+"), MAX_REDIRECTS)
    if not all(is_redirect(uri) for uri in uris):
        _refuse("redirect_uris", "must be https, or http to 127.0.0.1 or [::1], and plain")
    return uris


def _scopes(members: Members) -> frozenset[Scope]:
    value = members["scope"]
    scopes = scope.parse(value) if isinstance(value, str) else None
    if not scopes:
        _refuse("scope", "must be known scopes, each once, parted by single spaces")
    return scopes


def _day(members: Members, name: str) -> date:
    text = _text(members, name, _DATE)
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(name, "is no day of the calendar")


def _count(members: Members, name: str, limit: int) -> int:
    value = members[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= limit:
        _refuse(name, f"must be a whole number from 1 to {limit}")
    return value


def _flag(members: Members, name: str) -> bool:
    value = members.get(name, False)
    if not isinstance(value, bool):
        _refuse(name, "must be true or false")
    return value


def _approved(value: object) -> tuple[Detail, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ITEMS:
        _refuse("approved", f"must be a list of 1 to {MAX_ITEMS} items")
    try:
        return tuple(details.approved(index, item) for index, item in enumerate(value))
    except DetailsError as error:
        raise RegistrationError(f"approved: {error.detail}") from None


def _refuse(member: str, what: str) -> NoReturn:
    raise RegistrationError(f"{member}: {what}.")
