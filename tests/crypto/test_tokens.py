import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import ELSEWHERE, service
from tests.crypto.vectors import load, raw
from vault.core.errors import BadRequestError, ConflictError, ForbiddenError, FormatError
from vault.crypto import base64url, tokens

VECTORS = load("tokens")
KEY = service("sessions")
CODE = VECTORS["code"]
LINK = VECTORS["link"]
NOTICE = VECTORS["notice"]
CURSOR = VECTORS["cursor"]


def test_a_token_is_kept_as_its_hash():
    assert tokens.token_hash(VECTORS["token_hash"]["token"]) == raw(VECTORS["token_hash"]["hash"])


def code_parts():
    return {
        "address": raw(CODE["address"]),
        "browser": CODE["browser"],
        "code": CODE["code"],
        "expires_ms": CODE["expires_ms"],
    }


def test_the_code_of_the_vectors_is_recognised():
    assert raw(VECTORS["key"]) == KEY.secret
    parts = code_parts()
    assert tokens.code_mac(KEY, **parts) == raw(CODE["mac"])
    assert tokens.check_code(KEY, raw(CODE["mac"]), **parts)


@pytest.mark.parametrize(
    "change",
    [
        {"address": bytes(17)},
        {"browser": "other"},
        {"code": "042818"},
        {"code": "42817"},
        {"expires_ms": CODE["expires_ms"] + 1},
    ],
    ids=repr,
)
def test_a_code_is_for_one_address_and_one_browser(change):
    parts = code_parts()
    assert not tokens.check_code(KEY, raw(CODE["mac"]), **(parts | change))
    assert not tokens.check_code(
        service("sessions", deployment=ELSEWHERE), raw(CODE["mac"]), **parts
    )
    assert not tokens.check_code(KEY, b"", **parts)


def test_an_address_that_is_no_index_is_refused():
    with pytest.raises(ValueError, match="17 bytes"):
        tokens.code_mac(KEY, address=b"ana@example.org", browser="b", code="1", expires_ms=0)


def link_mac(key=KEY, **changes):
    parts = {
        "address": raw(LINK["address"]),
        "asked": raw(LINK["asked"]),
        "link": LINK["link"],
        "customer": UUID(LINK["customer"]),
        "expires_ms": LINK["expires_ms"],
        "unbound": LINK["unbound"],
    }
    return tokens.link_mac(key, **(parts | changes))


def test_the_link_of_the_vectors_is_recognised():
    assert link_mac() == raw(LINK["mac"])
    assert link_mac(customer=None) == link_mac(customer=UUID(int=0))


@pytest.mark.parametrize(
    "change",
    [
        {"address": bytes(17)},
        {"asked": bytes(32)},
        {"link": "other"},
        {"customer": None},
        {"expires_ms": LINK["expires_ms"] + 1},
        {"unbound": True},
        {"key": service("sessions", deployment=ELSEWHERE)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_link_is_for_the_row_it_was_made_for(change):
    assert link_mac(**change) != raw(LINK["mac"])


@pytest.mark.parametrize(
    "change",
    [{"address": b"idx"}, {"asked": b"hash"}, {"expires_ms": -1}, {"expires_ms": 2**64}],
    ids=repr,
)
def test_a_row_that_no_link_can_have_is_refused(change):
    with pytest.raises(ValueError, match="17 bytes"):
        link_mac(**change)


def test_a_form_is_of_one_session_and_one_route():
    vector = VECTORS["csrf"]
    assert tokens.csrf(vector["session"], vector["form"]) == vector["csrf"]
    tokens.check_csrf(vector["session"], vector["form"], vector["csrf"])
    for session, form, token in (
        ("other", vector["form"], vector["csrf"]),
        (vector["session"], "/privacy/marketing", vector["csrf"]),
        (vector["session"], vector["form"], ""),
        (vector["session"], vector["form"], vector["csrf"] + "="),
        (vector["session"], vector["form"], "é"),
        (vector["session"], vector["form"], vector["session"]),
    ):
        with pytest.raises(ForbiddenError):
            tokens.check_csrf(session, form, token)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_other_text_is_a_forms_token(text):
    with pytest.raises(ForbiddenError):
        tokens.check_csrf("session", "form", text)


def test_a_lone_surrogate_is_wrong_and_no_error():
    parts = code_parts() | {"browser": "\ud800", "code": "\ud800"}
    assert not tokens.check_code(KEY, raw(CODE["mac"]), **parts)
    assert tokens.token_hash("\ud800") != tokens.token_hash("\ud801")
    with pytest.raises(ForbiddenError):
        tokens.check_csrf("\ud800", "form", "\ud800")
    with pytest.raises(ConflictError):
        tokens.read_notice_token(KEY, "\ud800", sign_in=bytes(32), now=0)
    with pytest.raises(BadRequestError):
        tokens.open_cursor(service("cursor"), "place", "\ud800")
    with pytest.raises(ConflictError):
        tokens.open_form(KEY, UUID(int=1), "\ud800")


def test_a_late_form_is_its_customers_alone():
    ana, eve = UUID(int=1), UUID(int=2)
    text = tokens.seal_form(KEY, ana, b"typed")
    assert tokens.open_form(KEY, ana, text) == b"typed"
    assert "typed" not in text
    for key, who, given_ in (
        (KEY, eve, text),
        (service("sessions", deployment=ELSEWHERE), ana, text),
        (KEY, ana, text[:-2] + ("AA" if text[-2:] != "AA" else "BB")),
        (KEY, ana, ""),
    ):
        with pytest.raises(ConflictError):
            tokens.open_form(key, who, given_)


def test_the_notice_of_the_vectors_was_served():
    sign_in, expires = raw(NOTICE["sign_in"]), NOTICE["expires"]
    made = tokens.notice_token(KEY, sign_in=sign_in, notice=NOTICE["notice"], expires=expires)
    assert made == NOTICE["token"]
    read = tokens.read_notice_token(KEY, made, sign_in=sign_in, now=expires - 1)
    assert read == NOTICE["notice"]


def test_a_notice_served_to_another_or_too_long_ago_is_refused():
    token, sign_in, expires = NOTICE["token"], raw(NOTICE["sign_in"]), NOTICE["expires"]
    there = service("sessions", deployment=ELSEWHERE)
    for key, text, who, now in (
        (KEY, token, bytes(32), expires - 1),
        (KEY, token, sign_in, expires),
        (there, token, sign_in, expires - 1),
        (KEY, token[:-4], sign_in, expires - 1),
        (KEY, "", sign_in, expires - 1),
        (KEY, "é", sign_in, expires - 1),
        (KEY, token + "=", sign_in, expires - 1),
        (KEY, ("B" if token[0] == "A" else "A") + token[1:], sign_in, expires - 1),
    ):
        with pytest.raises(ConflictError):
            tokens.read_notice_token(key, text, sign_in=who, now=now)


def test_no_later_expiry_can_be_written_into_a_notice_token():
    raw_token = bytearray(base64url.decode(NOTICE["token"]))
    raw_token[32] ^= 1  # the highest byte of the expiry
    with pytest.raises(ConflictError):
        tokens.read_notice_token(
            KEY, base64url.encode(bytes(raw_token)), sign_in=raw(NOTICE["sign_in"]), now=0
        )


def test_a_notice_is_named_by_its_digest():
    with pytest.raises(FormatError):
        tokens.notice_token(KEY, sign_in=bytes(32), notice="sha256", expires=1)


@pytest.mark.parametrize("case", VECTORS["dpop_nonces"], ids=lambda case: f"{case['role']}")
def test_nonces_are_those_of_the_vectors(case):
    made = tokens.dpop_nonce(service("nonce"), case["role"], case["slot"])
    assert made == case["nonce"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{27}", made)


def test_a_nonce_is_of_one_role_slot_and_deployment():
    made = {
        tokens.dpop_nonce(service("nonce"), "as", 1),
        tokens.dpop_nonce(service("nonce"), "rs", 1),
        tokens.dpop_nonce(service("nonce"), "rs", 2),
        tokens.dpop_nonce(service("nonce", deployment=ELSEWHERE), "rs", 1),
    }
    assert len(made) == 4


def test_a_slot_is_a_minute():
    assert [tokens.dpop_slot(now) for now in (0, 59, 60, 119)] == [0, 0, 1, 1]


def test_the_cursor_of_the_vectors_opens():
    opened = tokens.open_cursor(service("cursor"), CURSOR["place"], CURSOR["cursor"])
    assert opened.decode() == CURSOR["data"]


@given(st.text(max_size=20), st.binary(max_size=200))
def test_a_cursor_goes_on_where_it_was_given(place, data):
    text = tokens.seal_cursor(service("cursor"), place, data)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert tokens.open_cursor(service("cursor"), place, text) == data


def test_a_cursor_of_another_place_is_a_bad_request():
    text = CURSOR["cursor"]
    there = service("cursor", deployment=ELSEWHERE)
    for key, place, cursor in (
        (service("cursor"), "crm /api/v1/profiles", text),
        (there, CURSOR["place"], text),
        (service("cursor"), CURSOR["place"], text[:-2]),
        (service("cursor"), CURSOR["place"], text + "="),
        (service("cursor"), CURSOR["place"], ""),
        (service("cursor"), CURSOR["place"], "é"),
        (service("cursor"), CURSOR["place"], "A" * 2000),
    ):
        with pytest.raises(BadRequestError):
            tokens.open_cursor(key, place, cursor)
