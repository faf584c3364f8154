"""Read `authorization_details` of type `profile_access`: what an app asks a token to cover.

Decides which texts are details and which triples (purpose, action, name) they stand for. It does
not know what the app may ask for: that is compared with registration and code of ethics by whoever
holds both. Unknown and doubled members, empty lists and doubled names are refused, never repaired.
Source: RFC 9396; docs/oauth.md, authorization_details.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from policies.durations import Duration
from policies.model import Permission
from policies.names import FIELD, PURPOSE, VERSION, Action
from vault.core import canonical
from vault.core.errors import CanonicalError, DetailsError

TYPE: Final = "profile_access"
MAX_TEXT: Final = 16_384  # bytes of the parameter
MAX_ITEMS: Final = 10
MAX_DATATYPES: Final = 64  # in one item

_MEMBERS: Final = frozenset({"purpose", "actions", "datatypes"})
_OPTIONAL: Final = frozenset({"retention", "code_version"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One item: one purpose, what to do, with which fields or kinds of interaction."""

    purpose: str
    actions: tuple[Action, ...]  # sorted, unique
    datatypes: tuple[str, ...]  # sorted, unique
    retention: str | None = None  # ISO 8601 duration of whole days or longer
    code_version: str | None = None

    def permissions(self) -> frozenset[Permission]:
        """Return each triple that the item stands for."""
        return frozenset(
            Permission(self.purpose, action, name)
            for action in self.actions
            for name in self.datatypes
        )

    def document(self) -> dict[str, object]:
        """Return the item as it stands in tokens and answers."""
        members: dict[str, object] = {
            "type": TYPE,
            "purpose": self.purpose,
            "actions": list(self.actions),
            "datatypes": list(self.datatypes),
        }
        if self.retention:
            members["retention"] = self.retention
        if self.code_version:
            members["code_version"] = self.code_version
        return members


def parse(text: str) -> tuple[Detail, ...]:
    """Read the parameter `authorization_details`.

    Raises:
        DetailsError: naming the item by its index, from 0, and never quoting it.

    >>> parse('[{"type":"profile_access","purpose":"delivery","actions":["read"],'
    ...       '"datatypes":["contact.email"]}]')[0].purpose
    'delivery'
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > MAX_TEXT:
        raise DetailsError("authorization_details is longer than 16,384 bytes.")
    try:
        value = canonical.loads(data)
    except CanonicalError:
        raise DetailsError("authorization_details is not JSON without doubled members.") from None
    return read(value)


def read(value: object) -> tuple[Detail, ...]:
    """Read details that were parsed with a larger document, such as a token's claims.

    Raises:
        DetailsError: as `parse`.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ITEMS:
        raise DetailsError("authorization_details is a list of 1 to 10 items.")
    return tuple(_item(index, item) for index, item in enumerate(value))


def permissions(details: Iterable[Detail]) -> frozenset[Permission]:
    """Return each triple that some item stands for."""
    return frozenset(triple for detail in details for triple in detail.permissions())


def dump(several: Iterable[Detail]) -> str:
    """Return items as canonical JSON, as an entry of the access log tells what was approved."""
    items = [one.document() for one in several]
    return canonical.dumps(items).decode()


def approved(index: int, item: object) -> Detail:
    """Read an item of a registration's `approved`: the same without type and code version.

    Raises:
        DetailsError: as `parse`.
    """
    if not isinstance(item, Mapping) or "type" in item or "code_version" in item:
        _refuse(index, "has members other than purpose, actions, datatypes and retention")
    return _item(index, {**item, "type": TYPE})


def _item(index: int, item: object) -> Detail:
    if not isinstance(item, Mapping) or item.get("type") != TYPE:
        _refuse(index, f"is not of type {TYPE}")
    members = item.keys() - {"type"}
    if not _MEMBERS <= members <= _MEMBERS | _OPTIONAL:
        _refuse(index, "lacks a member or has an unknown one")
    purpose, retention = item["purpose"], item.get("retention")
    if not isinstance(purpose, str) or not PURPOSE.fullmatch(purpose):
        _refuse(index, "names no purpose")
    actions = _names(index, item["actions"], "actions", limit=len(Action))
    if not set(actions) <= set(Action):
        _refuse(index, "has an action other than read, write and append")
    datatypes = _names(index, item["datatypes"], "datatypes", limit=MAX_DATATYPES)
    if not all(FIELD.fullmatch(name) for name in datatypes):
        _refuse(index, "has a datatype that is no group.name")
    if "retention" in item and not (isinstance(retention, str) and Duration.parse(retention)):
        _refuse(index, "has a retention that is no duration such as P30D")
    version = item.get("code_version")
    if "code_version" in item and not (isinstance(version, str) and VERSION.fullmatch(version)):
        _refuse(index, "has a code_version that is no version")
    return Detail(purpose, tuple(Action(name) for name in actions), datatypes, retention, version)


def _names(index: int, value: object, member: str, *, limit: int) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        _refuse(index, f"needs a list of 1 to {limit} {member}")
    if not all(isinstance(name, str) for name in value) or len(set(value)) != len(value):
        _refuse(index, f"has {member} that are doubled or no texts")
    return tuple(sorted(value))


def _refuse(index: int, what: str) -> NoReturn:
    raise DetailsError(f"Item {index} of the authorization details {what}.")
