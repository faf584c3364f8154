"""Say where a request came from and on what kind of device, as little as limits and lists need.

The address is the socket's peer, or, when the peer is a proxy that the operator named, the
right-most hop that is not one. The device is a label from a fixed list: what a browser says about
itself is never stored.
Source: security note, 9; portal note, 6.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

from portal.language import N_, translate

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The first that is found counts: Edge calls itself Chrome, Chrome calls itself Safari.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)

_A_BROWSER: Final = N_("A browser")
_ANOTHER: Final = N_("another system")
_ON: Final = " on "


def networks(setting: str) -> tuple[Network, ...]:
    """Read `OWNSHIP_TRUSTED_PROXIES`: addresses or networks, between commas.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(
        ipaddress.ip_network(part.strip(), strict=False)
        for part in setting.split(",")
        if part.strip()
    )


def address(peer: str, forwarded: bytes, *, proxies: Sequence[Network]) -> str:
    """Return the client's address.

    >>> address("10.0.0.1", b"198.51.100.9, 203.0.113.7", proxies=networks("10.0.0.0/8"))
    '203.0.113.7'
    >>> address("192.0.2.1", b"203.0.113.7", proxies=networks("10.0.0.0/8"))
    '192.0.2.1'
    """
    if not _is_proxy(peer, proxies):
        return peer
    hops = [hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()]
    for hop in reversed(hops):
        if not _is_proxy(hop, proxies):
            return hop
    return peer


def device(user_agent: bytes) -> str:
    """Return a label.

    >>> device(b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    said = user_agent.decode("latin-1")
    browser = next((label for mark, label in _BROWSERS if mark in said), _A_BROWSER)
    system = next((label for mark, label in _SYSTEMS if mark in said), _ANOTHER)
    return f"{browser}{_ON}{system}"


def device_words(label: str, lang: str) -> str:
    """Return a label of `device`, which is kept in English, in a page's language.

    >>> device_words("A browser on Linux", "pt-PT"), device_words("", "pt-PT")
    ('Um navegador em Linux', '')
    """
    browser, on, system = label.partition(_ON)
    if not on:
        return label
    if browser == _A_BROWSER:
        browser = translate(lang, _A_BROWSER)
    if system == _ANOTHER:
        system = translate(lang, _ANOTHER)
    return translate(lang, N_("{browser} on {system}"), browser=browser, system=system)


def _is_proxy(text: str, proxies: Sequence[Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(parsed in network for network in proxies)
