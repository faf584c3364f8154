"""The ten states of a consent, and what leads from one to another."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import Allow, ConsentFact, Question, Situation, Terms, decide
from policies.model import (
    Action,
    ActorKind,
    Basis,
    Clause,
    ConsentState,
    Permission,
    Rulebook,
    Source,
)
from vault.core import consent
from vault.core.consent import ALLOWING, Consent, Event, Shown, transition
from vault.core.errors import ConflictError, UnknownFieldError, WrongValueError

S = ConsentState
NOW = 1_000_000
OFFERED = frozenset({"contact.email", "contact.phone", "person.name"})
NOTICE = Shown(code="c" * 64, shown="5" * 64, offered=OFFERED)
LATER = Shown(code="d" * 64, shown="6" * 64, offered=OFFERED)

# consent-standards note, 4: "leaves to" of each state, letter by letter.
LEAVES_TO = {
    S.UNKNOWN: {S.REQUESTED, S.GIVEN},
    S.REQUESTED: {S.DEFERRED, S.GIVEN, S.REFUSED},
    S.DEFERRED: {S.REQUESTED, S.GIVEN},
    S.GIVEN: {S.RENEWED, S.WITHDRAWN, S.EXPIRED, S.REVOKED},
    S.RENEWED: {S.RENEWED, S.WITHDRAWN, S.EXPIRED, S.REVOKED},
    S.REFUSED: {S.GIVEN},
    S.WITHDRAWN: {S.GIVEN},
    S.EXPIRED: {S.REQUESTED, S.GIVEN},
    S.REVOKED: {S.REQUESTED, S.GIVEN},
    S.INVALIDATED: {S.REQUESTED},
}
# The table names no way into invalidated but "authority, court, compliance finding", and says
# beneath it that fewer fields are a new given.
BESIDES = {(S.GIVEN, S.INVALIDATED), (S.RENEWED, S.INVALIDATED), (S.RENEWED, S.GIVEN)}


def consents(states=tuple(S)):
    return st.builds(
        Consent,
        purpose=st.just("marketing"),
        state=st.sampled_from(states),
        fields=st.frozensets(st.sampled_from(sorted(OFFERED)), min_size=1),
        from_ms=st.integers(0, NOW),
        until_ms=st.integers(0, 2 * NOW),
        code=st.just("c" * 64),
        shown=st.just("4" * 64),
    )


some_fields = st.frozensets(st.sampled_from(sorted(OFFERED)), min_size=1)


def a_consent(state=S.GIVEN, fields=OFFERED, *, until=2 * NOW):
    return Consent("marketing", state, frozenset(fields), 10, until, "c" * 64, "4" * 64)


def give(current, fields=OFFERED, *, now=NOW, until=2 * NOW, notice=NOTICE):
    return consent.give(
        current, "marketing", fields=frozenset(fields), notice=notice, now=now, until=until
    )


def take_over(current, fields=OFFERED, *, start=500, until=2 * NOW):
    return consent.take_over(
        current,
        "marketing",
        fields=frozenset(fields),
        evidence=NOTICE,
        start=start,
        now=NOW,
        until=until,
    )


def test_every_step_is_one_of_the_notes_table():
    taken = set()
    for state, event in product(S, Event):
        try:
            after = transition(state, event)
        except ConflictError:
            continue
        if after is not state:
            taken.add((state, after))
    allowed = {(state, after) for state, leaves in LEAVES_TO.items() for after in leaves}
    assert taken - allowed == BESIDES
    assert allowed - taken == {(S.RENEWED, S.RENEWED)}  # a step that changes no state


@pytest.mark.parametrize("event", [Event.WITHDRAWN, Event.LAPSED, Event.REVOKED, Event.INVALIDATED])
@pytest.mark.parametrize("state", S)
def test_what_subtracts_never_conflicts_and_never_allows(state, event):
    after = transition(state, event)
    assert after not in ALLOWING
    assert transition(after, event) is after


@pytest.mark.parametrize("state", set(S) - ALLOWING)
def test_only_a_decision_of_the_customer_leads_to_given(state):
    leading = {event for event in Event if _after(state, event) in ALLOWING}
    assert leading <= {Event.ALLOWED, Event.IMPORTED}
    if state in {S.REFUSED, S.WITHDRAWN, S.REVOKED, S.INVALIDATED}:
        assert Event.IMPORTED not in leading


def _after(state, event):
    try:
        return transition(state, event)
    except ConflictError:
        return None


def test_what_was_invalidated_is_asked_anew_before_it_is_given():
    with pytest.raises(ConflictError):
        transition(S.INVALIDATED, Event.ALLOWED)
    assert give(a_consent(S.INVALIDATED)).state is S.GIVEN  # its notice was served


@pytest.mark.parametrize("state", [S.UNKNOWN, S.EXPIRED, S.REVOKED, S.INVALIDATED])
def test_nobody_leaves_a_page_that_was_not_served(state):
    with pytest.raises(ConflictError):
        transition(state, Event.LEFT)


def a_rulebook():
    clause = Clause(OFFERED, frozenset({"mailer"}), frozenset(), Basis.CONSENT, profiling=False)
    return Rulebook(
        code=None,  # type: ignore[arg-type]  # decisions look at the tables alone
        document=b"",
        digest="c" * 64,
        clauses={("marketing", Action.READ): clause},
        sources=dict.fromkeys(OFFERED, frozenset({Source.TOLD})),
        fields={},
        interactions={},
        purposes={},
        recipients={},
    )


@given(consents())
def test_only_given_and_renewed_before_the_end_allow(one):
    fact = ConsentFact("marketing", one.state, one.fields, one.until_ms, intact=True)
    situation = Situation(
        known=True,
        intact=True,
        restricted=False,
        objections=frozenset(),
        terms=Terms(),
        consents={"marketing": fact},
        untold=frozenset(),
        now=NOW,
    )
    permissions = frozenset(Permission("marketing", Action.READ, name) for name in one.fields)
    question = Question(
        kind=ActorKind.APP,
        names=tuple(one.fields),
        app="mailer",
        purpose="marketing",
        registration=permissions,
        ceiling=permissions,
    )
    verdicts = decide(a_rulebook(), question, situation)
    holds = consent.state_at(one, now=NOW) in ALLOWING
    assert all(isinstance(verdict, Allow) is holds for verdict in verdicts.values())


def test_a_consent_ends_at_its_end_and_not_before():
    assert consent.state_at(a_consent(until=NOW + 1), now=NOW) is S.GIVEN
    assert consent.state_at(a_consent(until=NOW), now=NOW) is S.EXPIRED
    assert consent.state_at(a_consent(S.REFUSED, until=NOW), now=NOW) is S.REFUSED
    assert consent.state_at(None, now=NOW) is S.UNKNOWN


@given(st.none() | consents(), some_fields)
def test_giving_names_exactly_the_ticked_fields_and_the_notice_served(current, fields):
    after = give(current, fields)
    assert after.state in ALLOWING
    assert (after.fields, after.code, after.shown) == (fields, NOTICE.code, NOTICE.shown)
    assert (after.from_ms, after.until_ms) == (NOW, 2 * NOW)


def test_the_same_fields_before_the_end_are_a_renewal():
    assert give(a_consent()).state is S.RENEWED
    assert give(a_consent(S.RENEWED)).state is S.RENEWED


def test_fewer_or_more_fields_are_given_anew():
    fewer = OFFERED - {"person.name"}
    assert give(a_consent(), fewer).state is S.GIVEN
    assert give(a_consent(fields=fewer), OFFERED).state is S.GIVEN


def test_the_same_fields_after_the_end_are_given_anew():
    assert give(a_consent(until=NOW)).state is S.GIVEN


def test_a_field_that_the_notice_does_not_name_cannot_be_given():
    with pytest.raises(UnknownFieldError):
        give(None, {"contact.email", "health.diet"})


def test_giving_nothing_is_no_decision():
    with pytest.raises(WrongValueError):
        give(None, ())


@given(consents(), st.frozensets(st.sampled_from(["contact.email", "health.diet"])))
def test_withdrawing_never_shows_more_and_twice_is_once(one, fields):
    after = consent.withdraw(one, fields=fields, now=NOW)
    assert consent.withdraw(after, fields=fields, now=NOW + 5) == after
    allowed_before = one.fields if consent.state_at(one, now=NOW) in ALLOWING else frozenset()
    allowed_after = after.fields if consent.state_at(after, now=NOW) in ALLOWING else frozenset()
    assert allowed_after == (allowed_before - fields if fields else frozenset())
    assert after.until_ms <= one.until_ms or not allowed_after


def test_withdrawing_what_was_not_given_changes_nothing():
    refused = a_consent(S.REFUSED)
    assert consent.withdraw(refused, now=NOW) is refused
    given_ = a_consent(fields={"contact.email"})
    assert consent.withdraw(given_, fields=frozenset({"person.name"}), now=NOW) is given_


def test_withdrawing_some_fields_keeps_the_end_and_the_evidence_of_the_rest():
    after = consent.withdraw(a_consent(), fields=frozenset({"person.name"}), now=NOW)
    assert after.state is S.GIVEN
    assert after.fields == OFFERED - {"person.name"}
    assert (after.until_ms, after.code, after.shown) == (2 * NOW, "c" * 64, "4" * 64)


def refuse(current, fields=frozenset()):
    return consent.refuse(current, "marketing", fields=frozenset(fields), notice=LATER, now=NOW)


@given(st.none() | consents())
def test_refusing_never_conflicts_never_allows_and_twice_is_once(current):
    after = refuse(current)
    assert consent.state_at(after, now=NOW) not in ALLOWING
    assert refuse(after) is after


def test_a_refusal_names_the_whole_purpose_unless_it_says_otherwise():
    assert refuse(None).fields == OFFERED
    assert refuse(None, {"person.name", "health.diet"}).fields == {"person.name"}


def test_refusing_what_was_given_withdraws_it():
    assert refuse(a_consent()).state is S.WITHDRAWN
    some = refuse(a_consent(), {"person.name"})
    assert (some.state, some.fields) == (S.GIVEN, OFFERED - {"person.name"})


def test_evidence_counts_from_the_day_it_tells_of():
    after = take_over(None, start=500, until=NOW + 1)
    assert after == Consent("marketing", S.GIVEN, OFFERED, 500, NOW + 1, NOTICE.code, NOTICE.shown)


def test_evidence_that_ended_or_is_known_already_changes_nothing():
    assert take_over(None, until=NOW) is None
    assert take_over(a_consent(until=NOW), start=10) is None
    first = take_over(None)
    assert take_over(first) is None


def test_newer_evidence_follows_a_consent_that_ended():
    assert take_over(a_consent(until=NOW), start=600).state is S.GIVEN


@pytest.mark.parametrize("state", [S.REFUSED, S.WITHDRAWN, S.REVOKED, S.INVALIDATED])
def test_evidence_from_elsewhere_never_overrides_a_decision_made_here(state):
    with pytest.raises(ConflictError):
        take_over(a_consent(state))


def test_evidence_from_the_future_or_of_nothing_is_refused():
    with pytest.raises(WrongValueError):
        take_over(None, start=NOW + 1)
    with pytest.raises(WrongValueError):
        take_over(None, ())
    with pytest.raises(UnknownFieldError):
        take_over(None, {"health.diet"})


def test_giving_is_compare_and_set_on_the_epoch():
    assert consent.next_epoch(7, seen=7) == 8
    assert consent.next_epoch(7) == 8
    with pytest.raises(ConflictError):
        consent.next_epoch(8, seen=7)
