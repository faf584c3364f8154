"""Values and ids come out as people read them, and values exactly as they were told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import client
from portal.labels import Labels
from tests.vaults import RULEBOOK

LABELS = Labels(RULEBOOK, "en")
NAME = RULEBOOK.fields["contact.full_name"]


@pytest.mark.parametrize(
    ("field", "value", "lines"),
    [
        ("preferences.coffee", "flat_white", ("Flat white",)),
        ("preferences.topics", ["coffee", "offers"], ("Coffee", "Offers")),
        ("contact.birth_date", "1980-02-29", ("29 February 1980",)),
        ("contact.birth_date", "long ago", ("long ago",)),
        ("loyalty.points", 12, ("12",)),
        ("loyalty.points", True, ("Yes",)),
        ("preferences.coffee", "of_an_older_code", ("of_an_older_code",)),
    ],
)
def test_a_value_is_shown_as_people_say_it(field, value, lines):
    assert LABELS.lines(RULEBOOK.fields[field], value) == lines


@given(st.text())
def test_a_text_is_shown_exactly_as_it_was_told(text):
    assert LABELS.lines(NAME, text) == (text,)


def test_what_the_code_does_not_name_keeps_its_id():
    assert LABELS.of("gone.field") == "gone.field"
    assert LABELS.purpose("gone") == "gone"
    assert LABELS.app("gone") == "gone"


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", b"", "192.0.2.1"),
        ("192.0.2.1", b"203.0.113.9", "192.0.2.1"),  # not a proxy of ours: it may say anything
        ("10.0.0.1", b"203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", b"6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", b"", "10.0.0.1"),
        ("10.0.0.1", b"10.0.0.2", "10.0.0.1"),
        ("", b"203.0.113.9", ""),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(peer, forwarded, found):
    assert client.address(peer, forwarded, proxies=client.networks("10.0.0.0/8")) == found


@given(st.binary(max_size=300))
def test_a_device_is_one_of_a_fixed_list(user_agent):
    assert client.device(user_agent).count(" on ") == 1
