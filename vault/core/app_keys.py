"""Read the public keys that an app registers, as a JWK set.

Decides by shape alone: which members a key of each type has, that nothing private stands there, and
that a key fits the registered algorithm. Whether its numbers make a key is for `vault/crypto`.
Source: RFC 7517, 7518 and 8037; RFC 9864 for the name Ed25519.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from vault.core.errors import RegistrationError

MAX_KEYS: Final = 2  # the second for the time of a roll-over
ALGORITHMS: Final = frozenset({"ES256", "PS256", "Ed25519"})

_TYPE: Final = {"ES256": "EC", "PS256": "RSA", "Ed25519": "OKP"}
_CURVE: Final = {"ES256": "P-256", "Ed25519": "Ed25519"}
_NUMBERS: Final = {"ES256": ("x", "y"), "PS256": ("e", "n"), "Ed25519": ("x",)}
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_BASE64URL: Final = re.compile("[A-Za-z0-9_-]{1,1400}")  # 8,192 bits


@dataclass(frozen=True, slots=True)
class AppKey:
    """One public key: its name in the set, and the members that make it, sorted."""

    kid: str
    members: tuple[tuple[str, str], ...]


def parse(jwks: object, algorithm: str) -> tuple[AppKey, ...]:
    """Read `{"keys": […]}`; every key must be for the algorithm.

    Raises:
        RegistrationError: saying what is wrong with which key, by its place.
    """
    if not isinstance(jwks, Mapping) or jwks.keys() != {"keys"}:
        raise RegistrationError('jwks is an object with the one member "keys".')
    keys = jwks["keys"]
    if not isinstance(keys, list) or not 1 <= len(keys) <= MAX_KEYS:
        raise RegistrationError(f"jwks holds 1 to {MAX_KEYS} keys.")
    found = tuple(_key(place, key, algorithm) for place, key in enumerate(keys))
    if len({key.kid for key in found}) != len(found):
        raise RegistrationError("The keys of jwks have the same kid.")
    return found


def _key(place: int, key: object, algorithm: str) -> AppKey:
    if not isinstance(key, Mapping):
        _refuse(place, "is not an object")
    if key.keys() & _PRIVATE:
        _refuse(place, "holds a private member. Send the public key alone and replace this one")
    curve = _CURVE.get(algorithm)
    fixed = {"kty": _TYPE[algorithm]} | ({"crv": curve} if curve else {})
    numbers = _NUMBERS[algorithm]
    if any(key.get(member) != value for member, value in fixed.items()):
        _refuse(place, f"is not a key for {algorithm}")
    if not key.keys() <= {*fixed, *numbers, "kid", "alg", "use"}:
        _refuse(place, "has an unknown member")
    if key.get("alg", algorithm) != algorithm or key.get("use", "sig") != "sig":
        _refuse(place, f"is not for signing with {algorithm}")
    kid = key.get("kid")
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        _refuse(place, "needs a kid of 1 to 128 visible ASCII characters")
    for member in numbers:
        number = key.get(member)
        if not isinstance(number, str) or not _BASE64URL.fullmatch(number):
            _refuse(place, f"needs {member} in base64url")
    members = {**fixed, **{member: str(key[member]) for member in numbers}}
    return AppKey(kid, tuple(sorted(members.items())))


def _refuse(place: int, what: str) -> NoReturn:
    raise RegistrationError(f"Key {place} of jwks {what}.")
