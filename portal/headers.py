"""Say which headers each kind of answer carries.

A page is personal. A public document may be read from elsewhere; one that never changes may be
kept for ever, as a file of ours may that is named after its hash. Nothing here knows a route or a
visitor.
Source: portal note, 10; security note, 10.
"""

from typing import Final, Literal

Kind = Literal["page", "public", "kept", "asset", "leaving"]
Headers = tuple[tuple[bytes, bytes], ...]

# No script at all: the pages of this front are links and forms.
CSP: Final = (
    b"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    b"frame-ancestors 'none'; base-uri 'none'; script-src 'none'; "
    b"require-trusted-types-for 'script'; trusted-types 'none'"
)
_EVERYWHERE: Final[Headers] = (
    (b"content-security-policy", CSP),
    # Not `no-referrer`: under it a form of ours sends `Origin: null` and our own check refuses it.
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"publickey-credentials-get=(self), publickey-credentials-create=(self)",
    ),
)
_OWN: Final = (b"cross-origin-resource-policy", b"same-origin")
_KINDS: Final[dict[Kind, Headers]] = {
    "page": (_OWN, (b"cache-control", b"no-store")),
    "public": (
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"access-control-allow-origin", b"*"),
        (b"cache-control", b"public, max-age=300"),
    ),
    "kept": (
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"access-control-allow-origin", b"*"),
        (b"cache-control", b"public, max-age=31536000, immutable"),
    ),
    "asset": (_OWN, (b"cache-control", b"public, max-age=31536000, immutable")),
    # The stylesheet of the signed-out page: its answer empties the back/forward cache, which
    # otherwise shows the last personal page after signing out. On the page itself it comes too early.
    "leaving": (_OWN, (b"cache-control", b"no-store"), (b"clear-site-data", b'"cache"')),
}
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def in_language(lang: str) -> Headers:
    """Return what an answer in a language says, so that no cache hands it to a reader of another.

    >>> in_language("")
    ()
    """
    if not lang:
        return ()
    return (b"content-language", lang.encode()), (b"vary", b"Accept-Language, Cookie")


def headers(kind: Kind, *, https: bool) -> Headers:
    """Return the headers of an answer of this kind."""
    found = (*_EVERYWHERE, *_KINDS[kind])
    return (*found, _HSTS) if https else found
