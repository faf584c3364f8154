"""Check the certificate of an erasure offline: which keys died, what a law keeps, until when.

1. at most 64 KiB, a compact JWS in its one spelling; 2. the header of a certificate, and a key of
the set given; 3. the signature; 4. the payload has each member in its form. A good certificate is
the publisher's promise under its own key; that a key is dead shows when nothing opens any more.
Source: docs/formats.md, erasures; RFC 7515.
"""

import re
from dataclasses import dataclass

from vault.verifier import key_set, strict_json
from vault.verifier.errors import BadError, CannotTellError

MAX_BYTES = 65_536
TYP = "ownship-erasure+jws"

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"sha256:[0-9a-f]{64}")
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]+")
_MEMBERS = {"backups_until", "code", "erased_at", "erasure", "issuer", "kept", "keys", "v"}
_KEPT = {"law", "names", "purpose", "until"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a law keeps."""

    law: str
    names: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that holds."""

    issuer: str
    erasure: str
    at: str
    keys: tuple[str, ...]
    kept: tuple[Kept, ...]
    backups_until: str


def check(data: bytes, *, keys: bytes | None) -> Certificate:
    """Return what a certificate says, once it is checked.

    Args:
        data: the certificate; one line feed at its end is passed over.
        keys: the publisher's key set, fetched from its own site; None when there is none at hand.

    Raises:
        BadError: it is malformed, changed or forged.
        CannotTellError: there is no key set, or it cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise BadError("The certificate is larger than 64 KiB.")
    try:
        head, body, tail = data.removesuffix(b"\n").decode("ascii").split(".")
    except ValueError:
        raise BadError("This is no compact JWS.") from None
    header = strict_json.read(key_set.decode(head))
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
        raise BadError("The header is not that of a certificate.")
    if (header["alg"], header["typ"]) != ("Ed25519", TYP):
        raise BadError("The header is not that of a certificate.")
    payload = key_set.decode(body)
    said = _read(payload)
    if keys is None:
        raise CannotTellError("Without the publisher's keys nobody can say who signed it: --keys.")
    key = key_set.read(keys).get(str(header["kid"]))
    if key is None:
        raise BadError("The certificate is signed by none of the keys given.")
    signed = f"{head}.{body}".encode()
    # The keys' times have milliseconds: within its second a certificate is not too early.
    at = said.at.removesuffix("Z") + ".999Z"
    key.check(key_set.decode(tail), signed, at=at, what="certificate")
    return said


def _read(payload: bytes) -> Certificate:
    said = strict_json.read(payload)
    if not isinstance(said, dict) or said.keys() != _MEMBERS or said["v"] != 1:
        raise BadError("The certificate is of no version that this checker knows.")
    if strict_json.canonical(said) != payload:
        raise BadError("The certificate is not in its one spelling.")
    _form(said, "code", _CODE)
    return Certificate(
        issuer=_form(said, "issuer", _ORIGIN),
        erasure=_form(said, "erasure", _UUID),
        at=_form(said, "erased_at", _TIME),
        keys=_texts(said, "keys", _UUID),
        kept=tuple(_kept(one) for one in _list(said, "kept")),
        backups_until=_form(said, "backups_until", _TIME),
    )


def _kept(one: object) -> Kept:
    if not isinstance(one, dict) or one.keys() != _KEPT:
        raise BadError("What is kept is not written as a certificate writes it.")
    anything = re.compile(".+", re.DOTALL)
    _form(one, "purpose", anything)
    return Kept(
        law=_form(one, "law", anything),
        names=_texts(one, "names", anything),
        until=_form(one, "until", _TIME),
    )


def _form(members: dict[str, object], name: str, form: re.Pattern[str]) -> str:
    value = members[name]
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadError(f"{name} has not the form that a certificate gives it.")
    return value


def _texts(members: dict[str, object], name: str, form: re.Pattern[str]) -> tuple[str, ...]:
    values = _list(members, name)
    return tuple(_form({name: value}, name, form) for value in values)


def _list(members: dict[str, object], name: str) -> list[object]:
    value = members[name]
    if not isinstance(value, list):
        raise BadError(f"{name} is no list.")
    return value
