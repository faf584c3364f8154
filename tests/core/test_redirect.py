"""Redirect URIs: what may be registered."""

import pytest

from vault.core.redirect import is_redirect


@pytest.mark.parametrize(
    "uri",
    [
        "https://delivery.shop.example/callback",
        "https://delivery.shop.example:8443/callback?tenant=a%2Fb",
        "https://shop.example",
        "http://127.0.0.1:49152/callback",
        "http://[::1]/callback",
    ],
)
def test_https_and_loopback_may_be_registered(uri):
    assert is_redirect(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://shop.example/callback",
        "http://localhost/callback",  # a name that a hosts file may send elsewhere
        "http://127.0.0.1.evil.example/",
        "https://user@shop.example/",
        "https://shop.example@evil.example/",
        "https://a@b@shop.example/",
        "https://shop.example/a@b",
        "https://shop.example/#fragment",
        "https://shop.example/a/../b",
        "https://shop.example/a/%2E%2E/b",
        "https://shop.example/a/..;/b",
        "https://shop.example/..",
        "https://shop.example:0/",
        "https://shop.example:65536/",
        "https://shop.example:/",
        "https://Shop.Example/",
        "https://shop_.example/",
        "https://-shop.example/",
        "https:///callback",
        "https:shop.example",
        "//shop.example/",
        "HTTPS://shop.example/",
        "https://shop.example/\\evil",
        "https://shop.example/ a",
        "https://shop.example/a%zz",
        "https://shop.example/a%2f",  # one spelling of an escape
        "https://shop.example/\n",
        "https://shöp.example/",
        "javascript:alert(1)",
        "https://shop.example/" + "a" * 500,
        "",
    ],
)
def test_what_two_parsers_may_read_in_two_ways_may_not(uri):
    assert not is_redirect(uri)
