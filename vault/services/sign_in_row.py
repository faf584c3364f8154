"""Put MACs on the row of a sign-in, and recognise its code and its link by them.

A code or a link that somebody else wrote into the row, or copied from another's, is none; nor can
its end be moved, for that is under both MACs.
Source: docs/formats.md, 13; portal note, 6.
"""

import hmac
from dataclasses import replace

from vault.crypto.service_key import ServiceKey
from vault.crypto.tokens import check_code, code_mac, link_mac
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store.sign_in import SignInRow


def signed(deps: Deps, row: SignInRow, *, secret: str, code: str, link: str) -> SignInRow:
    """Return a row with its MACs; `secret` is what its key is the hash of."""
    mac = code_mac(
        _key(deps),
        address=row.address_idx,
        browser=secret,
        code=code,
        expires_ms=unix_ms(row.expires_at),
    )
    return replace(row, code_mac=mac, link_mac=_link_mac(deps, row, link))


def is_code(deps: Deps, row: SignInRow, *, browser: str, code: str) -> bool:
    """Say whether these digits were mailed for this row."""
    return check_code(
        _key(deps),
        row.code_mac,
        address=row.address_idx,
        browser=browser,
        code=code,
        expires_ms=unix_ms(row.expires_at),
    )


def is_link(deps: Deps, row: SignInRow, link: str) -> bool:
    """Say whether this link was mailed or printed for this row."""
    return hmac.compare_digest(_link_mac(deps, row, link), row.link_mac)


def _link_mac(deps: Deps, row: SignInRow, link: str) -> bytes:
    return link_mac(
        _key(deps),
        address=row.address_idx,
        asked=row.hash,
        link=link,
        customer=row.customer,
        expires_ms=unix_ms(row.expires_at),
        unbound=row.unbound,
    )


def _key(deps: Deps) -> ServiceKey:
    return deps.keys.service("sessions")
