"""What calls say and answers write, apart from any route."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.reasons import Reason
from vault.api.calls import body_bytes, names_in, parameters, stamp, utc
from vault.api.fields import fields_of
from vault.core.errors import BadRequestError
from vault.services.ask import Answer, Opened, Withheld
from vault.services.deps import Deps

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DEPS = cast("Deps", SimpleNamespace(issuer="https://vault.example"))  # all that they need of it
AT = datetime(2026, 11, 1, 9, 30, 15, 999_999, tzinfo=UTC)


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),
        max_value=datetime(9998, 12, 31),
        timezones=st.one_of(st.just(UTC), ZONES),
    )
)
def test_a_time_in_an_answer_is_written_as_a_stamp(moment):
    assert orjson.loads(body_bytes({"at": utc(moment)})) == {"at": stamp(moment)}


def test_fields_say_since_when_and_whether_they_are_disputed_or_verified():
    east = AT.astimezone(timezone(timedelta(hours=2)))
    answer = Answer(
        opened=(
            Opened("contact.email", "a@example.org", "told", east, "clause"),
            Opened("contact.phone", None, "told", AT, "clause", disputed=AT, verified=east),
        ),
        withheld=(Withheld("loyalty.card", Reason.WITHDRAWN),),
        allowed=frozenset(),
        outside_token=False,
        version="",
        digest="",
        receipt="",
    )
    told = orjson.loads(body_bytes(fields_of(answer, "delivery", DEPS)))
    at = "2026-11-01T09:30:15Z"
    assert told["fields"] == {
        "contact.email": {"value": "a@example.org", "source": "told", "since": at},
        "contact.phone": {
            "value": None,
            "source": "told",
            "since": at,
            "disputed": True,
            "verified": at,
        },
    }
    (withheld,) = told["withheld"]
    assert withheld["field"] == "loyalty.card"
    assert withheld["how_to_ask"] == "https://vault.example/privacy/delivery"


@pytest.mark.parametrize(
    "raw",
    [
        b"purpose",
        b"purpose=",
        b"purpose=a&purpose=b",
        b"purpose=a&other=b",
        b"fields=a",
        b"purpose=%FF",
        b"purpose=\xff",
        b"purpose=a" * 1_000,
        b"",
    ],
)
def test_a_query_that_is_not_understood_is_refused_each_time(raw):
    for _ in range(2):
        with pytest.raises(BadRequestError):
            parameters(raw, needed=("purpose",), allowed=("fields",))


def test_what_one_call_knows_another_may_not():
    raw = b"purpose=a&limit=1"
    assert parameters(raw, needed=("purpose",), allowed=("limit",)) == {
        "purpose": "a",
        "limit": "1",
    }
    with pytest.raises(BadRequestError):
        parameters(raw, needed=("purpose",))
    with pytest.raises(BadRequestError):
        parameters(raw, needed=("purpose", "fields"), allowed=("limit",))


def test_what_was_understood_once_cannot_be_changed():
    found = parameters(b"purpose=a", needed=("purpose",))
    with pytest.raises(TypeError):
        found["purpose"] = "b"  # type: ignore[index]  # the point of the test
    assert parameters(b"purpose=a", needed=("purpose",)) == {"purpose": "a"}


def test_names_are_read_each_once():
    assert names_in({"fields": "a.b,c.d"}) == ("a.b", "c.d")
    assert names_in({}) is None
    for text in ("", "a.b,", "a.b,a.b", ",".join(f"a.{number}" for number in range(65))):
        for _ in range(2):
            with pytest.raises(BadRequestError):
                names_in({"fields": text})
