"""Apps learn one reason for every kind of missing consent; people learn which it was."""

import pytest

from policies.model import ConsentState
from policies.reasons import OF_STATE, Reason, coarse, sentence


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_for_people(reason):
    assert sentence(reason).endswith(".")


def test_apps_cannot_tell_one_missing_consent_from_another():
    consent = [
        Reason.UNKNOWN_CUSTOMER,
        Reason.STANDING_BROKEN,
        Reason.NO_CLAUSE,
        Reason.NOT_RECIPIENT,
        Reason.NEVER_PURPOSE,
        Reason.NEVER_APP,
        Reason.NO_PROFILING,
        Reason.ASK_EACH_TIME,
        Reason.OBJECTED,
        Reason.PAUSED,
        Reason.CONSENT_BROKEN,
        Reason.NOT_TICKED,
        *OF_STATE.values(),
    ]
    assert {coarse(reason) for reason in consent} == {"no-basis"}


def test_the_other_reasons_keep_their_documented_names():
    assert coarse(Reason.NOT_TOLD) == "not-told"
    assert coarse(Reason.RESTRICTED) == "restricted"
    assert coarse(Reason.OUTSIDE_TOKEN) == "outside-token"
    assert coarse(Reason.NOT_REGISTERED) == "outside-token"
    assert coarse(Reason.UNKNOWN_FIELD) == "unknown-field"
    assert coarse(Reason.WRONG_SOURCE) == "wrong-source"


def test_only_given_and_renewed_have_no_reason_to_deny():
    assert set(ConsentState) - set(OF_STATE) == {ConsentState.GIVEN, ConsentState.RENEWED}
