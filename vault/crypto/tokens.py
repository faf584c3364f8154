"""Make what browsers and apps are handed and hand back: hashes, MACs and sealed places in lists.

Nothing here is stored in clear: of a token the store keeps its hash, of a code or link a MAC. How often one
may try, and what a good one is worth, is decided elsewhere.
Source: docs/formats.md, 13; RFC 9449, 8.
"""

import hashlib
import hmac
import struct
from uuid import UUID

from vault.core.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    FormatError,
    OpenError,
)
from vault.crypto import base64url, context
from vault.crypto.digest import hex32
from vault.crypto.sealed import Box
from vault.crypto.service_key import ServiceKey, subkey

NONCE_SECONDS = 60  # a DPoP nonce is made for a slot and passes in the next one too
MAX_CURSOR = 1024  # characters

_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_NOTICE = struct.Struct(">32sQ16s")  # notice hash, expiry in unix seconds, MAC


def token_hash(token: str) -> bytes:
    """Return what the store keeps of a session, link or refresh token of 256 bits."""
    return hashlib.sha256(_typed(token)).digest()


def erasure_token(key: ServiceKey, customer: UUID) -> str:
    """Return the token of a customer's certificate, 256 bits: the same before and after.

    It is derived, so that the page on which an erasure is asked for can show it and nothing that
    leads to it is stored.

    Args:
        key: the service key "sessions".
        customer: who is erased, or may be.
    """
    derived = subkey(key, b"ownship/erasure-token/v1\0")
    return base64url.encode(hmac.digest(derived, customer.bytes, "sha256"))


def code_mac(key: ServiceKey, *, address: bytes, browser: str, code: str, expires_ms: int) -> bytes:
    """Return what the store keeps of a mailed code: six digits could be guessed from a bare hash.

    Args:
        key: the service key "sessions".
        address: the blind index of the address, 17 bytes.
        browser: the nonce in the cookie of the browser that asked.
        code: the digits.
        expires_ms: unix ms, exclusive.

    Raises:
        ValueError: when index or time have no place in the format.
    """
    if len(address) != 17 or not 0 <= expires_ms < 2**64:
        msg = "a blind index has 17 bytes, a time 8"
        raise ValueError(msg)
    nonce = hashlib.sha256(_typed(browser)).digest()
    message = address + nonce + _U64.pack(expires_ms) + _typed(code)
    return hmac.digest(subkey(key, b"ownship/sign-in-code/v2\0"), message, "sha256")


def check_code(
    key: ServiceKey, mac: bytes, *, address: bytes, browser: str, code: str, expires_ms: int
) -> bool:
    """Say whether this is the code that was mailed, typed in the browser that asked."""
    made = code_mac(key, address=address, browser=browser, code=code, expires_ms=expires_ms)
    return hmac.compare_digest(made, mac)


def link_mac(
    key: ServiceKey,
    *,
    address: bytes,
    asked: bytes,
    link: str,
    customer: UUID | None,
    expires_ms: int,
    unbound: bool,
) -> bytes:
    """Return what the store keeps of a link: a bare hash could be put there by who writes the rows.

    Args:
        key: the service key "sessions".
        address: the blind index of the address, 17 bytes.
        asked: the key of the row, 32 bytes: `token_hash` of the browser's nonce, or of the link.
        link: the last part of the mailed address.
        customer: whom the row names, if anybody.
        expires_ms: unix ms, exclusive.
        unbound: whether it works in any browser.

    Raises:
        ValueError: when index, row key or time have no place in the format.
    """
    if len(address) != 17 or len(asked) != 32 or not 0 <= expires_ms < 2**64:
        msg = "a blind index has 17 bytes, a row key 32, a time 8"
        raise ValueError(msg)
    message = b"".join(
        (
            bytes((unbound,)),
            address,
            asked,
            hashlib.sha256(_typed(link)).digest(),
            customer.bytes if customer else bytes(16),
            _U64.pack(expires_ms),
        )
    )
    return hmac.digest(subkey(key, b"ownship/sign-in-link/v1\0"), message, "sha256")


def csrf(session: str, form: str) -> str:
    """Return the hidden member of a form.

    Args:
        session: the session's token, or the cookie that stands for it before sign-in.
        form: the route that the form is sent to.
    """
    message = b"ownship/csrf/v1\0" + form.encode()
    return base64url.encode(hmac.digest(_typed(session), message, "sha256"))


def check_csrf(session: str, form: str, token: str) -> None:
    """Return when the form is this session's.

    Raises:
        ForbiddenError: when it is not.
    """
    if not hmac.compare_digest(csrf(session, form).encode(), _typed(token)):
        raise ForbiddenError


def notice_token(key: ServiceKey, *, sign_in: bytes, notice: str, expires: int) -> str:
    """Return the proof that a notice was served to someone.

    Args:
        key: the service key "sessions".
        sign_in: `token_hash` of the session.
        notice: SHA-256 in hex of the notice's bytes.
        expires: unix seconds, exclusive.

    Raises:
        FormatError: when the digest is none.
    """
    digest = hex32(notice)
    mac = _notice_mac(key, sign_in, digest, expires)
    return base64url.encode(_NOTICE.pack(digest, expires, mac))


def read_notice_token(key: ServiceKey, token: str, *, sign_in: bytes, now: int) -> str:
    """Return the SHA-256, in hex, of the notice that was served to this person.

    Args:
        key: the service key "sessions".
        token: what the form sent back.
        sign_in: `token_hash` of the session that sent it.
        now: unix seconds.

    Raises:
        ConflictError: for another's, an old or a made-up token: the notice is served again.
    """
    try:
        digest, expires, mac = _NOTICE.unpack(base64url.decode(token))
    except (FormatError, struct.error):
        raise ConflictError from None
    good = hmac.compare_digest(_notice_mac(key, sign_in, digest, expires), mac)
    if not good or now >= expires:
        raise ConflictError
    return bytes(digest).hex()


def _notice_mac(key: ServiceKey, sign_in: bytes, digest: bytes, expires: int) -> bytes:
    message = digest + _U64.pack(expires) + sign_in
    return hmac.digest(subkey(key, b"ownship/notice/v1\0"), message, "sha256")[:16]


def dpop_slot(now: int) -> int:
    """Return the slot of a time in unix seconds."""
    return now // NONCE_SECONDS


def dpop_nonce(key: ServiceKey, role: str, slot: int) -> str:
    """Return the nonce of a slot; this slot's and the last one's pass, and replicas agree.

    Args:
        key: the service key "nonce".
        role: "as" at the token endpoint, "rs" at the API.
        slot: from `dpop_slot`.
    """
    number = _U32.pack(slot)
    mac = hmac.digest(subkey(key, b"ownship/dpop-nonce/v1\0"), role.encode() + number, "sha256")
    return base64url.encode(number + mac[:16])


def seal_cursor(key: ServiceKey, place: str, data: bytes) -> str:
    """Return where a list goes on, readable by us alone.

    Args:
        key: the service key "cursor".
        place: who may go on with which list, such as an app's id and the route.
        data: what the next page needs.
    """
    box = Box(subkey(key, b"ownship/cursor-key/v1\0"))
    return base64url.encode(box.seal(context.cursor(key.deployment, place), data))


def open_cursor(key: ServiceKey, place: str, text: str) -> bytes:
    """Return what the next page needs.

    Raises:
        BadRequestError: for another's, another list's or a made-up cursor.
    """
    if len(text) > MAX_CURSOR:
        raise BadRequestError
    box = Box(subkey(key, b"ownship/cursor-key/v1\0"))
    try:
        return box.open_(context.cursor(key.deployment, place), base64url.decode(text))
    except (FormatError, OpenError):
        raise BadRequestError from None


def seal_form(key: ServiceKey, customer: UUID, form: bytes) -> str:
    """Return a form that came too late, for its customer's browser to keep.

    Args:
        key: the service key "sessions".
        customer: who sent it.
        form: what was sent.
    """
    box = Box(subkey(key, b"ownship/late-form-key/v1\0"))
    return base64url.encode(box.seal(context.late_form(key.deployment, customer), form))


def open_form(key: ServiceKey, customer: UUID, text: str) -> bytes:
    """Return what was sent.

    Raises:
        ConflictError: for another customer's or a made-up text.
    """
    box = Box(subkey(key, b"ownship/late-form-key/v1\0"))
    try:
        return box.open_(context.late_form(key.deployment, customer), base64url.decode(text))
    except (FormatError, OpenError):
        raise ConflictError from None


def _typed(text: str) -> bytes:
    # Cookies and forms may bring a lone surrogate, which UTF-8 has not: it is wrong, never an error.
    return text.encode(errors="surrogatepass")
