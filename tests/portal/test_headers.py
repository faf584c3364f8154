"""Every answer of every way carries its headers."""

import re

import pytest

from portal.app import WAYS

# Headers do not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGES = (
    "/",
    "/sign-in",
    "/home",
    "/privacy",
    "/privacy/marketing?view=grid",
    "/who-looked",
    "/your-data",
    "/your-data/order",
    "/receipts",
    "/code",
    "/problems/busy",
    "/nowhere",
)

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; script-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
FILLED = {
    "{token}": "x" * 43,
    "{purpose}": "marketing",
    "{version}": "2026-11",
    "{code}": "busy",
    "{digest}": "0" * 12,
    "{name}": "ownship.css",
    "{receipt}": "x",
    "{package}": "x",
    "{sha256}": "0" * 64,
}


def filled(path):
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return path


def check(answer):
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "publickey-credentials-get=(self)" in answer.headers["permissions-policy"]
    assert "x-request-id" in answer.headers
    assert "strict-transport-security" not in answer.headers  # http on loopback


async def test_every_answer_has_the_headers(person):
    for way in WAYS:
        for method in ("GET", "HEAD", "POST", "PUT"):
            check(await person.http.request(method, filled(way.path)))


async def test_what_is_personal_is_kept_nowhere(person):
    for path in (
        "/",
        "/home",
        "/privacy",
        "/privacy/marketing",
        "/who-looked",
        "/your-data",
        "/your-data/order",
        "/receipts",
        "/nowhere",
    ):
        answer = await person.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers


async def test_no_page_holds_a_style_a_script_or_another_origin(person):
    for path in PAGES:
        page = (await person.get(path)).text
        for banned in ("<script", "<style", " style=", " onclick", "javascript:", " src="):
            assert banned not in page, (path, banned)
        assert not re.search(r"<input[^>]* (checked|selected)", page), path
