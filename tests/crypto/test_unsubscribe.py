"""A one-click link says what it stops to the vault alone, and cannot be made up."""

from uuid import UUID

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, service
from tests.crypto.vectors import load, raw
from vault.core.errors import NotReadyError, OpenError
from vault.core.ids import CustomerId
from vault.crypto import base64url, context
from vault.crypto.sealed import Box
from vault.crypto.service_key import subkey
from vault.crypto.unsubscribe import CHARACTERS, Kind, Link, open_link, seal_link

VECTORS = load("unsubscribe")
KEY = service("mail")
LINK = Link(CUSTOMER, Kind.MAILS, "reminders")


def keys(generation):
    if generation != 1:
        raise NotReadyError
    return KEY


def test_the_links_of_the_vectors_open():
    assert raw(VECTORS["key"]) == KEY.secret
    for one in VECTORS["links"]:
        customer = CustomerId(UUID(one["customer"]))
        assert open_link(keys, one["token"]) == Link(customer, Kind(one["kind"]), one["what"])


@pytest.mark.parametrize("what", ["reminders", "a", "a" * 98])
def test_a_link_opens_to_what_it_was_made_of(what):
    link = Link(CUSTOMER, Kind.PURPOSE, what)
    token = seal_link(KEY, link)
    assert len(token) == CHARACTERS
    assert open_link(keys, token) == link


def test_two_links_of_the_same_have_nothing_in_common():
    one, other = seal_link(KEY, LINK), seal_link(KEY, LINK)
    assert one[2:] != other[2:]
    assert sum(a == b for a, b in zip(one, other, strict=True)) < CHARACTERS / 4


def test_a_changed_link_does_not_open():
    token = seal_link(KEY, LINK)
    for place in range(CHARACTERS):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(OpenError):
            open_link(keys, changed)


@pytest.mark.parametrize("token", ["", "x", "x" * 192, "=" * 192, "A" * 191, "A" * 193, "é" * 192])
def test_a_made_up_link_does_not_open(token):
    with pytest.raises(OpenError):
        open_link(keys, token)


def test_a_link_of_another_vault_or_key_does_not_open():
    token = seal_link(KEY, LINK)
    for key in (service("mail", deployment=ELSEWHERE), service("mail", generation=2)):
        made = seal_link(key, LINK)
        with pytest.raises(OpenError):
            open_link(keys, made)
    with pytest.raises(OpenError):
        open_link(lambda _: service("mail", deployment=ELSEWHERE), token)


def test_a_link_of_no_known_kind_or_size_does_not_open():
    box = Box(subkey(KEY, b"ownship/unsubscribe-key/v1\0"))
    for plain in (bytes((9,)) + bytes(114), bytes((1,)) + bytes(113)):
        sealed = bytes((1,)) + box.seal(context.unsubscribe(DEPLOYMENT), plain)
        with pytest.raises(OpenError):
            open_link(keys, base64url.encode(sealed).ljust(CHARACTERS, "A")[:CHARACTERS])


@pytest.mark.parametrize("what", ["", "a" * 99, "a\0b"])
def test_a_name_without_a_place_is_refused(what):
    with pytest.raises(ValueError, match="98"):
        seal_link(KEY, Link(CUSTOMER, Kind.PURPOSE, what))
