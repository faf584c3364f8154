"""Each state has its words and its icon."""

from datetime import UTC, datetime, timedelta

import pytest

from policies.names import Basis, ConsentState
from policies.reasons import Reason
from portal import reasons, state

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FAR = NOW + timedelta(days=300)


def badge(which, *, until=None, decided=NOW):
    return state.consent(which, "en", decided=decided, until=until, now=NOW)


@pytest.mark.parametrize(
    ("which", "until", "words"),
    [
        (ConsentState.UNKNOWN, None, "Not answered yet"),
        (ConsentState.REQUESTED, None, "Not answered yet"),
        (ConsentState.DEFERRED, None, "Not answered yet"),
        (ConsentState.GIVEN, FAR, "Allowed until 27 September 2027"),
        (ConsentState.RENEWED, FAR, "Allowed until 27 September 2027"),
        (ConsentState.GIVEN, None, "Allowed"),
        (ConsentState.GIVEN, NOW + timedelta(days=30), "Ends soon: 31 December 2026"),
        (ConsentState.GIVEN, NOW, "Ended on 1 December 2026"),
        (ConsentState.REFUSED, NOW, "You said no on 1 December 2026"),
        (ConsentState.WITHDRAWN, NOW, "Stopped by you on 1 December 2026"),
        (ConsentState.EXPIRED, NOW, "Ended on 1 December 2026"),
        (ConsentState.REVOKED, NOW, "Stopped: the rules changed"),
        (ConsentState.INVALIDATED, NOW, "Stopped: was not valid"),
    ],
)
def test_a_state_is_said_in_words(which, until, words):
    assert badge(which, until=until).words == words


def test_every_state_and_basis_has_words_and_an_icon():
    found = [badge(one, until=FAR) for one in ConsentState]
    found += [state.basis(one, "en") for one in Basis if one is not Basis.CONSENT]
    assert all(one.words and one.icon and one.tone for one in found)


def test_every_reason_is_told_to_customers():
    said = [reasons.sentence(one.value, "en") for one in Reason]
    assert len(set(said)) == len(said)
    assert all("customer" not in one or one == "There was no such customer." for one in said)


def test_an_unknown_reason_is_shown_as_it_is():
    assert reasons.sentence("of-a-later-release", "en") == "of-a-later-release"
